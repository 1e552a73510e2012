"""What a window manager does and the offscreen platform leaves out: a window that goes leaves the keyboard to another.

Without it no shortcut works any more once a dialog was open.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget


def hand_on_the_keyboard() -> None:
    """To the dialog that is open, or else the window, when nobody has it."""
    if QGuiApplication.focusWindow() is None and QApplication.activePopupWidget() is None:
        heir = QApplication.activeModalWidget() or _window()
        if heir is not None:
            heir.activateWindow()


def _window() -> QWidget | None:
    shown = (one for one in QApplication.topLevelWidgets() if one.isVisible())
    return next((one for one in shown if one.windowType() == Qt.WindowType.Window), None)
