"""The rows of `conversations`. Order is by `changed`, a number that grows with every change."""

from __future__ import annotations

import sqlite3

from desktop_app.domain.conversations import Conversation
from desktop_app.storage.codec import clean
from desktop_app.storage.problems import not_found

_COLUMNS = "id, title, created_at, updated_at, head_id, deleted_at"
_NEXT = "(select coalesce(max(changed), 0) + 1 from conversations)"


def listing(connection: sqlite3.Connection, *, limit: int, offset: int) -> tuple[Conversation, ...]:
    """Those that are not deleted, last changed first."""
    rows = connection.execute(
        f"select {_COLUMNS} from conversations where deleted_at is null order by changed desc limit ? offset ?",
        (max(0, limit), max(0, offset)),
    )
    return tuple(_conversation(row) for row in rows)


def find(connection: sqlite3.Connection, conversation_id: str) -> Conversation:
    """Deleted ones too, as long as they are not erased. Raises UserCanFix."""
    row = connection.execute(f"select {_COLUMNS} from conversations where id = ?", (clean(conversation_id),)).fetchone()
    if row is None:
        raise not_found()
    return _conversation(row)


def add(connection: sqlite3.Connection, conversation_id: str, title: str, now: float) -> Conversation:
    connection.execute(
        f"insert into conversations(id, title, created_at, updated_at, changed) values (?, ?, ?, ?, {_NEXT})",
        (conversation_id, clean(title), now, now),
    )
    return find(connection, conversation_id)


def rename(connection: sqlite3.Connection, conversation_id: str, title: str) -> Conversation:
    """Raises UserCanFix."""
    connection.execute("update conversations set title = ? where id = ?", (clean(title), clean(conversation_id)))
    return find(connection, conversation_id)


def set_deleted(connection: sqlite3.Connection, conversation_id: str, when: float | None) -> None:
    """Mark as deleted, or with None as not deleted. Raises UserCanFix."""
    connection.execute("update conversations set deleted_at = ? where id = ?", (when, clean(conversation_id)))
    find(connection, conversation_id)


def set_head(connection: sqlite3.Connection, conversation_id: str, head_id: str) -> None:
    connection.execute("update conversations set head_id = ? where id = ?", (head_id, conversation_id))


def touch(connection: sqlite3.Connection, conversation_id: str, now: float) -> None:
    """Bring it to the top of the list."""
    connection.execute(
        f"update conversations set updated_at = ?, changed = {_NEXT} where id = ?", (now, conversation_id)
    )


def _conversation(row: sqlite3.Row) -> Conversation:
    return Conversation(**dict(row))
