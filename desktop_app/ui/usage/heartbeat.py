"""Notices when the event loop was away: a timer that comes late tells by how much."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

EVERY_MS = 50


class Heartbeat(QObject):
    """Calls `late(ms)` at every beat with how much longer than planned it took."""

    def __init__(self, late: Callable[[float], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._late = late
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    @property
    def beats(self) -> bool:
        return self._timer.isActive()

    def _beat(self) -> None:
        self._late(self._clock.restart() - EVERY_MS)
