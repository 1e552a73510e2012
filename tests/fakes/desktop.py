"""The rest of the desktop, for tests: a talk key that is pressed by hand, a login that remembers."""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.domain.key_chords import KeyChord
from desktop_app.errors import AppError


class HandTalkKey:
    """TalkKey. `chord` is what is listened to now, None for nothing."""

    def __init__(self) -> None:
        self.chord: KeyChord | None = None
        self.fail: AppError | None = None
        self.press: Callable[[str], None] = lambda token: None
        self.release: Callable[[], None] = lambda: None

    def listen(
        self, chord: KeyChord, pressed: Callable[[str], None], released: Callable[[], None]
    ) -> Callable[[], None]:
        if self.fail:
            raise self.fail
        self.chord, self.press, self.release = chord, pressed, released
        return self._stop

    def _stop(self) -> None:
        self.chord = None


class RememberedLogin:
    """LoginStart."""

    def __init__(self) -> None:
        self.on = False
        self.fail: AppError | None = None

    def is_on(self) -> bool:
        return self.on

    def turn(self, on: bool) -> None:
        if self.fail:
            raise self.fail
        self.on = on
