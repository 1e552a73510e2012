"""One open database: reading and writing from any thread, and what was repaired when it was opened.

Two connections, one lock each: a long write never holds up reading. `opening.py` makes it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from desktop_app.errors import AppError
from desktop_app.storage.backups import Backups
from desktop_app.storage.connection import connect, identity
from desktop_app.storage.damage import mark_suspect
from desktop_app.storage.housekeeping import Housekeeping
from desktop_app.storage.problems import closed, damaged, explain, replaced

_LAST_WAIT_MS = 1000
_log = logging.getLogger(__name__)


class Database:
    """Stored conversations. `warnings` says what was repaired at opening, for the person to see."""

    def __init__(
        self, path: Path, backups: Backups, housekeeping: Housekeeping, warnings: tuple[AppError, ...] = ()
    ) -> None:
        """Connects to the prepared database at `path`. Raises AppError, sqlite3.Error, OSError."""
        self.path = path
        self.backups = backups
        self.housekeeping = housekeeping
        self.warnings = warnings
        self._write_lock = threading.RLock()
        self._read_lock = threading.RLock()
        self._closed = False
        self._before_close: list[Callable[[sqlite3.Connection], None]] = []
        self._file = identity(path)
        with ExitStack() as opened:
            self._writer = opened.enter_context(closing(connect(path)))
            self._reader = opened.enter_context(closing(connect(path)))
            self._reader.execute("pragma query_only = on")
            self._raise_if_replaced()
            opened.pop_all()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """The only door to writing: all of the block is stored, durably, or none of it.

        Waits for other writers. Raises AppError (disk full, locked, read-only, damaged, replaced).
        """
        with self._write_lock, self._explained():
            self._raise_if_closed()
            self._raise_if_replaced()
            with _transaction(self._writer, "begin immediate"):
                yield self._writer

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One unchanging view of everything stored so far. Raises AppError."""
        with self._read_lock, self._explained():
            self._raise_if_closed()
            with _transaction(self._reader, "begin"):
                yield self._reader

    @contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """The writing connection outside a transaction, for VACUUM and checkpoints. Raises AppError."""
        with self._write_lock, self._explained():
            self._raise_if_closed()
            yield self._writer

    def before_close(self, action: Callable[[sqlite3.Connection], None]) -> None:
        """Have `action` run in one last write."""
        self._before_close.append(action)

    def close(self) -> None:
        """Store what is open, fold the log into the file, let go of it. Safe to call twice; never raises."""
        self.housekeeping.stop()
        with self._write_lock, self._read_lock:
            if self._closed:
                return
            try:
                self._finish()
            except (AppError, sqlite3.Error) as error:
                _log.warning("the last changes could not be folded in: %s", error)
            self._closed = True
            self._reader.close()
            self._writer.close()

    def _finish(self) -> None:
        self._writer.execute(f"pragma busy_timeout = {_LAST_WAIT_MS}")
        if self._before_close:
            with self.write() as connection:
                for action in self._before_close:
                    action(connection)
        self._writer.execute("pragma wal_checkpoint(truncate)")

    def _raise_if_closed(self) -> None:
        if self._closed:
            raise closed()

    def _raise_if_replaced(self) -> None:
        """A file that was moved away (by a repair, by the person) must not go on swallowing messages."""
        if identity(self.path) != self._file:
            raise replaced(self.path)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if damaged(error):
                mark_suspect(self.path)
            _log.error("database: %s", error)
            raise explain(error, self.path) from error


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("commit")
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk may have rolled back already
            if connection.in_transaction:
                connection.execute("rollback")
        raise
