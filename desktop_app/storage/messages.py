"""The rows of `messages`: questions, answers while they are written, and answers whose writer died."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from desktop_app.domain.conversations import Provenance, Status, StoredMessage
from desktop_app.domain.events import Timings
from desktop_app.domain.generation import StoppedBy
from desktop_app.domain.messages import Part, Picture
from desktop_app.storage import codec, pictures
from desktop_app.storage.problems import not_found
from desktop_app.storage.writers import runs, this_writer

COLUMNS = """m.id, m.conversation_id, m.parent_id, m.role, m.text, m.parts, m.status, m.stopped_by, m.spoken,
    m.created_at, m.writer, m.provenance, m.timings,
    (select count(*) from messages s where s.conversation_id = m.conversation_id and s.parent_id is m.parent_id
        and s.seq < m.seq) as sibling,
    (select count(*) from messages s where s.conversation_id = m.conversation_id and s.parent_id is m.parent_id)
        as siblings"""


def find(connection: sqlite3.Connection, message_id: str) -> StoredMessage:
    """Raises UserCanFix."""
    row = connection.execute(f"select {COLUMNS} from messages m where m.id = ?", (codec.clean(message_id),)).fetchone()
    if row is None:
        raise not_found()
    return from_row(row)


def add_question(
    connection: sqlite3.Connection,
    message_id: str,
    *,
    conversation_id: str,
    parent_id: str | None,
    parts: tuple[Part, ...],
    spoken: bool,
    now: float,
) -> None:
    parts = tuple(_clean_part(part) for part in parts)
    added = connection.execute(
        "insert into messages(id, conversation_id, parent_id, role, text, parts, status, spoken, created_at)"
        " values (?, ?, ?, 'user', ?, ?, 'done', ?, ?)",
        (
            message_id,
            conversation_id,
            parent_id,
            codec.text_of(parts),
            codec.encode_parts(parts),
            int(spoken),
            now,
        ),
    )
    shown = {part.sha256: part for part in parts if isinstance(part, Picture)}
    pictures.use(connection, shown.values(), message_seq=int(added.lastrowid or 0), now=now)


def begin_answer(
    connection: sqlite3.Connection, message_id: str, question: StoredMessage, provenance: Provenance, now: float
) -> None:
    """An empty answer that this process is going to write."""
    connection.execute(
        "insert into messages"
        "(id, conversation_id, parent_id, role, text, status, spoken, created_at, writer, provenance)"
        " values (?, ?, ?, 'assistant', '', 'streaming', 0, ?, ?, ?)",
        (
            message_id,
            question.conversation_id,
            question.id,
            now,
            this_writer(),
            codec.encode_unless_default(provenance),
        ),
    )


def save_text(connection: sqlite3.Connection, answer_id: str, text: str) -> None:
    """Keep what is written so far. An answer that is complete stays as it is. Raises UserCanFix when it is gone."""
    saved = connection.execute(
        "update messages set text = ? where id = ? and status = 'streaming'", (codec.clean(text), answer_id)
    )
    if not saved.rowcount:
        find(connection, answer_id)


def finish(
    connection: sqlite3.Connection,
    answer_id: str,
    text: str,
    *,
    status: Status,
    stopped_by: StoppedBy | None,
    provenance: Provenance,
    timings: Timings,
) -> StoredMessage:
    """Raises UserCanFix when the answer is gone."""
    connection.execute(
        "update messages set text = ?, status = ?, stopped_by = ?, provenance = ?, timings = ?, writer = null"
        " where id = ?",
        (
            codec.clean(text),
            status,
            stopped_by,
            codec.encode_unless_default(provenance),
            codec.encode_unless_default(timings),
            answer_id,
        ),
    )
    return find(connection, answer_id)


def settle_answers_of_the_dead(connection: sqlite3.Connection) -> None:
    """Mark as interrupted what no running process is writing. Answers of other living processes are left alone."""
    writers = [row[0] for row in connection.execute("select distinct writer from messages where status = 'streaming'")]
    for writer in writers:
        if not runs(writer or ""):
            connection.execute(
                "update messages set status = 'interrupted', writer = null where status = 'streaming' and writer is ?",
                (writer,),
            )


def settle(connection: sqlite3.Connection, answer_ids: Iterable[str]) -> None:
    """Mark these as interrupted, unless they are complete."""
    for answer_id in answer_ids:
        connection.execute(
            "update messages set status = 'interrupted', writer = null where status = 'streaming' and id = ?",
            (answer_id,),
        )


def from_row(row: sqlite3.Row) -> StoredMessage:
    """An answer whose writer died after the database was opened reads "interrupted" at once."""
    streaming = row["status"] == "streaming"
    return StoredMessage(
        id=row["id"],
        conversation_id=row["conversation_id"],
        parent_id=row["parent_id"],
        role=row["role"],
        parts=codec.decode_parts(row["parts"], row["text"]),
        status="interrupted" if streaming and not runs(row["writer"] or "") else row["status"],
        created_at=row["created_at"],
        stopped_by=row["stopped_by"],
        spoken=bool(row["spoken"]),
        provenance=codec.decode(row["provenance"], Provenance),
        timings=codec.decode(row["timings"], Timings),
        sibling=row["sibling"],
        siblings=row["siblings"],
    )


def _clean_part(part: Part) -> Part:
    return codec.clean(part) if isinstance(part, str) else pictures.cleaned(part)
