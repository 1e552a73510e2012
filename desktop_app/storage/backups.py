"""Copies of the database in the folder `backups`: made at most once a day, the two newest kept; and one before each
upgrade of the schema, the way back to the version before, kept for a month."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.files import sync_file, sync_folder
from desktop_app.ports import Clock

KEPT = 2
EVERY_SECONDS = 24 * 3600.0
UPGRADE_KEPT_SECONDS = 30 * 24 * 3600.0
_STEP_PAGES = 1024
_LOCK_SECONDS = 60
_NAME = re.compile(r"stonechat-(\d{6,})-(\d{8}-\d{6})(-schema\d+)?\.db")
_STAMP = "%Y%m%d-%H%M%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One copy. `number` orders them, because the clock may have gone back; `made_at` is in seconds since the epoch.

    `upgrade`: made before the schema was upgraded.
    """

    path: Path
    number: int
    made_at: float
    upgrade: bool = False


@contextmanager
def file_lock(database: Path) -> Iterator[None]:
    """For work on whole files: one at a time among all threads and processes. Raises OSError after a minute."""
    from filelock import FileLock

    with FileLock(database.with_name(database.name + ".lock"), timeout=_LOCK_SECONDS, mode=0o600):
        yield


class Backups:
    """The backups of the database at `path`."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._database = path
        self._folder = path.parent / "backups"
        self._clock = clock

    def all(self) -> list[Backup]:
        """Newest first."""
        found = [_parse(each) for each in self._folder.glob("stonechat-*.db")]
        return sorted((each for each in found if each), key=lambda backup: backup.number, reverse=True)

    def due(self) -> bool:
        """Whether the newest is not of today. One from a day that is still to come does not count as new."""
        newest = next(iter(self.all()), None)
        return newest is None or self._age(newest) >= EVERY_SECONDS

    def make(self, progress: Callable[[], None] = lambda: None, *, before_schema: int = 0) -> Backup:
        """Copy the database as it is now, beside running readers and writers, and drop the oldest copies.

        `before_schema`: an upgrade of this schema follows. Raises sqlite3.Error, OSError, and what `progress` raises.
        """
        return self._make(progress, lambda: self._keep(KEPT), f"-schema{before_schema}" if before_schema else "")

    def replace(self, progress: Callable[[], None] = lambda: None) -> Backup:
        """Make one and drop all others, those before upgrades too, not even one that was being made stays.

        For whoever has erased something. Raises as `make`.
        """
        return self._make(progress, lambda: self.drop(self.all()[1:]))

    def drop(self, backups: Sequence[Backup]) -> None:
        """Remove these, and what a killed process left half made. Raises OSError."""
        for backup in backups:
            backup.path.unlink(missing_ok=True)
        for part in self._folder.glob("stonechat-*.db.part*"):
            part.unlink(missing_ok=True)

    def _keep(self, count: int) -> None:
        """Remove all but the newest `count` and the one before a recent upgrade."""
        daily = [backup for backup in self.all() if not backup.upgrade]
        upgrades = [backup for backup in self.all() if backup.upgrade]
        recent = upgrades[:1] if upgrades and self._age(upgrades[0]) < UPGRADE_KEPT_SECONDS else []
        self.drop([*daily[count:], *(backup for backup in upgrades if backup not in recent)])

    def _age(self, backup: Backup) -> float:
        return abs(self._clock.now() - backup.made_at)

    def _make(self, progress: Callable[[], None], tidy: Callable[[], None], ending: str = "") -> Backup:
        """`progress` is called every few megabytes and stops the copying by raising. Raises sqlite3.Error, OSError."""
        with file_lock(self._database):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            number = max((backup.number for backup in self.all()), default=0) + 1
            now = self._clock.now()
            path = (
                self._folder / f"stonechat-{number:06d}-{datetime.fromtimestamp(now, UTC).strftime(_STAMP)}{ending}.db"
            )
            part = path.with_name(path.name + ".part")
            try:
                self._copy(part, progress)
                sync_file(part)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            sync_folder(self._folder)
            tidy()
            return Backup(path=path, number=number, made_at=now, upgrade=bool(ending))

    def _copy(self, part: Path, progress: Callable[[], None]) -> None:
        """One read transaction around the copying keeps it from starting over whenever somebody writes."""
        part.touch(mode=0o600)
        with closing(sqlite3.connect(self._database, isolation_level=None)) as source:
            source.execute("begin")
            source.execute("select count(*) from sqlite_master").fetchone()
            with closing(sqlite3.connect(part, isolation_level=None)) as target:
                source.backup(target, pages=_STEP_PAGES, progress=lambda *_: progress())


def _parse(path: Path) -> Backup | None:
    found = _NAME.fullmatch(path.name)
    if not found:
        return None
    try:
        made_at = datetime.strptime(found[2], _STAMP).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    return Backup(path=path, number=int(found[1]), made_at=made_at, upgrade=bool(found[3]))
