"""Pictures that people bring: checked and redrawn in a child process, stored once under their hash."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from desktop_app.domain.generation import ModelAbilities
from desktop_app.domain.messages import Picture
from desktop_app.domain.pictures import MAX_FILE_BYTES, Evidence, PictureCost
from desktop_app.errors import UserCanFix
from desktop_app.files import disk_errors, sync_folder
from desktop_app.paths import Places
from desktop_app.ports import CancelToken, PictureDecoder, PictureReader
from desktop_app.services.history import History

READER = "reader-1"
_FIRST_GUESS_S = 2.0
_LONGEST_NAME = 80


class Eyes(PictureReader, PictureDecoder, Protocol):
    """Reads and decodes: one engine, in one child."""


class AttachmentService:
    def __init__(
        self, places: Places, history: History, reader: Eyes, abilities: Callable[[], ModelAbilities | None]
    ) -> None:
        self._places = places
        self._history = history
        self._reader = reader
        self._abilities = abilities
        self._seconds = _FIRST_GUESS_S

    def accept(self, path: Path) -> Picture:
        """Take a file in. Raises UserCanFix("picture.*") with the reason and a remedy."""
        try:
            if not path.is_file():  # a pipe or a device would never end
                raise FileNotFoundError(f"not a file: {path}")
            with path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise UserCanFix(
                "picture.not_found",
                f"“{shown_name(path.name)}” could not be opened.",
                remedy="Check that the file is there and that you may read it.",
                detail=str(error),
            ) from error
        return self.accept_bytes(data, path.name)

    def accept_bytes(self, data: bytes, name: str) -> Picture:
        """Take bytes in, from the clipboard or a screenshot. Raises UserCanFix("picture.*")."""
        name = shown_name(name)
        if not data:
            raise UserCanFix("picture.empty", f"“{name}” is empty.", remedy="Choose a file that has something in it.")
        if len(data) > MAX_FILE_BYTES:
            raise _too_large(name)
        png, width, height = self._reader.decode(data, name)
        sha256 = hashlib.sha256(png).hexdigest()
        self._store(self.file(sha256), png)
        picture = Picture(sha256=sha256, width=width, height=height, name=name)
        self._history.keep_picture(picture, len(png))
        return picture

    def file(self, sha256: str) -> Path:
        """Where the picture with this hash is (or would be) stored."""
        return self._places.pictures / sha256[:2] / f"{sha256}.png"

    def cost(self, picture: Picture) -> PictureCost:
        """Before it is sent: the size that will be seen, and about what it takes: tokens of a model that sees,
        else the reader's seconds (a running mean)."""
        abilities = self._abilities()
        if abilities is not None and abilities.sees_pictures:
            side, tokens = abilities.picture_side, abilities.tokens_of(picture.width, picture.height)
            return PictureCost(
                width=side or picture.width, height=side or picture.height, tokens=tokens, seen_by="model"
            )
        return PictureCost(width=picture.width, height=picture.height, seconds=self._seconds, seen_by="reader")

    def evidence(self, picture: Picture, cancel: CancelToken) -> Evidence:
        """What the reader finds, kept for the next time. Raises Cancelled, AppError."""
        kept = self._history.evidence(picture.sha256, READER)
        if kept is not None:
            return kept
        started = time.monotonic()
        found = self._reader.read(self.file(picture.sha256), cancel)
        self._seconds += (time.monotonic() - started - self._seconds) / 4
        self._history.keep_evidence(picture.sha256, READER, found)
        return found

    def forget(self, sha256s: tuple[str, ...]) -> None:
        """Remove stored pictures that no message uses any more."""
        for sha256 in sha256s:
            with disk_errors(self._places.pictures):
                self.file(sha256).unlink(missing_ok=True)

    def _store(self, path: Path, png: bytes) -> None:
        """Write once, atomically, for the owner only."""
        if path.exists():
            return
        with disk_errors(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
            part = Path(name)
            try:
                with os.fdopen(handle, "wb") as out:
                    out.write(png)
                    out.flush()
                    os.fsync(out.fileno())
                part.replace(path)
                sync_folder(path.parent)
            finally:
                part.unlink(missing_ok=True)


def shown_name(name: str) -> str:
    """A file name fit to be shown: no control or direction characters, not endless."""
    kept = "".join(char for char in name if unicodedata.category(char)[0] != "C").strip() or "picture"
    return kept if len(kept) <= _LONGEST_NAME else kept[: _LONGEST_NAME - 1] + "…"


def _too_large(name: str) -> UserCanFix:
    return UserCanFix(
        "picture.too_large",
        f"“{shown_name(name)}” is too large.",
        remedy=f"Choose a file under {MAX_FILE_BYTES // 1024**2} MB.",
    )
