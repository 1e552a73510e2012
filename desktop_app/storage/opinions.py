"""The rows of `opinions`: ratings, picks, signals. What they are about is read from `messages`, unless imported."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from desktop_app.domain.conversations import Provenance, StoredMessage
from desktop_app.domain.events import Timings
from desktop_app.domain.feedback import AnyOpinion, Pick, Rating, Reason, Signal
from desktop_app.errors import UserCanFix
from desktop_app.storage import codec, erasure
from desktop_app.storage.ids import made_at

_COLUMNS = (
    *("id", "kind", "conversation_id", "answer_id", "worse_id", "liked", "reasons", "comment", "better", "signal"),
    *("question", "answer", "worse", "provenance", "timings", "created_at", "changed_at"),
)
_SELECT = """select o.id, o.kind, o.conversation_id, o.answer_id, o.worse_id, o.liked, o.reasons, o.comment, o.better,
    o.signal, o.created_at, o.changed_at, o.provenance, o.timings,
    coalesce(o.question, q.text, '') as question, coalesce(o.answer, a.text, '') as answer,
    coalesce(o.worse, w.text, '') as worse
    from opinions o left join messages a on a.id = o.answer_id left join messages q on q.id = a.parent_id
    left join messages w on w.id = o.worse_id left join conversations c on c.id = o.conversation_id
    where c.deleted_at is null"""


def listing(connection: sqlite3.Connection) -> tuple[AnyOpinion, ...]:
    """Oldest first, without those of deleted conversations."""
    return tuple(_opinion(row) for row in connection.execute(f"{_SELECT} order by o.seq"))


def of_conversation(connection: sqlite3.Connection, conversation_id: str) -> tuple[AnyOpinion, ...]:
    rows = connection.execute(f"{_SELECT} and o.conversation_id = ? order by o.seq", (codec.clean(conversation_id),))
    return tuple(_opinion(row) for row in rows)


def find(connection: sqlite3.Connection, opinion_id: str) -> AnyOpinion:
    """Raises UserCanFix("feedback.not_found")."""
    row = connection.execute(f"{_SELECT} and o.id = ?", (codec.clean(opinion_id),)).fetchone()
    if row is None:
        raise UserCanFix(
            "feedback.not_found",
            "This rating is no longer there.",
            remedy="Choose another one from the list of ratings.",
        )
    return _opinion(row)


def rating_of(connection: sqlite3.Connection, answer_id: str) -> Rating | None:
    row = connection.execute(
        f"{_SELECT} and o.answer_id = ? and o.kind = 'rating'", (codec.clean(answer_id),)
    ).fetchone()
    found = _opinion(row) if row is not None else None
    return found if isinstance(found, Rating) else None


def save(connection: sqlite3.Connection, opinion: AnyOpinion) -> None:
    """Add it, or put it in the place of the one with its id."""
    row = _row(opinion)
    changes = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
    connection.execute(
        f"insert into opinions({', '.join(_COLUMNS)}) values ({', '.join('?' * len(_COLUMNS))})"
        f" on conflict(id) do update set {changes}",
        tuple(row[name] for name in _COLUMNS),
    )


def delete(connection: sqlite3.Connection, opinion: AnyOpinion) -> None:
    """Its id stays among the withdrawn ones; what it said is wiped from backups and logs too."""
    connection.execute("delete from opinions where id = ?", (opinion.id,))
    erasure.make_due(connection, made_at(opinion.id))


def withdrawn(connection: sqlite3.Connection) -> frozenset[str]:
    """Ids of all that were taken back or whose conversation was deleted, erased already or not."""
    gone = "select o.id from opinions o join conversations c on c.id = o.conversation_id where c.deleted_at is not null"
    return frozenset(row[0] for row in connection.execute(f"select id from withdrawn union {gone}"))


def about(answer: StoredMessage, question: StoredMessage) -> dict[str, Any]:
    """What every opinion says of the answer it is about."""
    return {
        "conversation_id": answer.conversation_id,
        "answer_id": answer.id,
        "question": question.text,
        "answer": answer.text,
        "provenance": answer.provenance,
        "timings": answer.timings,
    }


def _row(opinion: AnyOpinion) -> dict[str, object]:
    imported = opinion.imported
    row: dict[str, object] = dict.fromkeys(_COLUMNS) | {
        "id": opinion.id,
        "conversation_id": opinion.conversation_id or None,
        "answer_id": opinion.answer_id or None,
        "comment": "",
        "better": "",
        "question": codec.clean(opinion.question) if imported else None,
        "answer": codec.clean(opinion.answer) if imported else None,
        "provenance": codec.encode_unless_default(replace(opinion.provenance, evidence={})),
        "timings": codec.encode_unless_default(opinion.timings),
        "created_at": opinion.created_at,
        "changed_at": opinion.changed_at,
    }
    if isinstance(opinion, Rating):
        row |= {
            "kind": "rating",
            "liked": None if opinion.liked is None else int(opinion.liked),
            "reasons": codec.encode(opinion.reasons) if opinion.reasons else None,
            "comment": codec.clean(opinion.comment),
            "better": codec.clean(opinion.better),
        }
    elif isinstance(opinion, Pick):
        worse = codec.clean(opinion.worse) if imported else None
        row |= {"kind": "pick", "worse_id": opinion.worse_id or None, "worse": worse}
    else:
        row |= {"kind": "signal", "signal": opinion.kind}
    return row


def _opinion(row: sqlite3.Row) -> AnyOpinion:
    common: dict[str, Any] = {
        "id": row["id"],
        "conversation_id": row["conversation_id"] or "",
        "answer_id": row["answer_id"] or "",
        "question": row["question"],
        "answer": row["answer"],
        "created_at": row["created_at"],
        "changed_at": row["changed_at"],
        "provenance": codec.decode(row["provenance"], Provenance),
        "timings": codec.decode(row["timings"], Timings),
    }
    if row["kind"] == "pick":
        return Pick(**common, worse_id=row["worse_id"] or "", worse=row["worse"])
    if row["kind"] == "signal":
        return Signal(**common, kind=row["signal"])
    return Rating(
        **common,
        liked=None if row["liked"] is None else bool(row["liked"]),
        reasons=codec.decode_list(row["reasons"], Reason),
        comment=row["comment"],
        better=row["better"],
    )
