"""The rows of `usage.db`: the log of consent, sessions, events, daily counters, questionnaires, exports."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from desktop_app.domain.consent import LEVELS, NOTHING, Consent
from desktop_app.domain.metrics import MOST_EXTRAS, Metric, Value
from desktop_app.domain.surveys import Asked

RAW_DAYS = 30
COUNTER_DAYS = 365
_EVENT = f"insert into event(session, metric, day, t_ms, {', '.join(f'e{n + 1}' for n in range(MOST_EXTRAS))})"
_EVENT += f" values ({', '.join('?' * (4 + MOST_EXTRAS))})"
_COUNT = (
    "insert into counter(day, name, label, n, total) values (?, ?, ?, ?, ?)"
    " on conflict(day, name, label) do update set n = n + excluded.n, total = total + excluded.total"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """`t_ms` since the session began; `values` are the metric's extras in their order."""

    metric: Metric
    day: int
    t_ms: int
    values: tuple[Value, ...]


# -- consent and pause


def consent(connection: sqlite3.Connection) -> Consent:
    """The last word."""
    row = connection.execute("select * from consent order by id desc limit 1").fetchone()
    return NOTHING if row is None else _consent(row)


def consents(connection: sqlite3.Connection) -> tuple[Consent, ...]:
    """The whole log, oldest first."""
    return tuple(_consent(row) for row in connection.execute("select * from consent order by id"))


def add_consent(connection: sqlite3.Connection, given: Consent) -> None:
    connection.execute(
        "insert into consent(at, level, registry_sha256, wording_sha256, version, metrics) values (?, ?, ?, ?, ?, ?)",
        (
            given.at,
            given.level,
            given.registry_sha256,
            given.wording_sha256,
            given.version,
            json.dumps(given.metrics, sort_keys=True),
        ),
    )


def paused_until(connection: sqlite3.Connection) -> float:
    """Seconds since the epoch; 0 when nothing was ever paused."""
    row = connection.execute("select until from pause order by id desc limit 1").fetchone()
    return float(row[0]) if row else 0.0


def add_pause(connection: sqlite3.Connection, at: float, until: float) -> None:
    connection.execute("insert into pause(at, until) values (?, ?)", (at, until))


# -- what happened


def metric_id(connection: sqlite3.Connection, metric: Metric) -> int:
    """The number of a metric as it is described now; the description is kept beside it."""
    key = (metric.name, metric.fingerprint)
    row = connection.execute("select id from metric where name = ? and fingerprint = ?", key).fetchone()
    if row is not None:
        return int(row[0])
    definition = json.dumps(metric.as_dict(), sort_keys=True)
    cursor = connection.execute(
        "insert into metric(name, fingerprint, definition) values (?, ?, ?)", (*key, definition)
    )
    return int(cursor.lastrowid or 0)


def session_in(connection: sqlite3.Connection, known: int | None, day: int, version: str) -> int:
    """The session `known` if it is there, else a new one."""
    if known is not None and connection.execute("select 1 from session where id = ?", (known,)).fetchone():
        return known
    cursor = connection.execute("insert into session(day, version) values (?, ?)", (day, version))
    return int(cursor.lastrowid or 0)


def sessions(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select count(*) from session").fetchone()[0])


def add_events(connection: sqlite3.Connection, session: int, rows: Iterable[EventRow]) -> None:
    ids: dict[str, int] = {}

    def stored(row: EventRow) -> tuple[Value, ...]:
        name = row.metric.name
        if name not in ids:
            ids[name] = metric_id(connection, row.metric)
        rest = (None,) * (MOST_EXTRAS - len(row.values))
        return (session, ids[name], row.day, row.t_ms, *row.values, *rest)

    connection.executemany(_EVENT, [stored(row) for row in rows])


def add_counts(connection: sqlite3.Connection, counts: Mapping[tuple[int, str, str], tuple[int, float]]) -> None:
    """Add to the counters of (day, name, label): how many, and their total."""
    connection.executemany(_COUNT, ((*key, n, total) for key, (n, total) in counts.items()))


# -- questionnaires and exports


def asked(connection: sqlite3.Connection) -> tuple[Asked, ...]:
    rows = connection.execute("select day, instrument, outcome, task, items, score from survey order by id")
    return tuple(
        Asked(
            day=row["day"],
            instrument=row["instrument"],
            outcome=row["outcome"],
            task=row["task"],
            items=tuple(json.loads(row["items"])),
            score=row["score"],
        )
        for row in rows
    )


def add_asked(connection: sqlite3.Connection, each: Asked) -> None:
    connection.execute(
        "insert into survey(day, instrument, outcome, task, items, score) values (?, ?, ?, ?, ?, ?)",
        (each.day, each.instrument, each.outcome, each.task, json.dumps(each.items), each.score),
    )


def add_export(connection: sqlite3.Connection, at: float, size: int, sha256: str) -> None:
    connection.execute("insert into audit(at, action, bytes, sha256) values (?, 'export', ?, ?)", (at, size, sha256))


# -- keeping it short


def tidy(connection: sqlite3.Connection, today: int) -> int:
    """Remove events older than 30 days and counters older than a year; gives how many events went.

    What is dated later than tomorrow comes from a clock that was wrong: it counts as of today, or it would never go.
    """
    for table in ("event", "session", "survey"):
        connection.execute(f"update {table} set day = ? where day > ?", (today, today + 1))
    connection.execute(
        "insert into counter(day, name, label, n, total)"
        " select ?, name, label, sum(n), sum(total) from counter where day > ? group by name, label"
        " on conflict(day, name, label) do update set n = n + excluded.n, total = total + excluded.total",
        (today, today + 1),
    )
    connection.execute("delete from counter where day > ? or day < ?", (today + 1, today - COUNTER_DAYS))
    gone = connection.execute("delete from event where day < ?", (today - RAW_DAYS,)).rowcount
    connection.execute(
        "delete from session where day < ? and not exists (select 1 from event where event.session = session.id)",
        (today - COUNTER_DAYS,),
    )
    return gone


def _consent(row: sqlite3.Row) -> Consent:
    return Consent(
        at=row["at"],
        level=row["level"] if row["level"] in LEVELS else "off",
        metrics=json.loads(row["metrics"]),
        registry_sha256=row["registry_sha256"],
        wording_sha256=row["wording_sha256"],
        version=row["version"],
    )
