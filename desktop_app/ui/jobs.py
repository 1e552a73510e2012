"""The one job runner: work runs on a named lane of threads, what comes of it arrives as signals on the GUI thread.

Build a job, connect it, then start it. Work gets a `CancelToken` and never sees a widget.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot

from desktop_app.errors import AppError, Bug, Cancelled
from desktop_app.ports import CancelToken

Lane = Literal["model", "io", "fetch", "voice", "train"]
Work = Callable[[CancelToken], Any]
What = Literal["event", "finished", "failed", "cancelled"]
THREADS: dict[Lane, int] = {"model": 1, "io": 3, "fetch": 3, "voice": 2, "train": 1}

_log = logging.getLogger(__name__)


class Job(QObject):
    """One piece of work. `event(item)` for each item where the work returns an iterator; then exactly one of
    `finished(value)` (None after an iterator), `failed(AppError)` and `cancelled()`.
    """

    event = Signal(object)  # type: ignore[assignment]  # hides QObject.event: nothing is ever posted to a job
    finished = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, token: CancelToken, start: Callable[[Job], None]) -> None:
        super().__init__()
        self._token = token
        self._start = start

    def start(self) -> None:
        """Once."""
        self._start(self)

    def cancel(self) -> None:
        """Ask the work to stop. It still ends with one signal: `cancelled`, or `finished` if it got there first."""
        self._token.cancel()


class Lanes(QObject):
    """All threads of the window; they start when first needed. Whoever builds it calls `close`.

    A thread knows a job by its number only, so that no Qt object is ever let go of outside the GUI thread.
    """

    _said = Signal(int, str, object)

    def __init__(self) -> None:
        super().__init__()
        self._lanes = {lane: _Lane(lane, threads) for lane, threads in THREADS.items()}
        self._jobs: dict[int, Job] = {}
        self._count = 0
        self._closed = False
        self._said.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def job(self, lane: Lane, work: Work) -> Job:
        """A job that has not started. Once started it is kept alive until it has ended."""
        token = CancelToken()
        return Job(token, lambda job: self._enqueue(lane, job, work, token))

    @property
    def running(self) -> int:
        """Jobs that were started and whose ending has not been heard yet."""
        return len(self._jobs)

    def close(self, ms: int = 2000) -> bool:
        """Cancel everything and wait for the threads, at most `ms`. False: some work did not stop in time."""
        self._closed = True
        for job in self._jobs.values():
            job.cancel()
        deadline = time.monotonic() + ms / 1000
        for lane in self._lanes.values():
            lane.dismiss()
        return all(lane.join(deadline) for lane in self._lanes.values())

    def _enqueue(self, lane: Lane, job: Job, work: Work, token: CancelToken) -> None:
        self._count += 1
        self._jobs[self._count] = job
        errand = _Errand(number=self._count, work=work, token=token, say=self._said.emit)
        if self._closed:
            token.cancel()
            errand.run()
        else:
            self._lanes[lane].put(errand)

    @Slot(int, str, object)
    def _deliver(self, number: int, what: What, value: object) -> None:
        """After closing everything ends as cancelled: what would be told of it may be gone, window and all."""
        job = self._jobs[number] if what == "event" else self._jobs.pop(number)
        if what == "cancelled" or (self._closed and what != "event"):
            job.cancelled.emit()
        elif not self._closed:
            getattr(job, what).emit(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """What a thread gets to see of a job."""

    number: int
    work: Work
    token: CancelToken
    say: Callable[[int, str, object], None]

    def run(self) -> None:
        try:
            self.token.raise_if_cancelled()
            self._tell("finished", self._result())
        except Cancelled:
            self._tell("cancelled", None)
        except AppError as error:
            self._tell("failed", error)
        except Exception as error:  # noqa: BLE001  a boundary: no work may take its thread down
            _log.exception("a job failed")
            self._tell("failed", unexpected(error))

    def _result(self) -> Any:
        value = self.work(self.token)
        if not isinstance(value, Iterator):
            return value
        for item in value:
            self._tell("event", item)
        return None

    def _tell(self, what: What, value: object) -> None:
        try:
            self.say(self.number, what, value)
        except RuntimeError:  # the window is gone, nobody listens any more
            _log.debug("a job spoke after the window had gone")


class _Lane:
    """Up to `threads` threads that share one queue."""

    def __init__(self, name: Lane, threads: int) -> None:
        self._name = name
        self._most = threads
        self._waiting: queue.SimpleQueue[_Errand | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def put(self, errand: _Errand) -> None:
        if len(self._threads) < self._most:
            thread = threading.Thread(target=self._serve, name=f"lane-{self._name}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._waiting.put(errand)

    def dismiss(self) -> None:
        for _ in self._threads:
            self._waiting.put(None)

    def join(self, deadline: float) -> bool:
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _serve(self) -> None:
        while (errand := self._waiting.get()) is not None:
            errand.run()


def unexpected(error: BaseException) -> Bug:
    """What an exception that nobody expected looks like to the person."""
    return Bug(
        "app.unexpected",
        "Something unexpected went wrong.",
        remedy="Try it again; the details are in the log file.",
        detail=f"{type(error).__name__}: {error}",
    )
