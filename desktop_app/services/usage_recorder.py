"""Events on their way into `usage.db`: gathered in memory at no cost, checked and written by whoever calls `flush`."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from desktop_app.domain.consent import Consent, Permission, permission
from desktop_app.domain.metrics import Metric, NotRecorded, Registry, Value
from desktop_app.ports import Clock
from desktop_app.storage import usage_rows
from desktop_app.storage.usage_file import UsageFile
from desktop_app.storage.usage_rows import EventRow

MOST_WAITING = 50_000
MOST_RECENT = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One event for the live viewer, as it was kept: `t_ms` since the session began."""

    t_ms: int
    name: str
    details: dict[str, Value]


class UsageRecorder:
    """One session of recording. `record` may be called from any thread, the rest by one at a time."""

    def __init__(
        self,
        file: UsageFile,
        clock: Clock,
        registry: Callable[[], Registry],
        *,
        version: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.on = False
        self._file, self._clock, self._registry = file, clock, registry
        self._version, self._monotonic = version, monotonic
        self._waiting: deque[tuple[float, str, dict[str, object]]] = deque(maxlen=MOST_WAITING)
        self._recent: deque[Recorded] = deque(maxlen=MOST_RECENT)
        self._began = monotonic()
        self._session: int | None = None
        self._known: tuple[Consent, int, Permission] | None = None

    def record(self, name: str, **extras: object) -> None:
        """Something happened. Never blocks, never raises; what the registry does not allow is dropped later."""
        if self.on:
            self._waiting.append((self._monotonic(), name, extras))

    def flush(self) -> None:
        """Write what waits, as far as the last word in the file allows it. Raises AppError, UsageGone."""
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not taken:
            return
        with self._file.write() as connection:
            allowed = self._permission(usage_rows.consent(connection))
            rows = self._fitting(taken, allowed)
            if not rows:
                return
            self._session = usage_rows.session_in(connection, self._session, self.today(), self._version)
            usage_rows.add_counts(connection, counted(rows))
            if allowed.events:
                usage_rows.add_events(connection, self._session, rows)
        self._recent.extend(map(_recorded, rows))

    def recent(self) -> tuple[Recorded, ...]:
        """The last events that were kept, newest first."""
        return tuple(reversed(tuple(self._recent)))

    def drop_waiting(self) -> None:
        self._waiting.clear()

    def forget(self) -> None:
        """Nothing of this session is known any more."""
        self._waiting.clear()
        self._recent.clear()
        self._session = None

    def today(self) -> int:
        return _day(self._clock.now())

    def _fitting(self, taken: list[tuple[float, str, dict[str, object]]], allowed: Permission) -> list[EventRow]:
        """What may be kept. The day is that of the wall clock now, less the time that has passed since."""
        now, wall = self._monotonic(), self._clock.now()
        rows = []
        for at, name, extras in taken:
            metric = allowed.metrics.get(name)
            values = self._values(name, metric, extras)
            if metric is not None and values is not None:
                t_ms = max(0, round((at - self._began) * 1000))
                rows.append(EventRow(metric=metric, day=_day(wall - (now - at)), t_ms=t_ms, values=values))
        return rows

    def _values(self, name: str, metric: Metric | None, extras: dict[str, object]) -> tuple[Value, ...] | None:
        if metric is None:
            if name not in self._registry().metrics:
                _log.warning("an event that no metric describes was dropped")
            return None
        try:
            return metric.row(extras)
        except NotRecorded as error:
            _log.warning("an event was dropped: %s", error)
            return None

    def _permission(self, consent: Consent) -> Permission:
        today = self.today()
        if self._known is None or self._known[:2] != (consent, today):
            self._known = (consent, today, permission(consent, self._registry(), date.fromordinal(today)))
        return self._known[2]


def counted(rows: list[EventRow]) -> dict[tuple[int, str, str], tuple[int, float]]:
    counts: dict[tuple[int, str, str], tuple[int, float]] = {}
    for row in rows:
        key = (row.day, row.metric.name, row.metric.label(row.values))
        n, total = counts.get(key, (0, 0.0))
        counts[key] = (n + 1, total + row.metric.measured(row.values))
    return counts


def _recorded(row: EventRow) -> Recorded:
    told = zip(row.metric.extras, row.values, strict=True)
    details: dict[str, Value] = {extra.name: value for extra, value in told if value is not None}
    return Recorded(t_ms=row.t_ms, name=row.metric.name, details=details)


def _day(at: float) -> int:
    return date.fromtimestamp(at).toordinal()
