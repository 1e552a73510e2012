"""Writing the better answer, in the answer's place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label

LINES = (4, 16)


class BetterEditor(QFrame):
    """`done(text)`: keep it; `left()`: leave everything as it was. Ctrl+Enter and Escape do the same."""

    done = Signal(str)
    left = Signal()

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "edit_box")
        self.setAccessibleName(self.tr("Write the better answer"))
        self.editor = QPlainTextEdit(text, self)
        self.editor.setProperty("kind", "bare")
        self.editor.setTabChangesFocus(True)
        self.editor.setAccessibleName(self.tr("The answer as it should be"))
        lines = min(LINES[1], max(LINES[0], text.count("\n") + len(text) // 80 + 2))
        self.editor.setFixedHeight(self.editor.fontMetrics().lineSpacing() * lines)
        self.editor.installEventFilter(self)
        row = FlowLayout(spacing=theme.space(2))
        self._save = button(self.tr("Keep the better answer"), "primary", self._keep, parent=self)
        row.addWidget(self._save)
        row.addWidget(button(self.tr("Cancel"), "ghost", self.left.emit, parent=self))
        self.editor.textChanged.connect(lambda: self._save.setEnabled(bool(self.text.strip())))
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(3),) * 4)
        column.setSpacing(theme.space(2))
        column.addWidget(label(self.tr("Change what should be different."), "meta", wrap=True))
        column.addWidget(self.editor)
        column.addLayout(row)

    @property
    def text(self) -> str:
        return self.editor.toPlainText()

    def begin(self) -> None:
        self.editor.setFocus()

    def _keep(self) -> None:
        if self.text.strip():
            self.done.emit(self.text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.left.emit()
                return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._keep()
                return True
        return super().eventFilter(watched, event)
