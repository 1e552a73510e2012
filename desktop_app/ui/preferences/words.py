"""Text settings: one line or several. What was written counts when the field is left, or after a pause."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow

PAUSE_MS = 800
LINES_STEPS = 28


class Line(QLineEdit):
    chosen = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.editingFinished.connect(lambda: self.chosen.emit(self.text()))

    def show_value(self, value: str) -> None:
        if value != self.text():
            self.setText(value)


class Lines(QPlainTextEdit):
    """Tab leaves it."""

    chosen = Signal(object)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "field")
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._say)
        self.textChanged.connect(self._pause.start)
        follow(theme, self, lambda: self.setFixedHeight(theme.space(LINES_STEPS)))

    def show_value(self, value: str) -> None:
        if value != self.toPlainText():
            self.setPlainText(value)
            self._pause.stop()

    def _say(self) -> None:
        self._pause.stop()
        self.chosen.emit(self.toPlainText())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._pause.isActive():
            self._say()
