"""One window on one data folder: a second start brings the first window to the front and ends.

A lock says who is first; a small file that the first one watches carries the one thing a second may say.
"""

from __future__ import annotations

import logging

from filelock import FileLock, Timeout
from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

from desktop_app.paths import Places

_log = logging.getLogger(__name__)


class SingleWindow(QObject):
    """`raise_wanted`: somebody started Stonechat again on this folder."""

    raise_wanted = Signal()

    def __init__(self, places: Places, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = FileLock(places.data / "window.lock", thread_local=False)
        self._bell = places.data / "window.raise"
        self._watcher: QFileSystemWatcher | None = None

    def claim(self) -> bool:
        """True: this is the first window. Where the folder cannot hold a lock, it is taken for the first too."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:
            _log.warning("no lock for the window: %s", error)
        self._watch()
        return True

    def ring(self) -> None:
        """Ask the first window to come to the front."""
        try:
            with self._bell.open("ab") as bell:
                bell.write(b".")
        except OSError as error:
            _log.warning("the first window could not be called: %s", error)

    def release(self) -> None:
        """Let another window be the first."""
        if self._watcher is not None:
            self._watcher.removePath(str(self._bell))
        self._lock.release()

    def _watch(self) -> None:
        try:
            self._bell.write_bytes(b"")
        except OSError as error:
            _log.warning("a second start cannot call this window: %s", error)
            return
        self._watcher = QFileSystemWatcher([str(self._bell)], self)
        self._watcher.fileChanged.connect(self._on_rung)

    def _on_rung(self, _path: str) -> None:
        self.raise_wanted.emit()
