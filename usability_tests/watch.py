"""What is noticed while somebody uses the window: how long it does not answer, what is announced, what Qt warns of."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest import mock

from PySide6.QtCore import QEvent, QEventLoop, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QApplication

from usability_tests.desk import hand_on_the_keyboard

STALL_MS = 100.0
_HARMLESS = ("This plugin does not support", "propagateSizeHints")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """The window did not answer for `ms`, of which it was computing for `busy_ms`."""

    during: str
    ms: float
    busy_ms: float


@dataclass
class Watch:
    """Filled while `watching`."""

    stalls: list[Stall] = field(default_factory=list)
    announcements: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    longest_ms: float = 0.0
    during: str = ""

    @contextmanager
    def timing(self) -> Iterator[None]:
        """One piece of work on the interface's thread, during which nothing else can happen."""
        began, busy = time.perf_counter(), time.thread_time()
        yield
        ms, busy_ms = (time.perf_counter() - began) * 1000, (time.thread_time() - busy) * 1000
        self.longest_ms = max(self.longest_ms, ms)
        if ms > STALL_MS:
            self.stalls.append(Stall(during=self.during, ms=round(ms, 1), busy_ms=round(busy_ms, 1)))

    def turn(self) -> None:
        """One turn of the event loop, with what such a loop does and `processEvents` leaves out."""
        hand_on_the_keyboard()
        with self.timing():
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@contextmanager
def watching() -> Iterator[Watch]:
    watch = Watch()

    def tell(event: QAccessibleEvent) -> None:
        if event.type() == QAccessible.Event.Announcement:
            watch.announcements.append(event.message())  # type: ignore[attr-defined]

    def warn(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        if kind != QtMsgType.QtDebugMsg and not any(part in message for part in _HARMLESS):
            watch.warnings.append(message)

    def fall(args: threading.ExceptHookArgs) -> None:
        watch.warnings.append(f"{args.exc_type.__name__} in {args.thread and args.thread.name}: {args.exc_value}")

    before, threads = qInstallMessageHandler(warn), threading.excepthook
    threading.excepthook = fall
    try:
        with mock.patch.object(QAccessible, "updateAccessibility", tell):
            yield watch
    finally:
        threading.excepthook = threads
        qInstallMessageHandler(before)
