"""A card over the whole window, for the palette and the like: Escape or a click beside it closes it.

While it is open the keyboard belongs to it: Tab goes round inside, the window's shortcuts rest.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import give_focus_back, press_by_enter


class Overlay(QWidget):
    """Put the content into `card`; `width_steps` is its width on the grid, less where the window is narrow."""

    closed = Signal()

    def __init__(self, theme: Theme, window: QWidget, *, width_steps: int = 160) -> None:
        super().__init__(window)
        self._theme = theme
        self.behind = window
        self._width_steps = width_steps
        self._came_from: QWidget | None = None
        self.setProperty("kind", "scrim")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.card = QFrame(self)
        self.card.setProperty("kind", "overlay")
        self.column = QVBoxLayout(self.card)
        self.hide()
        window.installEventFilter(self)
        theme.changed.connect(self._place)

    def open(self) -> None:
        if self.isHidden():
            self._came_from = QApplication.focusWidget()
        self._place()
        self.show()
        self.raise_()

    def close_it(self) -> None:
        """Close and give the focus back."""
        if self.isHidden():
            return
        self.hide()
        came_from, self._came_from = self._came_from, None
        give_focus_back(came_from, self.behind)
        self.closed.emit()

    def _place(self) -> None:
        room = self.behind
        self.setGeometry(room.rect())
        edge = self._theme.space(6)
        width = min(self._theme.space(self._width_steps), room.width() - 2 * edge)
        top = max(edge, room.height() // 9)
        height = min(self.card.sizeHint().height(), room.height() - top - edge)
        self.card.setGeometry((room.width() - width) // 2, top, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing typed here reaches the window behind."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_it()
        else:
            press_by_enter(event)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_it()
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Round and round inside the card."""
        start = self.focusWidget() or self.card
        step = _beside(start, forward)
        while step is not None and step is not start:
            if self._takes_tab(step):
                step.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
                return True
            step = _beside(step, forward)
        return False

    def _takes_tab(self, widget: QWidget) -> bool:
        tabbed = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        return self.card.isAncestorOf(widget) and tabbed and widget.isVisibleTo(self) and widget.isEnabled()


def _beside(widget: QWidget, forward: bool) -> QWidget | None:
    return widget.nextInFocusChain() if forward else widget.previousInFocusChain()
