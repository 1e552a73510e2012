"""A long life's conversations: opening a large one, searching all of them."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from figures import Figure, at_most

LONG = 10_000
ALL = 100_000
WORDS = ("river", "harbour", "lantern", "meadow", "quartz", "violin", "saffron", "glacier", "compass", "orchard")


def fill(path: Path, conversation_id: str, count: int) -> None:
    """`count` messages in one conversation, written as rows: questions and answers in turn, one below the other."""
    connection = sqlite3.connect(path)
    with connection:
        start = connection.execute("select coalesce(max(seq), 0) from messages").fetchone()[0]
        rows = []
        for number in range(count):
            text = (
                " ".join(WORDS[(number * step + step) % len(WORDS)] for step in (1, 3, 7)) + f" number {start + number}"
            )
            parent = f"m{start + number - 1}" if number else None
            rows.append((f"m{start + number}", conversation_id, parent, ("user", "assistant")[number % 2], text))
        connection.executemany(
            "insert into messages(id, conversation_id, parent_id, role, text, status, spoken, created_at)"
            " values (?, ?, ?, ?, ?, 'done', 0, 0)",
            rows,
        )
        connection.execute("update conversations set head_id = ? where id = ?", (rows[-1][0], conversation_id))
    connection.close()


def large_history() -> Iterator[Figure]:
    from desktop_app.app import SystemClock
    from desktop_app.paths import places
    from desktop_app.services.history import History
    from desktop_app.storage import open_database

    with tempfile.TemporaryDirectory() as folder:
        home = places(Path(folder)).create()
        clock = SystemClock()
        history = History(open_database(home, clock), clock)
        long = history.create("long").id
        fill(home.database, long, LONG)
        for _ in range(9):
            fill(home.database, history.create("more").id, LONG)
        opened = []
        for _ in range(10):
            started = time.perf_counter()
            history.conversation(long)
            history.page(long)
            opened.append((time.perf_counter() - started) * 1000)
        looked = []
        for words in ("violin", "saff", "river harbour", "q", "number 77", "glacier compass orchard", "nothing"):
            started = time.perf_counter()
            history.search(words)
            looked.append((time.perf_counter() - started) * 1000)
        history.close()
    yield at_most(f"a conversation of {LONG} messages read for the screen (worst of 10)", opened, 200, "ms", max)
    yield at_most(f"full-text search over {ALL} messages (worst of 7)", looked, 50, "ms", max)
