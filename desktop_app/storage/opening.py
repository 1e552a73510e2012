"""Opens the database: folder, version, damage, migrations, answers of dead writers. Then the daily housekeeping."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

from desktop_app.errors import AppError
from desktop_app.paths import Places
from desktop_app.ports import Clock
from desktop_app.storage.backups import Backups
from desktop_app.storage.connection import connect
from desktop_app.storage.damage import Damaged, clear_suspect, examine, is_suspect, repair
from desktop_app.storage.database import Database
from desktop_app.storage.housekeeping import Housekeeping
from desktop_app.storage.messages import settle_answers_of_the_dead
from desktop_app.storage.migrations import LATEST, migrate, version
from desktop_app.storage.problems import cannot_write, damaged, disk_full, explain, newer_version

_MAGIC = b"SQLite format 3\0"
_VERSION_AT = 60


def open_database(places: Places, clock: Clock) -> Database:
    """The database of these places, created, migrated or repaired as needed; `warnings` says what was repaired.

    Raises AppError: newer version (nothing is changed then), read-only folder, full disk, locked.
    """
    path = places.database
    backups = Backups(path, clock)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_newer(path)
        connection, warnings = _prepare_or_repair(path, backups, clock)
        with closing(connection):
            housekeeping = Housekeeping(path, backups)
            database = Database(path, backups, housekeeping, warnings)
            housekeeping.start(connection)
        return database
    except sqlite3.Error as error:
        raise explain(error, path) from error
    except OSError as error:
        raise _explain_file(error, path) from error


def _prepare_or_repair(path: Path, backups: Backups, clock: Clock) -> tuple[sqlite3.Connection, tuple[AppError, ...]]:
    try:
        return _prepare(path, backups), ()
    except sqlite3.DatabaseError as error:
        if not damaged(error):
            raise
    told = repair(path, backups, clock)
    return _prepare(path, backups), ((told,) if told else ())


def _prepare(path: Path, backups: Backups) -> sqlite3.Connection:
    """Raises AppError, OSError, sqlite3.Error (damaged ones too)."""
    suspect, filled = is_suspect(path), _has_content(path)
    if not filled and (suspect or (path.exists() and backups.all())):
        raise Damaged("the database is missing or empty")
    try:
        connection = connect(path, create=not filled)
    except (FileNotFoundError, sqlite3.OperationalError) as error:
        if filled and not path.exists():  # another process is repairing it: no new one may take its place meanwhile
            raise Damaged("the database has been moved aside") from error
        raise
    try:
        if suspect:
            examine(connection)
            clear_suspect(path)
        found = version(connection)
        if found > LATEST:
            raise newer_version(found, LATEST)
        if 0 < found < LATEST:
            backups.make(before_schema=found)
        migrate(connection)
        settle_answers_of_the_dead(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_newer(path: Path) -> None:
    """Read the number from the file's header, so that SQLite does not touch a file that is not for us."""
    if not path.exists():
        return
    with path.open("rb") as file:
        header = file.read(_VERSION_AT + 4)
    if header.startswith(_MAGIC) and len(header) == _VERSION_AT + 4:
        found = int.from_bytes(header[_VERSION_AT:], "big", signed=True)
        if found > LATEST:
            raise newer_version(found, LATEST)


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _explain_file(error: OSError, path: Path) -> AppError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(path, str(error))
    return cannot_write(path, str(error))
