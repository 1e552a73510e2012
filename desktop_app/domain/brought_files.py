"""What a file that somebody brings may be for, by its name alone. What is in it is looked at by whoever opens it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal

FileKind = Literal["picture", "sound", "model", "other"]
SUFFIXES: dict[FileKind, tuple[str, ...]] = {
    "picture": (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"),
    "sound": (".wav", ".wave", ".mp3", ".ogg", ".oga", ".opus", ".flac", ".m4a", ".aac"),
    "model": (".gguf",),
}
"""Of the sounds only WAV is read; the others are told apart so that the right sentence is said."""


def kind_of_file(name: str) -> FileKind:
    suffix = PurePath(name).suffix.lower()
    return next((kind for kind, suffixes in SUFFIXES.items() if suffix in suffixes), "other")
