"""The journal of trainings: one row a run, so that a killed one is found, finished or cleared away."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from desktop_app.domain.personalizing import Run
from desktop_app.storage.writers import this_writer

_COLUMNS = "adapter_id, model_id, base_sha256, recipe, stage, removed, small, writer, started_at"


def begin(connection: sqlite3.Connection, run: Run) -> None:
    connection.execute(
        f"insert into trainings({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.adapter_id,
            run.model_id,
            run.base_sha256,
            run.recipe,
            run.stage,
            json.dumps(sorted(run.removed)),
            int(run.small),
            this_writer(),
            run.started_at,
        ),
    )


def take_over(connection: sqlite3.Connection, adapter_id: str) -> None:
    """This process goes on with it."""
    connection.execute(
        "update trainings set writer = ? where adapter_id = ? and ended_at is null", (this_writer(), adapter_id)
    )


def set_stage(connection: sqlite3.Connection, adapter_id: str, stage: str) -> None:
    connection.execute("update trainings set stage = ? where adapter_id = ? and ended_at is null", (stage, adapter_id))


def end(connection: sqlite3.Connection, adapter_id: str, outcome: str, now: float) -> None:
    connection.execute(
        "update trainings set ended_at = ?, outcome = ? where adapter_id = ? and ended_at is null",
        (now, outcome, adapter_id),
    )


def unfinished(connection: sqlite3.Connection) -> tuple[Run, ...]:
    """Newest first."""
    rows = connection.execute(f"select {_COLUMNS} from trainings where ended_at is null order by seq desc")
    return tuple(_run(row) for row in rows)


def last_ended(connection: sqlite3.Connection) -> tuple[str, float] | None:
    """(adapter id, when) of the newest one that was judged."""
    row = connection.execute(
        "select adapter_id, ended_at from trainings where outcome in ('passed', 'rejected') order by seq desc limit 1"
    ).fetchone()
    return (row[0], float(row[1])) if row else None


def _run(row: sqlite3.Row) -> Run:
    removed: Iterable[str] = json.loads(row["removed"])
    return Run(
        adapter_id=row["adapter_id"],
        model_id=row["model_id"],
        base_sha256=row["base_sha256"],
        recipe=row["recipe"],
        stage=row["stage"],
        removed=frozenset(removed),
        small=bool(row["small"]),
        started_at=row["started_at"],
    )
