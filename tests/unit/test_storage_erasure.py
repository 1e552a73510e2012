"""Erased means erased: no byte of a purged conversation stays in any file of the data folder."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desktop_app.domain.conversations import Provenance
from desktop_app.domain.events import Timings
from desktop_app.domain.messages import Picture
from desktop_app.domain.pictures import Evidence, TextFound
from desktop_app.paths import places
from desktop_app.services.history import History
from desktop_app.storage import connection as connections
from desktop_app.storage import damage
from tests.unit.storage_kit import NOTHING, START, HandClock, ask, opened, say, start_child, texts

DAY = 24 * 3600


def canaries() -> list[str]:
    """Words that begin with different letters, so that no index can store one as the end of another."""
    return [f"{letter}kanarienvogel{number}" for number, letter in enumerate("bcdfghjklmnpqrstvwxz")]


def holding(folder: Path) -> set[str]:
    """The files in which "kanarienvogel" stands."""
    return {path.name for path in folder.rglob("*") if path.is_file() and b"kanarienvogel" in path.read_bytes().lower()}


def plant(history: History) -> str:
    """A conversation with the words in every column that holds words."""
    words = canaries()
    conversation = say(history, *((word * 2 + " " + word, f"{word} " * 300) for word in words), title=words[0])
    history.rename(conversation, words[1] + " renamed")
    picture = Picture(sha256="e" * 64, width=1, height=1, name=words[2] + ".png")
    found = Evidence(width=1, height=1, text=(TextFound(text=words[3], confidence=1.0, box=(0, 0, 1, 1)),))
    history.keep_picture(picture, 1)
    history.keep_evidence(picture.sha256, "reader", found)
    question = history.add_question(conversation, None, (picture, words[4]))
    begun = history.begin_answer(question.id, provenance=Provenance(evidence={picture.sha256: found}))
    history.save_answer(begun.id, words[5])
    history.finish_answer(
        begun.id, words[6], status="done", stopped_by="end", provenance=Provenance(model=words[7]), timings=Timings()
    )
    return conversation


def test_no_byte_stays(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        kept = say(history, *((f"kept question {n} " * 20, f"kept answer {n} " * 50) for n in range(60)))
        planted = plant(history)
        say(history, *((f"later {n} " * 20, "fine " * 50) for n in range(60)))
        database.backups.make()
        assert holding(tmp_path) >= {"stonechat.db-wal", database.backups.all()[0].path.name}
        history.delete(planted)
        assert history.purge() == ("e" * 64,)
        assert holding(tmp_path) == set()
        assert len(texts(history, kept)) == 120
        assert len(history.search("kept")) == 50
        assert len(database.backups.all()) == 1
    assert holding(tmp_path) == set()


def test_nothing_to_erase_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        say(history, ("q", "a"))
        assert history.purge() == ()
        assert not database.backups.all()


def test_a_damaged_copy_goes_only_when_it_can_hold_what_was_erased(tmp_path: Path) -> None:
    file = places(tmp_path).database
    with opened(tmp_path) as (history, _):
        plant(history)
    copy = file.with_name(file.name + ".damaged-20260101-000000")
    copy.write_bytes(file.read_bytes())
    clock = HandClock(copy.stat().st_mtime + DAY)
    with opened(tmp_path, clock) as (history, _):
        new = say(history, ("made after the damage", "a"))
        history.delete(new)
        history.purge()
        assert damage.moved_aside(file) == [copy]
        (old,) = history.conversations()
        with history._database.write() as connection:
            connection.execute("update conversations set created_at = 1.0 where id = ?", (old.id,))
        history.delete(old.id)
        history.purge()
        assert holding(tmp_path) == set()


def test_an_erasure_that_was_cut_short_is_completed_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with opened(tmp_path) as (history, database):
        history.delete(plant(history))
        database.backups.make()
        monkeypatch.setattr("desktop_app.storage.erasure.wipe", breaks)
        assert history.purge() == ("e" * 64,)
        monkeypatch.undo()
    assert holding(tmp_path)
    with opened(tmp_path):
        pass
    assert holding(tmp_path) == set()


def test_a_reader_in_another_process_only_delays_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BUSY_SECONDS", 0.05)
    with opened(tmp_path) as (history, database):
        planted = plant(history)
        with closing(sqlite3.connect(database.path, isolation_level=None)) as reader:
            reader.execute("begin")
            reader.execute("select count(*) from messages").fetchone()
            history.delete(planted)
            history.purge()
            assert not history.search("kanarienvogel")
            reader.execute("rollback")
        history.purge()
        assert holding(tmp_path) == set()


def test_another_open_process_does_not_keep_it(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, _):
        planted = plant(history)
        child = start_child(
            "with opened(folder) as (history, _):\n"
            "    history.search('kanarienvogel')\n"
            "    print(len(history.conversations()), flush=True)\n"
            "    sys.stdin.readline()\n",
            tmp_path,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "1\n"
        history.delete(planted)
        history.purge()
        assert holding(tmp_path) == set()
        child.communicate("\n")
        assert child.returncode == 0
    assert holding(tmp_path) == set()


def test_an_answer_that_is_being_written_can_be_erased(tmp_path: Path) -> None:
    with opened(tmp_path, HandClock(START)) as (history, _):
        conversation = history.create().id
        begun = history.begin_answer(ask(history, conversation, "q").id, provenance=NOTHING)
        history.save_answer(begun.id, canaries()[0])
        history.delete(conversation)
        history.purge()
        assert holding(tmp_path) == set()
