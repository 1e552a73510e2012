"""The rows of `pictures`, of their use in messages, and of the evidence that readers found in them."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterable

from desktop_app.domain.messages import Picture
from desktop_app.domain.pictures import Evidence
from desktop_app.storage import codec


def cleaned(picture: Picture) -> Picture:
    """With a name that UTF-8 can hold: file names need not be text."""
    return dataclasses.replace(picture, name=codec.clean(picture.name))


def keep(connection: sqlite3.Connection, picture: Picture, size: int, now: float) -> None:
    """Remember a picture whose file (`size` bytes) is stored. One that is kept again counts as new."""
    connection.execute(
        "insert into pictures(sha256, width, height, name, bytes, kept_at) values (?, ?, ?, ?, ?, ?)"
        " on conflict(sha256) do update set kept_at = excluded.kept_at, name = excluded.name, bytes = excluded.bytes",
        (picture.sha256, picture.width, picture.height, codec.clean(picture.name), size, now),
    )


def use(connection: sqlite3.Connection, shown: Iterable[Picture], *, message_seq: int, now: float) -> None:
    """Note that a message shows these pictures."""
    for picture in shown:
        connection.execute(
            "insert or ignore into pictures(sha256, width, height, name, bytes, kept_at) values (?, ?, ?, ?, 0, ?)",
            (picture.sha256, picture.width, picture.height, picture.name, now),
        )
        connection.execute("insert into picture_uses(sha256, message_seq) values (?, ?)", (picture.sha256, message_seq))


def find(connection: sqlite3.Connection, sha256: str) -> Picture | None:
    row = connection.execute("select sha256, width, height, name from pictures where sha256 = ?", (sha256,)).fetchone()
    return Picture(**dict(row)) if row else None


def keep_evidence(connection: sqlite3.Connection, sha256: str, reader: str, evidence: Evidence) -> None:
    connection.execute(
        "insert or replace into evidence(sha256, reader, found) values (?, ?, ?)",
        (sha256, reader, codec.encode(evidence)),
    )


def evidence(connection: sqlite3.Connection, sha256: str, reader: str) -> Evidence | None:
    row = connection.execute("select found from evidence where sha256 = ? and reader = ?", (sha256, reader)).fetchone()
    return codec.decode_or_none(row["found"], Evidence) if row else None
