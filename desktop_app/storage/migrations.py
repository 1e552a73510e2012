"""The schema, as functions that are appended and never edited. `PRAGMA user_version` counts those that have run.

`sqlite_utils` is imported here only, and only when there is something to migrate: it costs 25 MB and up to half a
second, which an ordinary start does not pay.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database as Tables

FULL_TEXT = ("messages_fts", "conversations_fts")


def m001_conversations(db: Tables) -> None:
    """Conversations, their tree of messages, pictures, evidence, and full text over texts and titles.

    `seq` gives the order of things: unlike a time it never goes back. `conversations.changed` is such a number too.
    `head_id` has no foreign key, because messages point at conversations already.
    """
    db.table("conversations").create(
        {
            "seq": int,
            "id": str,
            "title": str,
            "created_at": float,
            "updated_at": float,
            "changed": int,
            "head_id": str,
            "deleted_at": float,
        },
        pk="seq",
        not_null={"id", "title", "created_at", "updated_at", "changed"},
        strict=True,
    )
    db.table("conversations").create_index(["id"], unique=True)
    db.table("conversations").create_index(["changed"])
    db.table("messages").create(
        {
            "seq": int,
            "id": str,
            "conversation_id": str,
            "parent_id": str,
            "role": str,
            "text": str,
            "parts": str,
            "status": str,
            "stopped_by": str,
            "spoken": int,
            "created_at": float,
            "writer": str,
            "provenance": str,
            "timings": str,
        },
        pk="seq",
        not_null={"id", "conversation_id", "role", "text", "status", "spoken", "created_at"},
        foreign_keys=[("conversation_id", "conversations", "id"), ("parent_id", "messages", "id")],
        strict=True,
    )
    db.table("messages").create_index(["id"], unique=True)
    db.table("messages").create_index(["conversation_id", "parent_id"])
    db.table("messages").create_index(["parent_id"])
    db.execute("create index messages_streaming on messages(writer) where status = 'streaming'")
    db.table("pictures").create(
        {"sha256": str, "width": int, "height": int, "name": str, "bytes": int, "kept_at": float},
        pk="sha256",
        not_null={"width", "height", "name", "bytes", "kept_at"},
        strict=True,
    )
    db.table("picture_uses").create(
        {"sha256": str, "message_seq": int},
        pk=("sha256", "message_seq"),
        foreign_keys=[("sha256", "pictures", "sha256"), ("message_seq", "messages", "seq")],
        strict=True,
    )
    db.table("picture_uses").create_index(["message_seq"])
    db.table("evidence").create(
        {"sha256": str, "reader": str, "found": str}, pk=("sha256", "reader"), not_null={"found"}, strict=True
    )
    db.table("chores").create({"name": str, "since": float}, pk="name", not_null={"since"}, strict=True)
    _add_full_text(db)


def _add_full_text(db: Tables) -> None:
    """An answer enters the index when it is complete, not once a second while it is written."""
    db.execute("create view settled_messages as select seq, text from messages where status <> 'streaming'")
    _add_index(db, "messages_fts", "text", "settled_messages")
    _add_index(db, "conversations_fts", "title", "conversations")
    forget_text = (
        "insert into messages_fts(messages_fts, rowid, text)"
        " select 'delete', old.seq, old.text where old.status <> 'streaming';"
    )
    learn_text = "insert into messages_fts(rowid, text) select new.seq, new.text where new.status <> 'streaming';"
    forget_title = (
        "insert into conversations_fts(conversations_fts, rowid, title) values ('delete', old.seq, old.title);"
    )
    learn_title = "insert into conversations_fts(rowid, title) values (new.seq, new.title);"
    for name, when, body in (
        ("messages_added", "insert on messages", learn_text),
        ("messages_changed", "update of text, status on messages", forget_text + learn_text),
        ("messages_removed", "delete on messages", forget_text),
        ("conversations_added", "insert on conversations", learn_title),
        ("conversations_changed", "update of title on conversations", forget_title + learn_title),
        ("conversations_removed", "delete on conversations", forget_title),
    ):
        db.execute(f"create trigger {name} after {when} begin {body} end")


def _add_index(db: Tables, name: str, column: str, content: str) -> None:
    """`prefix` makes an unfinished word of up to three letters as quick as a whole one."""
    db.execute(
        f"create virtual table {name} using fts5({column}, content = '{content}', content_rowid = 'seq',"
        " tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3')"
    )


def m002_feedback(db: Tables) -> None:
    """What people said about answers, rules about the person, and which opinions were taken back.

    An imported opinion has no `answer_id` and brings its `question` and `answer`; that of others stands in `messages`.
    `provenance` and `timings` are those of the answer when it was rated. `withdrawn` keeps ids only, and fills itself.
    """
    db.table("opinions").create(
        {
            "seq": int,
            "id": str,
            "kind": str,
            "conversation_id": str,
            "answer_id": str,
            "worse_id": str,
            "liked": int,
            "reasons": str,
            "comment": str,
            "better": str,
            "signal": str,
            "question": str,
            "answer": str,
            "worse": str,
            "provenance": str,
            "timings": str,
            "created_at": float,
            "changed_at": float,
        },
        pk="seq",
        not_null={"id", "kind", "comment", "better", "created_at", "changed_at"},
        defaults={"comment": "", "better": ""},
        foreign_keys=[("conversation_id", "conversations", "id"), ("answer_id", "messages", "id")],
        strict=True,
    )
    db.table("opinions").create_index(["id"], unique=True)
    db.table("opinions").create_index(["conversation_id"])
    db.execute("create unique index opinions_ratings on opinions(answer_id) where kind = 'rating'")
    db.execute("create index opinions_answers on opinions(answer_id)")
    db.table("rules").create(
        {"seq": int, "id": str, "text": str, "key": str, "state": str, "created_at": float},
        pk="seq",
        not_null={"id", "text", "key", "state", "created_at"},
        strict=True,
    )
    db.table("rules").create_index(["id"], unique=True)
    db.table("withdrawn").create({"id": str}, pk="id", strict=True)
    db.execute(
        "create trigger opinions_withdrawn after delete on opinions"
        " begin insert or ignore into withdrawn(id) values (old.id); end"
    )
    db.execute(
        "create trigger opinions_restored after insert on opinions begin delete from withdrawn where id = new.id; end"
    )


def m003_adapters(db: Tables) -> None:
    """Adapters with their lineage and timeline, the journal of their making, votes of blind comparisons.

    None of it holds what people wrote: feedback is named by id, `report` holds numbers and our own sentences.
    """
    db.table("adapters").create(
        {
            "seq": int,
            "id": str,
            "state": str,
            "origin": str,
            "base_sha256": str,
            "base_name": str,
            "recipe": str,
            "seed": int,
            "code_version": str,
            "parent_id": str,
            "sha256": str,
            "strength": float,
            "report": str,
            "created_at": float,
            "changed_at": float,
        },
        pk="seq",
        not_null={"id", "state", "origin", "base_sha256", "strength", "created_at", "changed_at"},
        strict=True,
    )
    db.table("adapters").create_index(["id"], unique=True)
    db.execute("create unique index adapters_active on adapters(base_sha256) where state = 'active'")
    db.table("adapter_feedback").create(
        {"adapter_id": str, "feedback_id": str, "held_out": int},
        pk=("adapter_id", "feedback_id", "held_out"),
        foreign_keys=[("adapter_id", "adapters", "id")],
        strict=True,
    )
    db.table("adapter_feedback").create_index(["feedback_id"])
    db.table("adapter_events").create(
        {"seq": int, "adapter_id": str, "before": str, "after": str, "reason": str, "at": float},
        pk="seq",
        not_null={"adapter_id", "before", "after", "reason", "at"},
        foreign_keys=[("adapter_id", "adapters", "id")],
        strict=True,
    )
    db.table("trainings").create(
        {
            "seq": int,
            "adapter_id": str,
            "model_id": str,
            "base_sha256": str,
            "recipe": str,
            "stage": str,
            "removed": str,
            "small": int,
            "writer": str,
            "started_at": float,
            "ended_at": float,
            "outcome": str,
        },
        pk="seq",
        not_null={"adapter_id", "model_id", "base_sha256", "recipe", "stage", "removed", "small", "started_at"},
        foreign_keys=[("adapter_id", "adapters", "id")],
        strict=True,
    )
    db.table("votes").create(
        {"seq": int, "adapter_id": str, "vote": str, "at": float},
        pk="seq",
        not_null={"adapter_id", "vote", "at"},
        foreign_keys=[("adapter_id", "adapters", "id")],
        strict=True,
    )
    db.table("votes").create_index(["adapter_id"])


MIGRATIONS: tuple[Callable[[Tables], None], ...] = (m001_conversations, m002_feedback, m003_adapters)
LATEST = len(MIGRATIONS)


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("pragma user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, migrations: tuple[Callable[[Tables], None], ...] = MIGRATIONS) -> None:
    """Run what has not run yet, each step in one transaction with its number. Raises sqlite3.Error."""
    if version(connection) >= len(migrations):
        return
    from sqlite_utils import Database as Tables

    tables = Tables(connection, recursive_triggers=False, execute_plugins=False)
    for number, migration in enumerate(migrations, start=1):
        connection.execute("begin immediate")
        try:
            if version(connection) < number:
                migration(tables)
                connection.execute(f"pragma user_version = {number}")
            connection.execute("commit")
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
