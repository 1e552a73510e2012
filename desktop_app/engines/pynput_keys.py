"""The talk key on Windows and macOS, where pynput sees every key: all but the chosen chord is dropped at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop_app.domain.key_chords import KeyChord
from desktop_app.errors import EnvironmentProblem

_MODIFIERS = {"ctrl": "<ctrl>", "alt": "<alt>", "shift": "<shift>", "super": "<cmd>"}


class PynputTalkKey:
    def listen(
        self, chord: KeyChord, pressed: Callable[[str], None], released: Callable[[], None]
    ) -> Callable[[], None]:
        from pynput import keyboard

        watch = _Watch(set(keyboard.HotKey.parse(hot_key(chord))), pressed, released)
        listener: Any = keyboard.Listener(
            on_press=lambda key: watch.down(listener.canonical(key)),
            on_release=lambda key: watch.up(listener.canonical(key)),
        )
        if not getattr(listener, "IS_TRUSTED", True):
            raise _not_allowed()
        listener.start()
        listener.wait()
        return lambda: listener.stop()


def hot_key(chord: KeyChord) -> str:
    """As pynput writes it: "<ctrl>+<alt>+<space>"."""
    held = [_MODIFIERS[name] for name in ("ctrl", "alt", "shift", "super") if name in chord.modifiers]
    return "+".join([*held, chord.key if len(chord.key) == 1 else f"<{chord.key}>"])


class _Watch:
    """Remembers which keys of the chord are down, and no other key."""

    def __init__(self, chord: set[Any], pressed: Callable[[str], None], released: Callable[[], None]) -> None:
        self._chord, self._pressed, self._released = chord, pressed, released
        self._held: set[Any] = set()
        self._active = False

    def down(self, key: Any) -> None:
        if key in self._chord:
            self._held.add(key)
        if self._held == self._chord and not self._active:
            self._active = True
            self._pressed("")

    def up(self, key: Any) -> None:
        self._held.discard(key)
        if self._active and key in self._chord:
            self._active = False
            self._released()


def _not_allowed() -> EnvironmentProblem:
    return EnvironmentProblem(
        "key.not_allowed",
        "The system does not let Stonechat notice a key while another program is in front.",
        remedy="Allow it in System Settings, Privacy & Security, Input Monitoring; switch the shortcut on again.",
    )
