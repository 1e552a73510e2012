"""Full-text search over messages and titles. The newest come first: that is what people look for, and it stays fast."""

from __future__ import annotations

import re
import secrets
import sqlite3

from desktop_app.domain.conversations import SearchHit
from desktop_app.storage.codec import clean

_MOST_CHARACTERS = 1000
_MOST_WORDS = 16
_SNIPPET_WORDS = 24
_WORD = re.compile(r"[^\W_]+")

_IN_TITLES = """
    select c.id as conversation_id, coalesce(c.head_id, '') as message_id, c.title, c.updated_at as created_at,
        snippet(conversations_fts, 0, :opening, :closing, '…', :words) as snippet
    from conversations_fts join conversations c on c.seq = conversations_fts.rowid
    where conversations_fts match :query and c.deleted_at is null
    order by conversations_fts.rowid desc limit :limit"""
_IN_MESSAGES = """
    select m.conversation_id, m.id as message_id, c.title, m.created_at,
        snippet(messages_fts, 0, :opening, :closing, '…', :words) as snippet
    from messages_fts join messages m on m.seq = messages_fts.rowid join conversations c on c.id = m.conversation_id
    where messages_fts match :query and c.deleted_at is null
    order by messages_fts.rowid desc limit :limit"""


def search(connection: sqlite3.Connection, words: str, *, limit: int) -> tuple[SearchHit, ...]:
    """Conversations with all the words in their title, then messages with them; the last word may be unfinished.

    Case and accents do not matter, and nothing in `words` is an operator.
    """
    query = _query(words)
    if not query or limit < 1:
        return ()
    mark = secrets.token_hex(8)  # so that no stored text can hold it
    asked = {
        "query": query,
        "opening": f"<{mark}",
        "closing": f"{mark}>",
        "words": _SNIPPET_WORDS,
        "limit": limit,
    }
    hits = [_hit(row, mark) for row in connection.execute(_IN_TITLES, asked)]
    if len(hits) < limit:
        asked["limit"] = limit - len(hits)
        hits += [_hit(row, mark) for row in connection.execute(_IN_MESSAGES, asked)]
    return tuple(hits)


def _query(words: str) -> str:
    """An FTS5 expression of quoted words; empty when there is nothing to look for."""
    found = _WORD.findall(clean(words[:_MOST_CHARACTERS]))[:_MOST_WORDS]
    return " AND ".join(f'"{word}"' for word in found) + " *" if found else ""


def _hit(row: sqlite3.Row, mark: str) -> SearchHit:
    snippet, marks = _marked(row["snippet"], mark)
    return SearchHit(
        conversation_id=row["conversation_id"],
        message_id=row["message_id"],
        title=row["title"],
        snippet=snippet,
        marks=marks,
        created_at=row["created_at"],
    )


def _marked(text: str, mark: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text without its marks, and where they stood."""
    plain = ""
    marks: list[tuple[int, int]] = []
    head, *pieces = text.split(f"<{mark}")
    plain = head
    for piece in pieces:
        inside, _, after = piece.partition(f"{mark}>")
        marks.append((len(plain), len(plain) + len(inside)))
        plain += inside + after
    return plain, tuple(marks)
