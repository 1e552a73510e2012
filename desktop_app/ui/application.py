"""Brings up the window and runs it to its end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop_app.ui.appearance import Appearance
from desktop_app.ui.crash import CrashNet
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.single_window import SingleWindow
from desktop_app.ui.theme import Theme
from desktop_app.ui.usage.wiring import watch_use

if TYPE_CHECKING:
    from desktop_app.services.services import Services

FIRST_WINDOW_CALLED = 0


def application(argv: Sequence[str] = ()) -> QApplication:
    """The process's one QApplication, made when first asked for."""
    present = QApplication.instance()
    if isinstance(present, QApplication):
        return present
    app = QApplication([sys.argv[0], *argv])
    app.setApplicationName("Stonechat")
    app.setApplicationDisplayName("Stonechat")
    app.setDesktopFileName("stonechat")
    return app


def build_window(services: Services) -> MainWindow:
    """A window on these services, not shown and not filled yet: see `MainWindow.start`."""
    app = application()
    theme = Theme()
    window = MainWindow(services, theme, Appearance(services.preferences, theme, app))
    watch_use(window)
    return window


def run(services: Services, argv: Sequence[str] = ()) -> int:
    """Show the window until it is closed. Gives the exit code; the services stay the caller's."""
    app = application(argv)
    single = SingleWindow(services.places)
    if not single.claim():
        single.ring()
        return FIRST_WINDOW_CALLED
    window = build_window(services)
    net = CrashNet(window.workspace.notices.error)
    net.spread()
    single.raise_wanted.connect(window.raise_it)
    window.show()
    QTimer.singleShot(0, window.start)
    try:
        return app.exec()
    finally:
        net.fold()
        single.release()
