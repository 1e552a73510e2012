"""A damaged database is moved aside, and what the backup or the damaged file still hold comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain.messages import Picture
from desktop_app.errors import AppError
from desktop_app.paths import places
from desktop_app.storage import damage
from tests.unit.storage_kit import START, HandClock, ask, opened, say, start_child, texts

DAY = 24 * 3600
PICTURE = Picture(sha256="a" * 64, width=1, height=1)


def fill(folder: Path, *, newer: bool = True) -> tuple[str, str]:
    """A conversation that is in the backup, and one that is newer."""
    with opened(folder, HandClock(START)) as (history, _):
        old = say(history, *((f"old question {n} " + "x" * 500, f"old answer {n}") for n in range(20)))
    with opened(folder, HandClock(START + DAY)) as (history, _):
        new = say(history, ("new question", "new answer")) if newer else ""
        if newer:
            history.add_question(new, history.conversation(new).head_id, (PICTURE, "and this?"))
    return old, new


def overwrite(file: Path, start: int, length: int) -> None:
    with file.open("r+b") as handle:
        handle.seek(start)
        handle.write(b"\xa5" * length)


def aside(folder: Path) -> list[Path]:
    return damage.moved_aside(places(folder).database)


def told(warnings: tuple[AppError, ...]) -> AppError:
    (warning,) = warnings
    assert warning.message.endswith(".")
    assert warning.remedy.endswith(".")
    return warning


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 500, b"\0" * 8192], ids=["empty", "text", "zeros"])
def test_the_backup_is_restored(tmp_path: Path, content: bytes) -> None:
    old, _ = fill(tmp_path)
    places(tmp_path).database.write_bytes(content)
    with opened(tmp_path) as (history, database):
        warning = told(database.warnings)
        assert warning.code == "storage.restored"
        assert len(texts(history, old)) == 40
        assert len(history.search("old question")) > 20
        ask(history, old, "going on")
    (kept,) = aside(tmp_path)
    assert kept.read_bytes() == content
    assert str(kept) in warning.remedy
    with opened(tmp_path) as (history, database):
        assert database.warnings == ()
        assert len(texts(history, old)) == 41


def test_a_truncated_database_is_restored(tmp_path: Path) -> None:
    old, _ = fill(tmp_path)
    file = places(tmp_path).database
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with opened(tmp_path) as (history, database):
        assert told(database.warnings).code == "storage.restored"
        assert len(texts(history, old)) == 40


def test_without_a_backup_it_begins_anew(tmp_path: Path) -> None:
    places(tmp_path).database.write_bytes(b"garbage" * 1000)
    with opened(tmp_path) as (history, database):
        assert told(database.warnings).code == "storage.started_anew"
        assert not history.conversations()
        say(history, ("q", "a"))
    assert len(aside(tmp_path)) == 1


def test_a_broken_page_costs_only_itself(tmp_path: Path) -> None:
    """The page is met while reading; the next start moves the file aside, and rescues what is newer than the backup."""
    old, new = fill(tmp_path)
    with opened(tmp_path) as (_, database), database.read() as connection:
        page = connection.execute("select rootpage from sqlite_master where name like 'idx_messages_parent_id%'")
        broken = (page.fetchone()[0] - 1) * 4096
    overwrite(places(tmp_path).database, broken, 4096)
    with opened(tmp_path) as (history, _):
        with pytest.raises(AppError) as caught:
            ask(history, old, "met the page")
        assert caught.value.code == "storage.damaged"
    with opened(tmp_path) as (history, database):
        assert told(database.warnings).code == "storage.restored"
        assert "3 more messages" in database.warnings[0].message
        assert len(texts(history, old)) == 40
        assert texts(history, new) == ["new question", "new answer", "and this?"]
        assert history.conversation(new).title == "new question"
        assert history.path(new)[-1].pictures == (PICTURE,)
        assert history.search("new answ")
        history.delete(new)
        assert history.purge() == (PICTURE.sha256,)


def test_messages_around_a_broken_page_are_rescued_without_any_backup(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        conversation = say(history, *((f"question {n} " + "x" * 3000, f"answer {n}") for n in range(40)))
        history.rename(conversation, "Title")
        with database.read() as connection:
            pages = connection.execute("select pageno from dbstat where name = 'messages' and pagetype = 'leaf'")
            leaves = [row[0] for row in pages]
    overwrite(places(tmp_path).database, (leaves[len(leaves) // 2] - 1) * 4096, 4096)
    damage.mark_suspect(places(tmp_path).database)
    with opened(tmp_path) as (history, database):
        assert told(database.warnings).code == "storage.started_anew"
        (found,) = history.conversations()
        assert (found.id, found.title) == (conversation, "Title")
        rescued = [hit for word in ("question", "answer") for hit in history.search(word, limit=100)]
        assert 70 <= len({hit.message_id for hit in rescued}) < 80
        assert texts(history, conversation)[-1] == "answer 39"


@pytest.mark.parametrize(("lost", "warned"), [("id > 10", 0), ("id = 10", 1)], ids=["words", "structure"])
def test_a_broken_full_text_index_costs_no_message(tmp_path: Path, lost: str, warned: int) -> None:
    """It is built again in place; one that SQLite cannot even open takes the way over the backup."""
    old, new = fill(tmp_path)
    with opened(tmp_path) as (history, database):
        with database.write() as connection:
            connection.execute(f"delete from messages_fts_data where {lost}")
        with pytest.raises(AppError):
            history.search("question")
    with opened(tmp_path) as (history, database):
        assert len(database.warnings) == warned
        assert history.search("new quest")
        assert (len(texts(history, old)), len(texts(history, new))) == (40, 3)


def test_a_repair_that_was_cut_short_is_finished(tmp_path: Path) -> None:
    """Killed after the damaged file was moved aside, before the backup took its place."""
    old, _ = fill(tmp_path)
    file = places(tmp_path).database
    damage.mark_suspect(file)
    file.rename(file.with_name(file.name + ".damaged-20260101-000000"))
    with opened(tmp_path) as (history, database):
        assert told(database.warnings).code == "storage.restored"
        assert len(texts(history, old)) == 40
    assert not damage.is_suspect(file)


def test_a_false_alarm_changes_nothing(tmp_path: Path) -> None:
    old, new = fill(tmp_path)
    damage.mark_suspect(places(tmp_path).database)
    with opened(tmp_path) as (history, database):
        assert database.warnings == ()
        assert (len(texts(history, old)), len(texts(history, new))) == (40, 3)
    assert not damage.is_suspect(places(tmp_path).database)
    assert not aside(tmp_path)


def test_a_broken_backup_is_passed_over(tmp_path: Path) -> None:
    fill(tmp_path)
    with opened(tmp_path, HandClock(START + 3 * DAY)) as (_, database):
        newest, older = database.backups.all()
    newest.path.write_bytes(b"broken too")
    places(tmp_path).database.write_bytes(b"garbage" * 1000)
    with opened(tmp_path) as (history, database):
        assert told(database.warnings).code == "storage.restored"
        assert history.conversations()
    assert older.number < newest.number


def test_processes_that_start_together_repair_it_once(tmp_path: Path) -> None:
    old, _ = fill(tmp_path)
    places(tmp_path).database.write_bytes(b"garbage" * 1000)
    code = (
        "with opened(folder) as (history, database):\n"
        "    ask(history, sys.argv[2], 'here')\n"
        "    print(len(database.warnings), flush=True)\n"
    )
    children = [start_child(code, tmp_path, old) for _ in range(3)]
    told_by = [child.communicate()[0].strip() for child in children]
    assert sorted(told_by) == ["0", "0", "1"]
    assert len(aside(tmp_path)) == 1
    with opened(tmp_path) as (history, _):
        assert len(history.search("here")) == 3
