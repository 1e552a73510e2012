"""One window on one data folder: a second start hands over what it was started with, and ends.

A lock says who is first; `ui/window_call.py` carries what the second one says.
"""

from __future__ import annotations

import logging
import time

from filelock import FileLock, Timeout
from PySide6.QtCore import QObject, Signal

from desktop_app.errors import EnvironmentProblem
from desktop_app.paths import Places
from desktop_app.ui.window_call import Call, Switchboard, call, find_address, make_address

PATIENCE_S = 10.0
_PAUSE_S = 0.1
_log = logging.getLogger(__name__)


class SingleWindow(QObject):
    """`called(Call)`: somebody started Stonechat again on this folder."""

    called = Signal(object)

    def __init__(self, places: Places, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._places = places
        self._lock = FileLock(places.data / "window.lock", thread_local=False)
        self._switchboard = Switchboard(self)
        self._switchboard.called.connect(self.called)

    def claim(self) -> bool:
        """True: this is the first window. Where the folder cannot hold a lock, it is taken for the first too."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:
            _log.warning("no lock for the window: %s", error)
        return True

    def claim_or_call(self, said: Call, patience_s: float = PATIENCE_S) -> bool:
        """True: this is the first window. False: the first one has taken `said`.

        One that is only starting or closing is waited for. Raises EnvironmentProblem when it does not answer.
        """
        end = time.monotonic() + patience_s
        while not self.claim():
            address = find_address(self._places)
            if address is not None and call(address, said):
                return False
            if time.monotonic() > end:
                raise _does_not_answer()
            time.sleep(_PAUSE_S)
        return True

    def listen(self) -> None:
        """Take calls from now on; the first window only."""
        try:
            self._switchboard.open(make_address(self._places))
        except OSError as error:
            _log.warning("a second start cannot call this window: %s", error)

    def release(self) -> None:
        """Let another window be the first."""
        self._switchboard.close()
        self._lock.release()


def _does_not_answer() -> EnvironmentProblem:
    return EnvironmentProblem(
        "window.no_answer",
        "Stonechat is already open, but it does not answer.",
        remedy="Go to its window; if it hangs, end it and start Stonechat again.",
    )
