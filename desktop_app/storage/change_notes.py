"""The log of what changed: the person's notes in `changes.json`, and those that ship with Stonechat."""

from __future__ import annotations

import json
import logging
import secrets
import threading
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from desktop_app.domain.insights import Change
from desktop_app.errors import UserCanFix
from desktop_app.files import disk_errors, sync_file

MOST_CHARACTERS = 500
_log = logging.getLogger(__name__)


class ChangeNotes:
    """Few and short; the whole file is written at every change, atomically."""

    def __init__(self, path: Path, shipped: Path) -> None:
        self._path, self._shipped = path, shipped
        self._lock = threading.Lock()

    def all(self) -> tuple[Change, ...]:
        """The person's and the project's, newest first."""
        found = [*self._own(), *self._team()]
        return tuple(sorted(found, key=lambda change: change.day, reverse=True))

    def add(self, day: date, text: str) -> Change:
        """Raises UserCanFix for nothing written, AppError when it cannot be kept."""
        words = " ".join(text.split())[:MOST_CHARACTERS]
        if not words:
            raise UserCanFix("usage.empty_note", "This note has no words.", remedy="Write what was changed, and why.")
        change = Change(day=day, text=words, id=secrets.token_hex(6))
        with self._lock:
            self._write([*self._own(), change])
        return change

    def remove(self, id_: str) -> None:
        """A note of the person. One that is gone already is fine. Raises AppError."""
        with self._lock:
            self._write([change for change in self._own() if change.id != id_])

    def _own(self) -> list[Change]:
        try:
            raw = json.loads(self._path.read_text(encoding="utf-8"))
            return [_change(each) for each in raw["changes"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("the log of changes could not be read: %s", error)
            return []

    def _team(self) -> list[Change]:
        if not self._shipped.exists():
            return []
        raw = tomllib.loads(self._shipped.read_text(encoding="utf-8"))
        return [Change(day=each["day"], text=each["text"], source="team") for each in raw.get("change", ())]

    def _write(self, changes: list[Change]) -> None:
        told = [{"id": change.id, "day": change.day.isoformat(), "text": change.text} for change in changes]
        part = self._path.with_name(self._path.name + ".part")
        with disk_errors(self._path.parent):
            part.write_text(json.dumps({"changes": told}, ensure_ascii=False, indent=2), encoding="utf-8")
            sync_file(part)
            part.replace(self._path)


def _change(raw: dict[str, Any]) -> Change:
    return Change(day=date.fromisoformat(raw["day"]), text=str(raw["text"])[:MOST_CHARACTERS], id=str(raw["id"]))
