"""A line to search with: a glass in front, a cross to empty it, Escape empties it too."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow, icon_button, picture

ICON_STEPS = 4.5


class SearchField(QLineEdit):
    """`down_wanted`: the person wants to go to the results."""

    down_wanted = Signal()

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        self._glass = picture(theme, "magnifying-glass", "text_muted", ICON_STEPS, self)
        self._glass.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._cross = icon_button(self.tr("Empty the search"), "x", theme, self.clear, parent=self)
        self._cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Escape does the same
        self._cross.setCursor(Qt.CursorShape.ArrowCursor)
        self._cross.hide()
        self.textChanged.connect(lambda text: self._cross.setVisible(bool(text)))
        follow(theme, self, self._place)

    def _place(self) -> None:
        edge, side = self._theme.space(2), self._glass.width()
        cross = self._cross.sizeHint().boundedTo(self.size())
        self.setTextMargins(side + edge, 0, cross.width(), 0)
        self._glass.move(edge, (self.height() - side) // 2)
        right = self.width() - cross.width() - 3
        self._cross.setGeometry(right, (self.height() - cross.height()) // 2, cross.width(), cross.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent) -> bool:
        """Escape belongs to the field as long as there is something in it."""
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and event.key() == Qt.Key.Key_Escape and self.text():  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.down_wanted.emit()
        else:
            super().keyPressEvent(event)
