"""The rows of `rules`: what every answer should follow, and which proposals were refused."""

from __future__ import annotations

import sqlite3

from desktop_app.domain.rules import Rule
from desktop_app.errors import UserCanFix
from desktop_app.storage.codec import clean

_COLUMNS = "id, text, key, state, created_at"


def listing(connection: sqlite3.Connection) -> tuple[Rule, ...]:
    """Oldest first, refused ones among them."""
    return tuple(Rule(**dict(row)) for row in connection.execute(f"select {_COLUMNS} from rules order by seq"))


def find(connection: sqlite3.Connection, rule_id: str) -> Rule:
    """Raises UserCanFix("rules.not_found")."""
    row = connection.execute(f"select {_COLUMNS} from rules where id = ?", (clean(rule_id),)).fetchone()
    if row is None:
        raise UserCanFix(
            "rules.not_found", "This rule is no longer there.", remedy="Choose another one from the list of rules."
        )
    return Rule(**dict(row))


def save(connection: sqlite3.Connection, rule: Rule) -> None:
    """Add it, or put it in the place of the one with its id."""
    connection.execute(
        f"insert into rules({_COLUMNS}) values (?, ?, ?, ?, ?) on conflict(id) do update set"
        " text = excluded.text, key = excluded.key, state = excluded.state",
        (rule.id, clean(rule.text), rule.key, rule.state, rule.created_at),
    )


def delete(connection: sqlite3.Connection, rule_id: str) -> None:
    connection.execute("delete from rules where id = ?", (clean(rule_id),))
