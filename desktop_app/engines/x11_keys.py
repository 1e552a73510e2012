"""The talk key under X11: the server is asked for this one key and tells of no other. Wraps python-xlib."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from desktop_app.domain.key_chords import KeyChord
from desktop_app.errors import EnvironmentProblem, UserCanFix

REPEAT_S = 0.03
"""A key that is held goes up and down again within this time: that is no letting go."""
_NAMES = {
    "space": "space",
    "pause": "Pause",
    "insert": "Insert",
    "home": "Home",
    "end": "End",
    "menu": "Menu",
    "tab": "Tab",
}


class X11TalkKey:
    def listen(
        self, chord: KeyChord, pressed: Callable[[str], None], released: Callable[[], None]
    ) -> Callable[[], None]:
        return _Grab(chord, pressed, released).stop


class _Grab:
    """One key, on a connection to the X server of its own."""

    def __init__(self, chord: KeyChord, pressed: Callable[[str], None], released: Callable[[], None]) -> None:
        self._pressed, self._released = pressed, released
        self._display = _open()
        self._wake_in, self._wake_out = os.pipe()
        try:
            self._take(chord)
        except BaseException:
            self._close()
            raise
        self._thread = threading.Thread(target=self._run, name="talk-key", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Safe to call twice."""
        if self._thread.is_alive():
            with suppress(OSError):
                os.write(self._wake_out, b".")
            self._thread.join()

    def _take(self, chord: KeyChord) -> None:
        """Also while Caps Lock or Num Lock is on, which X counts as other chords."""
        from Xlib import XK, X, error

        name = _NAMES.get(chord.key, chord.key.upper() if len(chord.key) > 1 else chord.key)
        code = self._display.keysym_to_keycode(XK.string_to_keysym(name))
        if not code:
            raise _no_such_key(chord)
        masks = {"ctrl": X.ControlMask, "alt": X.Mod1Mask, "shift": X.ShiftMask, "super": X.Mod4Mask}
        mask = sum(masks[each] for each in chord.modifiers)
        taken = error.CatchError(error.BadAccess)
        for lock in (0, X.LockMask, X.Mod2Mask, X.LockMask | X.Mod2Mask):
            root = self._display.screen().root
            root.grab_key(code, mask | lock, False, X.GrabModeAsync, X.GrabModeAsync, onerror=taken)
        self._display.sync()
        if taken.get_error():
            raise _taken(chord)

    def _run(self) -> None:
        from Xlib import X, error

        down = False
        try:
            while (event := self._next()) is not None:
                if event.type == X.KeyPress and not down:
                    down = True
                    self._pressed("")
                elif event.type == X.KeyRelease and down and not self._repeats(event):
                    down = False
                    self._released()
        except (error.ConnectionClosedError, OSError):
            if down:
                self._released()
        finally:
            self._close()

    def _next(self, within_s: float | None = None) -> Any:
        """The next event; None when it is time to end, or when there is none `within_s`."""
        while not self._display.pending_events():
            ready, *_ = select.select([self._display, self._wake_in], [], [], within_s)
            if not ready or self._wake_in in ready:
                return None
        return self._display.next_event()

    def _repeats(self, release: Any) -> bool:
        from Xlib import X

        following = self._next(REPEAT_S)
        if following is None and select.select([self._wake_in], [], [], 0)[0]:
            return False
        return bool(following is not None and following.type == X.KeyPress and following.detail == release.detail)

    def _close(self) -> None:
        from Xlib import error

        with suppress(error.ConnectionClosedError, OSError):
            self._display.close()
        for end in (self._wake_in, self._wake_out):
            os.close(end)


def _open() -> Any:
    from Xlib import display, error

    name = os.environ.get("DISPLAY", "")
    try:
        return display.Display(f"unix/{name}" if name.startswith(":") else name)  # else it would try TCP too
    except (error.DisplayError, error.XauthError, OSError) as problem:
        raise EnvironmentProblem(
            "key.no_display",
            "The screen could not be asked for a shortcut.",
            remedy="Set a shortcut that runs “stonechat run --talk” in the desktop's own settings instead.",
            detail=str(problem),
        ) from problem


def _taken(chord: KeyChord) -> UserCanFix:
    return UserCanFix(
        "key.taken",
        f"Another program already has {chord} for itself.",
        remedy="Choose another shortcut in the settings.",
    )


def _no_such_key(chord: KeyChord) -> UserCanFix:
    return UserCanFix(
        "key.not_there",
        f"This keyboard has no key for {chord}.",
        remedy="Choose another shortcut in the settings.",
    )
