"""`usage.db`, the record of use: a file of its own that exists only after a yes, and goes as a whole.

A connection lives for one piece of work, so that another process, or the person, can erase the file at any time.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from desktop_app.errors import AppError, EnvironmentProblem
from desktop_app.files import disk_full
from desktop_app.storage.connection import connect
from desktop_app.storage.problems import damaged, is_full

BESIDE = ("-wal", "-shm", "-journal")
_log = logging.getLogger(__name__)


def m001_usage(connection: sqlite3.Connection) -> None:
    """`day` is an ordinal (days since 0001-01-01). No time of day is kept of what was done, only of a yes or no."""
    for statement in (
        "create table consent(id integer primary key, at real not null, level text not null,"
        " registry_sha256 text not null, wording_sha256 text not null, version text not null, metrics text not null)"
        " strict",
        "create table pause(id integer primary key, at real not null, until real not null) strict",
        "create table metric(id integer primary key, name text not null, fingerprint text not null,"
        " definition text not null, unique(name, fingerprint)) strict",
        "create table session(id integer primary key, day integer not null, version text not null) strict",
        "create table event(id integer primary key, session integer not null references session(id),"
        " metric integer not null references metric(id), day integer not null, t_ms integer not null,"
        " e1 any, e2 any, e3 any, e4 any, e5 any) strict",
        "create index event_by_metric on event(metric, day)",
        "create table counter(day integer not null, name text not null, label text not null, n integer not null,"
        " total real not null, primary key(day, name, label)) strict, without rowid",
        "create table survey(id integer primary key, day integer not null, instrument text not null,"
        " outcome text not null, task text not null, items text not null, score real) strict",
        "create table audit(id integer primary key, at real not null, action text not null, bytes integer not null,"
        " sha256 text not null) strict",
        "create trigger consent_is_never_changed before update on consent"
        " begin select raise(abort, 'the log of consent only grows'); end",
        "create trigger consent_is_never_removed before delete on consent"
        " begin select raise(abort, 'the log of consent only grows'); end",
    ):
        connection.execute(statement)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (m001_usage,)


class UsageFile:
    """Reading and writing from any thread. A damaged file is erased: it is worth nothing, and it must not linger."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()

    def exists(self) -> bool:
        return self.path.exists()

    def bytes(self) -> int:
        """On the disk, with what belongs to it."""
        return sum(path.stat().st_size for path in self._files() if path.exists())

    @contextmanager
    def write(self, *, create: bool = False) -> Iterator[sqlite3.Connection]:
        """All of the block is stored, or none of it. Raises AppError; UsageGone where there is no file to write to."""
        with self._connected(create=create) as connection:
            connection.execute("begin immediate")
            try:
                yield connection
                connection.execute("commit")
            except BaseException:
                with suppress(sqlite3.Error):
                    if connection.in_transaction:
                        connection.execute("rollback")
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One unchanging view. Raises AppError, UsageGone."""
        with self._connected(create=False) as connection:
            connection.execute("begin")
            yield connection

    def erase(self) -> None:
        """Nothing is left of it, on the disk too. Safe to call twice. Raises EnvironmentProblem."""
        with self._lock:
            try:
                for path in self._files():
                    path.unlink(missing_ok=True)
            except OSError as error:
                raise _not_erased(self.path, error) from error

    @contextmanager
    def _connected(self, *, create: bool) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if not create and not self.exists():
                raise UsageGone
            try:
                with closing(connect(self.path, create=create)) as connection:
                    _migrate(connection, self.path)
                    yield connection
            except FileNotFoundError as error:
                raise UsageGone from error
            except sqlite3.Error as error:
                if not self.exists():
                    raise UsageGone from error
                raise self._explained(error) from error
            except OSError as error:
                raise _not_written(self.path, str(error)) from error

    def _explained(self, error: sqlite3.Error) -> AppError:
        _log.error("record of use: %s", error)
        if damaged(error):
            self.erase()
            return _damaged(str(error))
        if is_full(error, self.path):
            return disk_full(str(error))
        return _not_written(self.path, str(error))

    def _files(self) -> tuple[Path, ...]:
        return (self.path, *(self.path.with_name(self.path.name + end) for end in BESIDE))


class UsageGone(Exception):
    """There is no record of use: nothing was agreed to, or it was erased meanwhile."""


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    found = int(connection.execute("pragma user_version").fetchone()[0])
    if found > len(MIGRATIONS):
        raise _newer(path)
    for number, migration in enumerate(MIGRATIONS[found:], start=found + 1):
        connection.execute("begin immediate")
        try:
            if int(connection.execute("pragma user_version").fetchone()[0]) < number:
                migration(connection)
                connection.execute(f"pragma user_version = {number}")
            connection.execute("commit")
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise


def _damaged(detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "usage.damaged",
        "The record of how Stonechat is used was damaged and has been erased.",
        remedy="Nothing is recorded until you say yes again, on the page “What is recorded”.",
        detail=detail,
    )


def _newer(path: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        "usage.newer",
        "The record of how Stonechat is used comes from a newer version.",
        remedy="Install the newer version, or delete the record on the page “What is recorded”; nothing was changed.",
        detail=str(path),
    )


def _not_written(path: Path, detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "usage.not_written",
        "The record of how Stonechat is used could not be read or written.",
        remedy=f"Check that {path.parent} can be written and that no other program holds the file.",
        detail=detail,
    )


def _not_erased(path: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(
        "usage.not_erased",
        "The record of how Stonechat is used could not be erased.",
        remedy=f"Close other Stonechat windows and delete {path} yourself.",
        detail=str(error),
    )
