"""What the tests of storage and history share: a clock that is set by hand, an open history, a child process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop_app.domain.conversations import Provenance, StoredMessage
from desktop_app.domain.events import Timings
from desktop_app.paths import Places, places
from desktop_app.services.history import History
from desktop_app.storage import Database, open_database

ROOT = Path(__file__).resolve().parents[2]
START = 1_800_000_000.0
NOTHING = Provenance()


class HandClock:
    """Goes on by itself a second per look unless it is set."""

    def __init__(self, now: float = START) -> None:
        self.time = now

    def now(self) -> float:
        self.time += 1
        return self.time

    def monotonic(self) -> float:
        return self.now()


@contextmanager
def opened(folder: Path, clock: HandClock | None = None) -> Iterator[tuple[History, Database]]:
    """A history in `folder` with its database, housekeeping done."""
    clock = clock or HandClock()
    database = open_database(places(folder), clock)
    database.housekeeping.wait()
    history = History(database, clock)
    try:
        yield history, database
    finally:
        history.close()


def home(folder: Path) -> Places:
    return places(folder)


def ask(history: History, conversation_id: str, text: str) -> StoredMessage:
    """A question at the end of the shown path."""
    return history.add_question(conversation_id, history.conversation(conversation_id).head_id, (text,))


def answer(history: History, question_id: str, text: str) -> StoredMessage:
    """A whole answer."""
    begun = history.begin_answer(question_id, provenance=NOTHING)
    return history.finish_answer(
        begun.id, text, status="done", stopped_by="end", provenance=Provenance(model="test"), timings=Timings()
    )


def say(history: History, *turns: tuple[str, str], title: str = "") -> str:
    """A conversation of questions and answers; its id."""
    conversation_id = history.create(title).id
    for question, reply in turns:
        answer(history, ask(history, conversation_id, question).id, reply)
    return conversation_id


def texts(history: History, conversation_id: str) -> list[str]:
    """The shown path."""
    return [message.text for message in history.path(conversation_id)]


CHILD = """
import sys
from pathlib import Path
from tests.unit.storage_kit import *
folder = Path(sys.argv[1])
"""


def start_child(code: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Another process on the same folder; `code` finds `folder`, `sys` and everything of this module."""
    return subprocess.Popen(
        [sys.executable, "-c", CHILD + code, str(folder), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )
