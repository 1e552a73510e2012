"""Opens a connection the way every part of the storage needs it. Transactions are begun by hand."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

BUSY_SECONDS = 10.0
_RETRY_SECONDS = 0.01
_CACHE_KIB = 4096
_JOURNAL_BYTES = 16 * 1024 * 1024


def connect(path: Path, *, create: bool = True) -> sqlite3.Connection:
    """A connection to the database at `path`, which is created, for its owner's eyes only, if it is not there.

    Without `create` it must be there. The connection may be used from any thread, by one at a time.
    Raises sqlite3.Error, OSError.
    """
    _keep_private(path, create)
    where = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(where, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute(f"pragma busy_timeout = {int(BUSY_SECONDS * 1000)}")
        _use_write_ahead_log(connection)
        for setting in (
            "synchronous = full",
            "foreign_keys = on",
            "secure_delete = on",
            "recursive_triggers = off",
            "temp_store = memory",
            f"cache_size = -{_CACHE_KIB}",
            f"journal_size_limit = {_JOURNAL_BYTES}",
        ):
            connection.execute(f"pragma {setting}")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_frozen(path: Path) -> sqlite3.Connection:
    """A read-only connection to a file that nobody writes: no log, no lock. Raises sqlite3.Error."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def identity(path: Path) -> tuple[int, int] | None:
    """Which file stands at `path` (device and number), None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino)


def _keep_private(path: Path, create: bool) -> None:
    """SQLite gives its log files the permissions of the database, so this covers them too."""
    os.close(os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Two processes that create the database together get "busy" here at once: SQLite does not wait for this one."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
