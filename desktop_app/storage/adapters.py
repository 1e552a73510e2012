"""The rows of `adapters`, of their timeline and votes. Every change of state writes its line of the timeline."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from desktop_app.domain.adapters import Adapter, AdapterEvent, AdapterState, Lineage, check_transition
from desktop_app.domain.blind_comparison import Vote
from desktop_app.domain.gate import Verdict
from desktop_app.errors import UserCanFix
from desktop_app.storage import codec

_COLUMNS = (
    "id, state, origin, base_sha256, base_name, recipe, seed, code_version, parent_id, sha256, strength,"
    " created_at, changed_at"
)


def listing(connection: sqlite3.Connection) -> tuple[Adapter, ...]:
    """Newest first, the removed ones too."""
    return tuple(
        _adapter(connection, row) for row in connection.execute(f"select {_COLUMNS} from adapters order by seq desc")
    )


def find(connection: sqlite3.Connection, adapter_id: str) -> Adapter:
    """By its id, or by the only one that begins or ends so. Raises UserCanFix("adapters.not_found")."""
    wanted = codec.clean(adapter_id)
    rows = connection.execute(f"select {_COLUMNS} from adapters where id = ?", (wanted,)).fetchall()
    if not rows and len(wanted) >= 4 and wanted.isalnum():
        rows = connection.execute(
            f"select {_COLUMNS} from adapters where id like ? or id like ?", (f"{wanted}%", f"%{wanted}")
        ).fetchall()
    if len(rows) != 1:
        raise UserCanFix(
            "adapters.not_found",
            f"There is no adapter {adapter_id}.",
            remedy="Look at their ids with: stonechat adapters list",
        )
    return _adapter(connection, rows[0])


def active(connection: sqlite3.Connection, base_sha256: str) -> Adapter | None:
    row = connection.execute(
        f"select {_COLUMNS} from adapters where state = 'active' and base_sha256 = ?", (base_sha256,)
    ).fetchone()
    return _adapter(connection, row) if row else None


def add(connection: sqlite3.Connection, adapter: Adapter, reason: str) -> None:
    made = adapter.lineage
    connection.execute(
        f"insert into adapters({_COLUMNS}) values ({', '.join('?' * 13)})",
        (
            adapter.id,
            adapter.state,
            made.origin,
            made.base_sha256,
            made.base_name,
            made.recipe,
            made.seed,
            made.code_version,
            made.parent_id,
            adapter.sha256,
            adapter.strength,
            adapter.created_at,
            adapter.changed_at,
        ),
    )
    set_feedback(connection, adapter.id, made.learned_from, made.judged_on)
    _note(connection, adapter.id, "", adapter.state, reason, adapter.created_at)


def set_feedback(
    connection: sqlite3.Connection, adapter_id: str, learned_from: Iterable[str], judged_on: Iterable[str]
) -> None:
    connection.execute("delete from adapter_feedback where adapter_id = ?", (adapter_id,))
    rows = [*((adapter_id, each, 0) for each in learned_from), *((adapter_id, each, 1) for each in judged_on)]
    connection.executemany(
        "insert or ignore into adapter_feedback(adapter_id, feedback_id, held_out) values (?,?,?)", rows
    )


def move(connection: sqlite3.Connection, adapter_id: str, after: AdapterState, reason: str, now: float) -> Adapter:
    """Raises Bug for a step that is not allowed."""
    before = find(connection, adapter_id)
    check_transition(before.state, after)
    connection.execute("update adapters set state = ?, changed_at = ? where id = ?", (after, now, before.id))
    _note(connection, before.id, before.state, after, reason, now)
    return find(connection, before.id)


def set_strength(connection: sqlite3.Connection, adapter_id: str, strength: float) -> None:
    connection.execute("update adapters set strength = ? where id = ?", (strength, adapter_id))


def set_sha256(connection: sqlite3.Connection, adapter_id: str, sha256: str) -> None:
    connection.execute("update adapters set sha256 = ? where id = ?", (sha256, adapter_id))


def set_report(connection: sqlite3.Connection, adapter_id: str, verdict: Verdict) -> None:
    connection.execute("update adapters set report = ? where id = ?", (codec.encode(verdict), adapter_id))


def report(connection: sqlite3.Connection, adapter_id: str) -> Verdict | None:
    row = connection.execute("select report from adapters where id = ?", (adapter_id,)).fetchone()
    return codec.decode_or_none(row["report"], Verdict) if row else None


def learned_from(connection: sqlite3.Connection, feedback_ids: Iterable[str]) -> tuple[Adapter, ...]:
    """The adapters that learned from any of these and are not stale or removed yet."""
    wanted = set(feedback_ids)
    rows = connection.execute(
        "select distinct a.id, f.feedback_id from adapter_feedback f join adapters a on a.id = f.adapter_id"
        " where f.held_out = 0 and a.state not in ('stale', 'removed')"
    )
    ids = sorted({row["id"] for row in rows if row["feedback_id"] in wanted})
    return tuple(find(connection, each) for each in ids)


def timeline(connection: sqlite3.Connection, limit: int = 200) -> tuple[AdapterEvent, ...]:
    """Newest first."""
    rows = connection.execute(
        "select adapter_id, before, after, at, reason from adapter_events order by seq desc limit ?", (limit,)
    )
    return tuple(AdapterEvent(**dict(row)) for row in rows)


def in_use_since(connection: sqlite3.Connection, adapter_id: str) -> float | None:
    """When it was put into use last (epoch seconds)."""
    row = connection.execute(
        "select max(at) from adapter_events where adapter_id = ? and after = 'active'", (adapter_id,)
    ).fetchone()
    return None if row[0] is None else float(row[0])


def add_vote(connection: sqlite3.Connection, adapter_id: str, vote: Vote, now: float) -> None:
    connection.execute("insert into votes(adapter_id, vote, at) values (?, ?, ?)", (adapter_id, vote, now))


def votes(connection: sqlite3.Connection, adapter_id: str) -> tuple[Vote, ...]:
    rows = connection.execute("select vote from votes where adapter_id = ? order by seq", (adapter_id,))
    return tuple(row["vote"] for row in rows)


def _adapter(connection: sqlite3.Connection, row: sqlite3.Row) -> Adapter:
    feedback: dict[int, list[str]] = {0: [], 1: []}
    for held_out, feedback_id in connection.execute(
        "select held_out, feedback_id from adapter_feedback where adapter_id = ? order by feedback_id", (row["id"],)
    ):
        feedback[held_out].append(feedback_id)
    return Adapter(
        id=row["id"],
        state=row["state"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        sha256=row["sha256"] or "",
        strength=row["strength"],
        lineage=Lineage(
            base_sha256=row["base_sha256"],
            base_name=row["base_name"] or "",
            recipe=row["recipe"] or "",
            seed=row["seed"] or 0,
            code_version=row["code_version"] or "",
            parent_id=row["parent_id"] or "",
            origin=row["origin"],
            learned_from=tuple(feedback[0]),
            judged_on=tuple(feedback[1]),
        ),
    )


def _note(
    connection: sqlite3.Connection, adapter_id: str, before: str, after: AdapterState, reason: str, now: float
) -> None:
    connection.execute(
        "insert into adapter_events(adapter_id, before, after, reason, at) values (?, ?, ?, ?, ?)",
        (adapter_id, before, after, reason, now),
    )
