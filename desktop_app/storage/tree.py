"""Walks the tree of messages. A page costs its own length, however long the conversation is."""

from __future__ import annotations

import sqlite3

from desktop_app.domain.conversations import StoredMessage, TranscriptPage
from desktop_app.storage.messages import COLUMNS, from_row


def page(connection: sqlite3.Connection, last_id: str | None, limit: int) -> TranscriptPage:
    """At most `limit` messages of the path that ends with `last_id`."""
    limit = max(1, limit)
    found = _upwards(connection, last_id, limit + 1)
    return TranscriptPage(messages=tuple(reversed(found[:limit])), has_earlier=len(found) > limit)


def path(connection: sqlite3.Connection, last_id: str | None) -> tuple[StoredMessage, ...]:
    """From the root to `last_id`."""
    return tuple(reversed(_upwards(connection, last_id, -1)))


def siblings(connection: sqlite3.Connection, message: StoredMessage) -> tuple[str, ...]:
    """The messages with the same parent, itself among them, oldest first."""
    rows = connection.execute(
        "select id from messages where conversation_id = ? and parent_id is ? order by seq",
        (message.conversation_id, message.parent_id),
    )
    return tuple(row[0] for row in rows)


def newest_leaf(connection: sqlite3.Connection, message_id: str) -> str:
    """The newest message below `message_id` (or itself): nothing hangs on it, or that would be newer."""
    row = connection.execute(
        """with recursive below(id, seq) as (
            select id, seq from messages where id = ?
            union all select m.id, m.seq from messages m join below on m.parent_id = below.id
        ) select id from below order by seq desc limit 1""",
        (message_id,),
    ).fetchone()
    return str(row[0])


def _upwards(connection: sqlite3.Connection, last_id: str | None, limit: int) -> list[StoredMessage]:
    """`last_id`, its parent, and so on; a negative `limit` goes to the root."""
    rows = connection.execute(
        f"""with recursive up(id, parent_id, depth) as (
            select id, parent_id, 0 from messages where id = ?
            union all select m.id, m.parent_id, depth + 1 from messages m join up on m.id = up.parent_id limit ?
        ) select {COLUMNS} from up join messages m on m.id = up.id order by up.depth""",
        (last_id, limit),
    )
    return [from_row(row) for row in rows]
