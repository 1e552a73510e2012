"""A key with the modifiers that go with it, as people write it: "Ctrl+Alt+Space"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desktop_app.errors import UserCanFix

Modifier = Literal["ctrl", "alt", "shift", "super"]
_MODIFIERS: dict[str, Modifier] = {
    "ctrl": "ctrl", "control": "ctrl", "alt": "alt", "option": "alt", "shift": "shift", "super": "super",
    "meta": "super", "win": "super", "cmd": "super", "command": "super",
}  # fmt: skip
_NAMED = ("space", "pause", "insert", "home", "end", "menu", "tab")
_FUNCTION = tuple(f"f{number}" for number in range(1, 25))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChord:
    """`key`: a letter or digit, "space", "pause", "insert", "home", "end", "menu", "tab" or "f1" to "f24"."""

    modifiers: frozenset[Modifier]
    key: str

    def __str__(self) -> str:
        held = [name.title() for name in ("ctrl", "alt", "shift", "super") if name in self.modifiers]
        return "+".join([*held, self.key.title()])


def read_chord(text: str) -> KeyChord:
    """Raises UserCanFix("key.not_understood")."""
    *held, key = [part.strip().casefold() for part in text.split("+")]
    known = len(key) == 1 and key.isascii() and key.isalnum()
    if not (known or key in _NAMED or key in _FUNCTION) or any(part not in _MODIFIERS for part in held):
        raise _not_understood(text)
    modifiers = frozenset(_MODIFIERS[part] for part in held)
    if not modifiers - {"shift"} and key not in (*_FUNCTION, "pause"):
        raise _not_understood(text)  # it would take the key away from every other program
    return KeyChord(modifiers=modifiers, key=key)


def _not_understood(text: str) -> UserCanFix:
    return UserCanFix(
        "key.not_understood",
        f"“{text}” cannot be the shortcut for talking.",
        remedy="Write one like Ctrl+Alt+Space: Ctrl, Alt or Super with a letter, a digit or Space, or F1 to F24.",
    )
