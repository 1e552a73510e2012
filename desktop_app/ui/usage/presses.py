"""Notices presses of the mouse: on what, how often, and whether anything came of it.

Looks at the events of the native window only, a few hundred a second at most, not at every event of every widget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from desktop_app.domain.behaviour import DEAD_S
from desktop_app.ui.usage.surfaces import surface_of

if TYPE_CHECKING:
    from desktop_app.services.usage_watch import UsageWatch

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)
REPEATED = (QAbstractSlider, QAbstractSpinBox, QLineEdit, QPlainTextEdit, QTextEdit)
"""Pressed often on purpose: steppers, and text, where two and three presses select."""
AREA_PX = 24
REACTIONS = (QEvent.Type.Paint, QEvent.Type.FocusIn, QEvent.Type.Hide, QEvent.Type.DeferredDelete)


class Presses(QObject):
    """Attach and detach as often as recording starts and stops."""

    def __init__(self, window: QMainWindow, watch: UsageWatch) -> None:
        super().__init__(window)
        self._window, self._watch = window, watch
        self._native: QObject | None = None
        self._pressed: QWidget | None = None
        self._surface = ""
        self._reacted = False
        self._patience = QTimer(self, singleShot=True, interval=int(DEAD_S * 1000))
        self._patience.timeout.connect(self._look)

    def attach(self) -> None:
        native = self._window.windowHandle()
        if self._native is None and native is not None:
            self._native = native
            native.installEventFilter(self)

    def detach(self) -> None:
        if self._native is not None and isValid(self._native):
            self._native.removeEventFilter(self)
        self._native = None
        self._patience.stop()
        self._let_go()

    def reacted(self) -> None:
        """Something happened: the last press was not in vain."""
        self._reacted = True

    def press(self, at: QPoint) -> None:
        """A press of the first button, in the window's own coordinates."""
        target = self._window.childAt(at)
        control = _control(target)
        self._surface = surface_of(target, self._watch.page)
        if control is None:
            if target is not None and target.cursor().shape() != Qt.CursorShape.IBeamCursor:
                self._watch.pressed((self._surface, at.x() // AREA_PX, at.y() // AREA_PX), self._surface)
            return
        if not isinstance(control, REPEATED) and not control.property("repeated"):
            self._watch.pressed(id(control), self._surface)
        self._follow(control)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._native and kind == QEvent.Type.MouseButtonPress:
            if isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton:
                self.press(event.position().toPoint())
        elif watched is self._pressed and kind in REACTIONS:
            self._reacted = True
        return False

    def _follow(self, control: QWidget) -> None:
        """The next press comes before the last one could be judged: then it never is."""
        if control is not self._pressed:
            self._let_go()
            self._pressed, self._reacted = control, False
            control.installEventFilter(self)
        self._patience.start()

    def _look(self) -> None:
        """Half a second has passed since the last press."""
        control = self._pressed
        self._let_go()
        if control is not None and isValid(control) and not self._reacted:
            self._watch.pressed_in_vain(self._surface, enabled=control.isEnabled())

    def _let_go(self) -> None:
        if self._pressed is not None and isValid(self._pressed):
            self._pressed.removeEventFilter(self)
        self._pressed = None


def _control(widget: QWidget | None) -> QWidget | None:
    """The control that a widget is, or is a part of."""
    while widget is not None and not widget.isWindow():
        if isinstance(widget, CONTROLS):
            return widget
        widget = widget.parentWidget()
    return None
