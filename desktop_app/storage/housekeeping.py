"""What is done once a day, or was left half done, beside the running application: one short-lived thread."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

from desktop_app.storage.backups import Backups
from desktop_app.storage.connection import connect
from desktop_app.storage.damage import check_pages, mark_suspect
from desktop_app.storage.erasure import wipe, wipe_is_due
from desktop_app.storage.problems import damaged

_log = logging.getLogger(__name__)


class Stopped(Exception):
    """The database is being closed."""


class Housekeeping:
    """Finishes an interrupted erasure and makes the daily backup."""

    def __init__(self, path: Path, backups: Backups) -> None:
        self._backups = backups
        self._path = path
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None

    def start(self, connection: sqlite3.Connection) -> None:
        """Begin in the background if there is anything to do; `connection` is only asked whether there is."""
        if wipe_is_due(connection) or (self._backups.due() and _worth_a_backup(connection)):
            self._thread = threading.Thread(target=self._run, name="storage-housekeeping", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Until it is done."""
        if self._thread:
            self._thread.join()

    def stop(self) -> None:
        """Give up what is not finished: the next start does it."""
        self._stop.set()
        connection = self._connection
        if connection:
            with suppress(sqlite3.Error):
                connection.interrupt()
        self.wait()

    def _run(self) -> None:
        try:
            with closing(connect(self._path)) as connection:
                self._connection = connection
                self._work(connection)
        except Stopped:
            _log.info("housekeeping is left for the next start")
        except sqlite3.Error as error:
            if damaged(error):
                mark_suspect(self._path)
            if not self._stop.is_set():
                _log.warning("housekeeping failed: %s", error)
        except OSError as error:
            _log.warning("housekeeping failed: %s", error)
        finally:
            self._connection = None

    def _work(self, connection: sqlite3.Connection) -> None:
        self._go_on()
        if wipe_is_due(connection):
            wipe(connection, self._path, self._backups, self._go_on)
        elif self._backups.due():
            check_pages(connection)
            self._backups.make(self._go_on)

    def _go_on(self) -> None:
        """Raises Stopped."""
        if self._stop.is_set():
            raise Stopped


def _worth_a_backup(connection: sqlite3.Connection) -> bool:
    return connection.execute("select 1 from conversations limit 1").fetchone() is not None
