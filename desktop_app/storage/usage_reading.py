"""Questions to `usage.db`: daily counts, single values of events, and the whole as lines of JSON for an export."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from desktop_app.domain.metrics import Value
from desktop_app.storage import usage_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    name: str
    label: str
    n: int
    total: float


def counts(connection: sqlite3.Connection, since: int) -> tuple[Count, ...]:
    """Sums of the daily counters from the day `since` on."""
    rows = connection.execute(
        "select name, label, sum(n), sum(total) from counter where day >= ? group by name, label", (since,)
    )
    return tuple(Count(name=name, label=label, n=n, total=total) for name, label, n, total in rows)


def values(connection: sqlite3.Connection, name: str, extras: Sequence[str], since: int) -> list[tuple[Value, ...]]:
    """These extras of every kept event of a metric from the day `since` on, however it was described then."""
    found: list[tuple[Value, ...]] = []
    for row in connection.execute("select id, definition from metric where name = ?", (name,)).fetchall():
        places = {extra["name"]: n for n, extra in enumerate(json.loads(row["definition"])["extras"], start=1)}
        columns = ", ".join(f"e{places[extra]}" if extra in places else "null" for extra in extras)
        cursor = connection.cursor()
        cursor.row_factory = None  # plain tuples: this may be a hundred thousand rows
        cursor.execute(f"select {columns} from event where metric = ? and day >= ?", (row["id"], since))
        found += cursor.fetchall()
    return found


def events(connection: sqlite3.Connection, since: int) -> int:
    return int(connection.execute("select count(*) from event where day >= ?", (since,)).fetchone()[0])


def versions(connection: sqlite3.Connection) -> tuple[tuple[int, str], ...]:
    """The day on which each version was first used, in order."""
    rows = connection.execute("select min(day), version from session group by version order by min(id)")
    return tuple((day, version) for day, version in rows)


def export_lines(connection: sqlite3.Connection, made_on: date) -> Iterator[str]:
    """Everything in the file, one JSON object a line, the first says what this is."""
    yield _line({"record": "stonechat usage", "schema": 1, "made_on": made_on.isoformat()})
    names: dict[int, tuple[str, list[str]]] = {}
    for row in connection.execute("select id, fingerprint, definition from metric order by id"):
        told = json.loads(row["definition"])
        names[row["id"]] = (told["name"], [extra["name"] for extra in told["extras"]])
        yield _line({"record": "metric", "fingerprint": row["fingerprint"], **told})
    for each in usage_rows.consents(connection):
        yield _line(
            {
                "record": "consent",
                "at": _moment(each.at),
                "level": each.level,
                "version": each.version,
                "registry_sha256": each.registry_sha256,
                "wording_sha256": each.wording_sha256,
                "metrics": each.metrics,
            }
        )
    for row in connection.execute("select at, until from pause order by id"):
        yield _line({"record": "pause", "at": _moment(row["at"]), "until": _moment(row["until"])})
    for row in connection.execute("select id, day, version from session order by id"):
        yield _line({"record": "session", "id": row["id"], "day": _day(row["day"]), "version": row["version"]})
    yield from _event_lines(connection, names)
    for row in connection.execute("select day, name, label, n, total from counter order by day, name, label"):
        yield _line({"record": "counter", **dict(row), "day": _day(row["day"])})
    for row in connection.execute("select day, instrument, outcome, task, items, score from survey order by id"):
        told = {**dict(row), "day": _day(row["day"]), "items": json.loads(row["items"])}
        yield _line({"record": "survey", **told})
    for row in connection.execute("select at, action, bytes, sha256 from audit order by id"):
        yield _line({"record": "audit", **dict(row), "at": _moment(row["at"])})


def _event_lines(connection: sqlite3.Connection, names: dict[int, tuple[str, list[str]]]) -> Iterator[str]:
    cursor = connection.cursor()
    cursor.row_factory = None
    for session, metric, day, t_ms, *found in cursor.execute(
        "select session, metric, day, t_ms, e1, e2, e3, e4, e5 from event order by id"
    ):
        name, extras = names[metric]
        details = {extra: value for extra, value in zip(extras, found, strict=False) if value is not None}
        yield _line({"record": "event", "session": session, "day": _day(day), "t_ms": t_ms, "name": name, **details})


def _line(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
