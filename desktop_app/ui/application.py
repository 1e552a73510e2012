"""Brings up the window and runs it to its end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from desktop_app.errors import AppError
from desktop_app.files import disk_errors
from desktop_app.paths import Places
from desktop_app.services.preferences import Preferences
from desktop_app.settings import SettingsFile
from desktop_app.ui.appearance import Appearance
from desktop_app.ui.crash import CrashNet
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.refusal import Refusal
from desktop_app.ui.single_window import SingleWindow
from desktop_app.ui.theme import Theme
from desktop_app.ui.usage.wiring import watch_use
from desktop_app.ui.window_call import Call

if TYPE_CHECKING:
    from desktop_app.services.services import Services

FIRST_WINDOW_CALLED = 0


class _Application(QApplication):
    """On macOS files come as events: `files_opened(tuple of Path)`."""

    files_opened = Signal(object)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            self.files_opened.emit((Path(event.file()),))
            return True
        return super().event(event)


def application(argv: Sequence[str] = ()) -> QApplication:
    """The process's one QApplication, made when first asked for."""
    present = QApplication.instance()
    if isinstance(present, QApplication):
        return present
    app = _Application([sys.argv[0], *argv])
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


def open_window(places: Places, build: Callable[[], Services], said: Call, *, background: bool = False) -> int:
    """Show the window until it is closed, or hand `said` to the one that is open. Gives the exit code.

    `background`: stay out of the way, in the tray or as an icon. What keeps the services from being built is shown in a
    window too, before it is raised: whoever starts from an icon sees no terminal.
    """
    app = application()
    single = SingleWindow(places)
    try:
        with disk_errors(places.data):
            places.create()
        if not single.claim_or_call(said):
            return FIRST_WINDOW_CALLED
        services = build()
    except AppError as error:
        single.release()
        refuse(error, places)
        raise
    try:
        return _run(app, services, single, said, background=background)
    finally:
        services.close()
        single.release()


def _run(app: QApplication, services: Services, single: SingleWindow, said: Call, *, background: bool) -> int:
    window = build_window(services)
    net = CrashNet(window.workspace.notices.error)
    net.spread()
    single.called.connect(window.answer_call)
    if isinstance(app, _Application):
        app.files_opened.connect(window.take_files)
    window.closed.connect(app.quit)
    app.setQuitOnLastWindowClosed(False)  # a hidden window is not the end
    app.commitDataRequest.connect(lambda _: window.prepare_to_leave())
    window.showMinimized() if background else window.show()
    QTimer.singleShot(0, window.start)
    QTimer.singleShot(0, single.listen)
    QTimer.singleShot(0, window, lambda: _settle(window, said, background=background))
    try:
        return app.exec()
    finally:
        net.fold()


def _settle(window: MainWindow, said: Call, *, background: bool) -> None:
    window.live_on_desktop(hidden=background)
    if said != Call(token=said.token):
        window.answer_call(said)


def refuse(error: AppError, places: Places) -> None:
    """Say in a window of its own why there is none, and wait until it was read."""
    app, theme = application(), Theme()
    appearance = Appearance(Preferences(SettingsFile(places.settings)), theme, app)
    Refusal(error, theme).exec()
    appearance.stop()
