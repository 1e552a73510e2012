"""A picture of the screen, where the platform lets an application take one."""

from __future__ import annotations

import os
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

HIDE_MS = 300
_PLATFORMS = ("xcb", "windows", "cocoa")


def can_take_screenshot() -> bool:
    """Wayland shows applications nothing but themselves."""
    wayland = bool(os.environ.get("WAYLAND_DISPLAY"))
    return QGuiApplication.platformName() in _PLATFORMS and not wayland


def take_screenshot(window: QWidget, then: Callable[[QImage], None]) -> None:
    """Hide `window`, take its screen, show it again; `then` gets the picture, a null one when it was refused."""
    screen = window.screen()
    window.hide()

    def take() -> None:
        image = screen.grabWindow(0).toImage()
        window.show()
        window.activateWindow()
        then(image)

    QTimer.singleShot(HIDE_MS, window, take)
