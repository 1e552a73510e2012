"""A damaged database: noticed, moved aside, and the last sound backup, completed by `salvage`, put in its place.

Whoever meets damage leaves a mark beside the database; the next opening then examines every page.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.errors import AppError, EnvironmentProblem
from desktop_app.files import sync_file, sync_folder
from desktop_app.ports import Clock
from desktop_app.storage.backups import Backup, Backups, file_lock
from desktop_app.storage.connection import connect, connect_frozen
from desktop_app.storage.migrations import FULL_TEXT, migrate, version
from desktop_app.storage.problems import damaged
from desktop_app.storage.salvage import salvage

_log = logging.getLogger(__name__)


class Damaged(sqlite3.DatabaseError):
    """What `examine` found, in the form in which SQLite reports the same."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    sqlite_errorname = "SQLITE_CORRUPT"


def mark_suspect(path: Path) -> None:
    """Have the next opening examine the database."""
    with suppress(OSError):
        _mark(path).touch(mode=0o600)


def is_suspect(path: Path) -> bool:
    return _mark(path).exists()


def clear_suspect(path: Path) -> None:
    _mark(path).unlink(missing_ok=True)


def check_pages(connection: sqlite3.Connection) -> None:
    """Read every page; writers are not held up. Raises sqlite3.Error (Damaged)."""
    found = connection.execute("pragma quick_check(1)").fetchone()[0]
    if found != "ok":
        raise Damaged(found)


def examine(connection: sqlite3.Connection) -> None:
    """Check pages and full-text indexes; a broken index is made anew, because it can be. Raises sqlite3.Error."""
    check_pages(connection)
    for index in FULL_TEXT if version(connection) else ():
        try:
            connection.execute(f"insert into {index}({index}, rank) values ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            if not damaged(error):
                raise
            _log.warning("the full-text index %s was damaged and is built again", index)
            connection.execute(f"insert into {index}({index}) values ('rebuild')")


def repair(path: Path, backups: Backups, clock: Clock) -> AppError | None:
    """Move the damaged database aside and put the newest sound backup (or a new database) in its place.

    Returns what to tell the person; None when another process repaired it meanwhile. Raises sqlite3.Error, OSError.
    """
    with file_lock(path):
        if _sound(path):
            clear_suspect(path)
            return None
        backup = next((each for each in backups.all() if _sound_copy(each.path)), None)
        part = path.with_name(path.name + ".part")
        remove_with_logs(part)
        if backup:
            _copy(backup.path, part)
        with closing(connect(part)) as connection:
            migrate(connection)
        saved = salvage(path, part) if path.exists() else 0
        sync_file(part)
        mark_suspect(path)  # a start that dies between the two renames is finished by the next one
        aside = _move_aside(path, clock)
        part.replace(path)
        sync_folder(path.parent)
        clear_suspect(path)
        return _told(backup, saved, aside)


def moved_aside(path: Path) -> list[Path]:
    """The damaged databases (without their logs) that were moved away from `path`."""
    return [each for each in path.parent.glob(f"{path.name}.damaged-*") if not each.name.endswith(("-wal", "-shm"))]


def remove_with_logs(path: Path) -> None:
    """Raises OSError."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _mark(path: Path) -> Path:
    return path.with_name(path.name + ".suspect")


def _sound(path: Path) -> bool:
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        with closing(connect(path)) as connection:
            examine(connection)
    except sqlite3.DatabaseError as error:
        if damaged(error):
            return False
        raise
    return True


def _sound_copy(path: Path) -> bool:
    try:
        with closing(connect_frozen(path)) as connection:
            check_pages(connection)
            return bool(version(connection))
    except sqlite3.Error:
        return False


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    shutil.copyfile(source, target)
    sync_file(target)


def _move_aside(path: Path, clock: Clock) -> Path | None:
    """Where the damaged file went; None when there was none."""
    stamp = datetime.fromtimestamp(clock.now(), UTC).strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    attempt = 1
    while aside.exists():
        attempt += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{attempt}")
    moved = False
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
            moved = not suffix
    return aside if moved else None


def _told(backup: Backup | None, saved: int, aside: Path | None) -> AppError:
    kept = f"The damaged file is kept as {aside}" if aside else "There was no damaged file to keep"
    found = f"{saved} more messages could be rescued" if saved else "nothing newer could be rescued"
    if backup is None:
        return EnvironmentProblem(
            "storage.started_anew",
            f"The stored conversations were damaged and there was no backup; {saved} messages could be rescued.",
            remedy=f"{kept}; check the disk for errors.",
        )
    day = datetime.fromtimestamp(backup.made_at).strftime("%Y-%m-%d %H:%M")
    return EnvironmentProblem(
        "storage.restored",
        f"The stored conversations were damaged; the backup of {day} was put in their place and {found}.",
        remedy=f"{kept}; check the disk for errors.",
    )
