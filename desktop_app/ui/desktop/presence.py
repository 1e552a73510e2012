"""Keeps tray, talk key and start at login as the settings say, while the window is open. Loads each when wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.key_chords import read_chord
from desktop_app.errors import AppError
from desktop_app.settings import Settings
from desktop_app.ui.chat.lifetime import while_alive

if TYPE_CHECKING:
    from desktop_app.ui.desktop.tray import Tray
    from desktop_app.ui.main_window import MainWindow


class Presence(QObject):
    """`pressed(token)` and `released()` of the talk key arrive from its thread as signals."""

    _told = Signal(object)
    _pressed = Signal(str)
    _released = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._services = window.services
        self._preferences = window.services.preferences
        self._login_known = self._preferences.current.start_at_login
        self._chord = ""
        self._stop_key: Callable[[], None] | None = None
        self.tray: Tray | None = None
        self._told.connect(self._follow)
        self._pressed.connect(window.press_talk)
        self._released.connect(window.release_talk)
        self._unwatch = self._preferences.watch(self._told.emit)
        window.closing.connect(self.stop)

    def begin(self) -> None:
        """Once the window can be used. What the system knows about the login counts, not what was last chosen here."""
        self._follow(self._preferences.current)
        job = self._window.lanes.job("io", lambda _: self._services.login_start.is_on())
        job.finished.connect(while_alive(self, self._on_login_known))
        job.start()

    def stop(self) -> None:
        self._unwatch()
        self._end_key()
        self._show_tray(False)

    @property
    def keeps_running(self) -> bool:
        """Whether closing the window leaves Stonechat in the tray, which then must be there."""
        return self._preferences.current.close_to_tray and self.can_hide

    @property
    def can_hide(self) -> bool:
        """Whether a hidden window can be brought back from the tray."""
        return self.tray is not None and self.tray.is_there

    def say_where_it_is(self) -> None:
        if self.tray is not None:
            from desktop_app.ui.desktop.tray import tray_words

            self.tray.say(tray_words())

    def _follow(self, settings: Settings) -> None:
        self._show_tray(settings.tray_icon or settings.close_to_tray)
        wanted = settings.talk_key_chord if settings.talk_key else ""
        if wanted != self._chord:
            self._end_key()
            self._chord = wanted
            if wanted:
                self._take_key(wanted)
        if settings.start_at_login != self._login_known:
            self._change_login(settings.start_at_login)

    # -- tray ----------------------------------------------------------------------------------------------------

    def _show_tray(self, wanted: bool) -> None:
        if wanted and self.tray is None:
            from desktop_app.ui.desktop.tray import Tray

            self.tray = Tray(self._window.actions_registry, self)
        elif not wanted and self.tray is not None:
            self.tray.take_away()
            self.tray = None

    # -- talk key ------------------------------------------------------------------------------------------------

    def _take_key(self, wanted: str) -> None:
        """In a lane: the desktop may ask the person first."""
        key, pressed, released = self._services.talk_key, self._pressed.emit, self._released.emit
        job = self._window.lanes.job("io", lambda _: key.listen(read_chord(wanted), pressed, released))
        job.finished.connect(while_alive(self, lambda stop: self._on_key(wanted, stop)))
        job.failed.connect(while_alive(self, lambda error: self._on_no_key(wanted, error)))
        job.start()

    def _on_key(self, wanted: str, stop: Callable[[], None]) -> None:
        if wanted == self._chord:
            self._stop_key = stop
        else:  # changed meanwhile
            stop()

    def _on_no_key(self, wanted: str, error: AppError) -> None:
        """Switched off again, so that the settings say what is."""
        if wanted == self._chord:
            self._chord = ""
            self._window.change_setting(talk_key=False)
        self._window.workspace.notices.error(error)

    def _end_key(self) -> None:
        stop, self._stop_key = self._stop_key, None
        if stop is not None:
            stop()

    # -- login ---------------------------------------------------------------------------------------------------

    def _on_login_known(self, on: bool) -> None:
        self._login_known = on
        if self._preferences.current.start_at_login != on:
            self._window.change_setting(start_at_login=on)

    def _change_login(self, on: bool) -> None:
        before, self._login_known = self._login_known, on
        login = self._services.login_start
        job = self._window.lanes.job("io", lambda _: login.turn(on))
        job.failed.connect(while_alive(self, lambda error: self._on_login_failed(before, error)))
        job.start()

    def _on_login_failed(self, before: bool, error: AppError) -> None:
        self._login_known = before
        self._window.change_setting(start_at_login=before)
        self._window.workspace.notices.error(error)
