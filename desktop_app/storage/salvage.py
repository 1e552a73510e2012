"""Takes over from a damaged database what can still be read and the backup does not hold yet.

Rows are read from both ends of each table, so that one broken page costs only the rows on it.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from desktop_app.storage.connection import connect
from desktop_app.storage.migrations import version

_log = logging.getLogger(__name__)
_CONVERSATION = ("id", "title", "created_at", "updated_at", "changed", "head_id", "deleted_at")
_MESSAGE = (
    *("id", "conversation_id", "parent_id", "role", "text", "parts", "status", "stopped_by"),
    *("spoken", "created_at", "writer", "provenance", "timings"),
)
_PICTURE = ("sha256", "width", "height", "name", "bytes", "kept_at")
_OPINION = (
    *("id", "kind", "conversation_id", "answer_id", "worse_id", "liked", "reasons", "comment", "better", "signal"),
    *("question", "answer", "worse", "provenance", "timings", "created_at", "changed_at"),
)
_ADAPTER = (
    *("id", "state", "origin", "base_sha256", "base_name", "recipe", "seed", "code_version", "parent_id", "sha256"),
    *("strength", "report", "created_at", "changed_at"),
)
_RULE = ("id", "text", "key", "state", "created_at")


def salvage(damaged: Path, target: Path) -> int:
    """Complete `target` from `damaged`; how many messages were saved. It is a best effort and never fails."""
    try:
        with closing(_open_damaged(damaged)) as source, closing(connect(target)) as rescued:
            if version(source) != version(rescued):
                return 0
            rescued.execute("begin immediate")
            _take_conversations(source, rescued)
            saved = _take_messages(source, rescued)
            _take_pictures(source, rescued)
            _take_opinions(source, rescued)
            _take_adapters(source, rescued)
            _mend_heads(rescued)
            rescued.execute("commit")
            return saved
    except sqlite3.DatabaseError as error:
        _log.warning("nothing more could be read from the damaged database: %s", error)
        return 0


def _open_damaged(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def _rows(source: sqlite3.Connection, table: str, columns: str, key: str) -> Iterator[sqlite3.Row]:
    """Whatever can be read, in the order of `key`; rows behind the first broken page come last."""
    seen: set[object] = set()
    for order in ("asc", "desc"):
        read = []
        try:
            for row in source.execute(f"select {columns} from {table} not indexed order by {key} {order}"):
                if row[key] in seen:
                    break
                read.append(row)
        except sqlite3.DatabaseError as error:
            _log.warning("%s: only a part can be read: %s", table, error)
        seen.update(row[key] for row in read)
        yield from read if order == "asc" else reversed(read)


def _take_conversations(source: sqlite3.Connection, rescued: sqlite3.Connection) -> None:
    """The damaged file is the newer one: its titles and deletions count."""
    names = ", ".join(_CONVERSATION)
    newer = ", ".join(f"{name} = excluded.{name}" for name in _CONVERSATION[1:])
    for row in _rows(source, "conversations", f"seq, {names}", "seq"):
        _insert(
            rescued,
            f"insert into conversations({names}) values ({_marks(_CONVERSATION)})"
            f" on conflict(id) do update set {newer}",
            tuple(row)[1:],
        )


def _take_messages(source: sqlite3.Connection, rescued: sqlite3.Connection) -> int:
    """A message whose parent is lost becomes a first message; one whose conversation is lost founds it anew."""
    known = {row[0] for row in rescued.execute("select id from messages")}
    conversations = {row[0] for row in rescued.execute("select id from conversations")}
    saved = 0
    for row in _rows(source, "messages", f"seq, {', '.join(_MESSAGE)}", "seq"):
        values = dict(row)
        if values["id"] in known:
            continue
        if values["conversation_id"] not in conversations:
            _found(rescued, values["conversation_id"], values["created_at"])
            conversations.add(values["conversation_id"])
        if values["parent_id"] not in known:
            values["parent_id"] = None
        added = _insert(
            rescued,
            f"insert into messages({', '.join(_MESSAGE)}) values ({_marks(_MESSAGE)})",
            tuple(values[name] for name in _MESSAGE),
        )
        known.update([values["id"]] if added else [])
        saved += added
    return saved


def _take_pictures(source: sqlite3.Connection, rescued: sqlite3.Connection) -> None:
    """Evidence is not taken over: it can be found again."""
    names = ", ".join(_PICTURE)
    for row in _rows(source, "pictures", names, "sha256"):
        _insert(rescued, f"insert or ignore into pictures({names}) values ({_marks(_PICTURE)})", tuple(row))
    rescued.execute(
        "insert or ignore into picture_uses(sha256, message_seq)"
        " select json_extract(part.value, '$.sha256'), m.seq from messages m, json_each(m.parts) part"
        " where m.parts is not null and part.type = 'object'"
        " and json_extract(part.value, '$.sha256') in (select sha256 from pictures)"
    )


def _take_opinions(source: sqlite3.Connection, rescued: sqlite3.Connection) -> None:
    """Ratings and rules as they were last; what was taken back since the backup is taken back again."""
    for table, names in (("opinions", _OPINION), ("rules", _RULE)):
        listed = ", ".join(names)
        newer = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
        for row in _rows(source, table, f"seq, {listed}", "seq"):
            _insert(
                rescued,
                f"insert into {table}({listed}) values ({_marks(names)}) on conflict(id) do update set {newer}",
                tuple(row)[1:],
            )
    for row in _rows(source, "withdrawn", "id", "id"):
        rescued.execute("delete from opinions where id = ?", (row["id"],))
        rescued.execute("insert or ignore into withdrawn(id) values (?)", (row["id"],))


def _take_adapters(source: sqlite3.Connection, rescued: sqlite3.Connection) -> None:
    """Adapters in their last state, with what they learned from: without that they could not go with their feedback.

    One that is in use rests: which one is in use may have changed since the backup.
    """
    names = ", ".join(_ADAPTER)
    newer = ", ".join(f"{name} = excluded.{name}" for name in _ADAPTER[1:])
    rescued.execute("update adapters set state = 'resting' where state = 'active'")
    for row in _rows(source, "adapters", f"seq, {names}", "seq"):
        values = ["resting" if name == "state" and row[name] == "active" else row[name] for name in _ADAPTER]
        sql = f"insert into adapters({names}) values ({_marks(_ADAPTER)}) on conflict(id) do update set {newer}"
        _insert(rescued, sql, tuple(values))
    for row in _rows(source, "adapter_feedback", "rowid, adapter_id, feedback_id, held_out", "rowid"):
        sql = "insert or ignore into adapter_feedback(adapter_id, feedback_id, held_out) values (?, ?, ?)"
        _insert(rescued, sql, tuple(row)[1:])


def _mend_heads(rescued: sqlite3.Connection) -> None:
    """A conversation whose last message is lost shows the newest one that is left."""
    rescued.execute(
        "update conversations set head_id ="
        " (select m.id from messages m where m.conversation_id = conversations.id order by m.seq desc limit 1)"
        " where head_id is null or head_id not in (select id from messages)"
    )


def _found(rescued: sqlite3.Connection, conversation_id: str, when: float) -> None:
    _insert(
        rescued,
        "insert into conversations(id, title, created_at, updated_at, changed)"
        " values (?, '', ?, ?, (select coalesce(max(changed), 0) + 1 from conversations))",
        (conversation_id, when, when),
    )


def _insert(rescued: sqlite3.Connection, sql: str, values: tuple[object, ...]) -> bool:
    """False for a row that makes no sense."""
    try:
        rescued.execute(sql, values)
    except sqlite3.IntegrityError as error:
        _log.warning("a row of the damaged database is left behind: %s", error)
        return False
    return True


def _marks(names: tuple[str, ...]) -> str:
    return ", ".join("?" * len(names))
