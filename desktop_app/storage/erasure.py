"""Erasing deleted conversations so that no byte of them stays in the data folder's databases.

Deleting rows is not enough: full-text segments keep words until they are merged, pages keep copies of rows that were
moved, the write-ahead log keeps both, and so do backups and damaged files that were moved aside. `wipe` deals with
these; that it is due is stored together with the deletion, so that a crash or a full disk in between is made good at
the next start.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.errors import AppError
from desktop_app.storage.backups import Backups
from desktop_app.storage.damage import moved_aside, remove_with_logs
from desktop_app.storage.migrations import FULL_TEXT

if TYPE_CHECKING:
    from desktop_app.storage.database import Database

UNUSED_SECONDS = 24 * 3600.0
_log = logging.getLogger(__name__)


def purge(database: Database, *, deleted_before: float, now: float) -> tuple[str, ...]:
    """Erase what was deleted up to `deleted_before`. Returns the pictures (sha256) that nothing uses any more.

    When the rows are gone but the wipe fails, it stays due. Raises AppError when the rows could not be deleted.
    """
    with database.write() as connection:
        pictures = _erase(connection, deleted_before=deleted_before, now=now)
    try:
        with database.alone() as connection:
            if wipe_is_due(connection):
                wipe(connection, database.path, database.backups)
    except (AppError, OSError) as error:
        _log.warning("the erasure is completed at the next start: %s", error)
    return pictures


def wipe_is_due(connection: sqlite3.Connection) -> bool:
    return _since(connection) is not None


def make_due(connection: sqlite3.Connection, since: float) -> None:
    """Something stored since then was deleted: have it wiped. In the transaction that deletes it."""
    connection.execute(
        "insert into chores(name, since) values ('wipe', ?)"
        " on conflict(name) do update set since = min(since, excluded.since)",
        (since,),
    )


def wipe(
    connection: sqlite3.Connection, path: Path, backups: Backups, progress: Callable[[], None] = lambda: None
) -> None:
    """Rewrite index, file, log and backup without what was erased. Outside a transaction.

    Needs as much free disk as the database. While another process reads, the log cannot be emptied and the wipe stays
    due. `progress` stops it by raising. Raises sqlite3.Error, OSError.
    """
    since = _since(connection)
    for index in FULL_TEXT:
        connection.execute(f"insert into {index}({index}) values ('optimize')")
    progress()
    connection.execute("pragma temp_store = file")  # not a whole database in memory
    connection.execute("vacuum")
    connection.execute("pragma temp_store = memory")
    emptied = _empty_log(connection)
    _replace_backups(backups, progress)
    for file in moved_aside(path):
        if since is None or _last_written(file) >= since:
            remove_with_logs(file)
    if emptied:
        connection.execute("delete from chores where name = 'wipe'")
        _empty_log(connection)


def _erase(connection: sqlite3.Connection, *, deleted_before: float, now: float) -> tuple[str, ...]:
    gone = "select id from conversations where deleted_at <= ?"
    uses = f"message_seq in (select seq from messages where conversation_id in ({gone}))"
    asked = (deleted_before,)
    began = connection.execute("select min(created_at) from conversations where deleted_at <= ?", asked).fetchone()[0]
    freed = {row[0] for row in connection.execute(f"select sha256 from picture_uses where {uses}", asked)}
    connection.execute(f"delete from opinions where conversation_id in ({gone})", asked)
    connection.execute(f"delete from picture_uses where {uses}", asked)
    connection.execute(f"delete from messages where conversation_id in ({gone})", asked)
    connection.execute("delete from conversations where deleted_at <= ?", asked)
    pictures = _forget_pictures(connection, freed, kept_before=now - UNUSED_SECONDS)
    if began is not None or pictures:
        make_due(connection, now if began is None else began)
    return pictures


def _forget_pictures(connection: sqlite3.Connection, freed: set[str], *, kept_before: float) -> tuple[str, ...]:
    """A picture kept within the last day that is in no message yet may be waiting in a composer: it stays."""
    unused = connection.execute(
        "select sha256, kept_at from pictures where sha256 not in (select sha256 from picture_uses)"
    ).fetchall()
    gone = tuple(sorted(sha256 for sha256, kept_at in unused if sha256 in freed or kept_at < kept_before))
    for sha256 in gone:
        connection.execute("delete from evidence where sha256 = ?", (sha256,))
        connection.execute("delete from pictures where sha256 = ?", (sha256,))
    return gone


def _replace_backups(backups: Backups, progress: Callable[[], None]) -> None:
    """Erasing is promised, so an old backup goes even when the disk is too full for a new one."""
    try:
        backups.replace(progress)
    except (sqlite3.Error, OSError) as error:
        _log.warning("no new backup could be made: %s", error)
        backups.drop(backups.all())


def _since(connection: sqlite3.Connection) -> float | None:
    """When the oldest erased conversation began (seconds since the epoch); None when no wipe is due."""
    row = connection.execute("select since from chores where name = 'wipe'").fetchone()
    return None if row is None else float(row[0])


def _empty_log(connection: sqlite3.Connection) -> bool:
    """Whether it succeeded."""
    return not connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]


def _last_written(file: Path) -> float:
    log = file.with_name(file.name + "-wal")
    return max(each.stat().st_mtime for each in (file, log) if each.exists())
