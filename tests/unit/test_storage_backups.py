"""The daily backup: when it is made, what it holds, and that it is in nobody's way."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desktop_app.paths import places
from desktop_app.storage.backups import KEPT
from desktop_app.storage.connection import connect_frozen
from desktop_app.storage.housekeeping import Stopped
from tests.unit.storage_kit import START, HandClock, ask, opened, say

DAY = 24 * 3600


def numbers(folder: Path, day: float) -> list[int]:
    """The backups after a start on that day."""
    with opened(folder, HandClock(START + day * DAY)) as (_, database):
        return [backup.number for backup in database.backups.all()]


def test_at_most_one_a_day_and_the_newest_are_kept(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        assert not database.backups.all()
        say(history, ("q", "a"))
    assert numbers(tmp_path, 0.1) == [1]
    assert numbers(tmp_path, 0.9) == [1]
    assert numbers(tmp_path, 1.2) == [2, 1]
    assert numbers(tmp_path, 2.5) == [3, 2]
    assert KEPT == 2


def test_a_clock_that_goes_back_does_not_stop_backups(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, _):
        say(history, ("q", "a"))
    assert numbers(tmp_path, 300) == [1]
    assert numbers(tmp_path, 0) == [2, 1]


def test_a_backup_is_a_whole_private_database(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        say(history, ("q", "a"))
        backup = database.backups.make()
        copy = connect_frozen(backup.path)
        assert copy.execute("select text from messages order by seq").fetchall() == [("q",), ("a",)]
        copy.close()
        assert backup.path.stat().st_mode & 0o077 == 0
        assert [path.name for path in backup.path.parent.iterdir()] == [backup.path.name]


def test_writing_goes_on_while_a_backup_is_made(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        conversation = say(history, ("q" * 9_000_000, "a"))
        copying, written = threading.Event(), threading.Event()

        def progress() -> None:
            copying.set()
            assert written.wait(30)

        thread = threading.Thread(target=database.backups.make, args=(progress,))
        thread.start()
        assert copying.wait(30)
        ask(history, conversation, "meanwhile")
        written.set()
        thread.join()
        copy = connect_frozen(database.backups.all()[0].path)
        assert copy.execute("select count(*) from messages").fetchone()[0] == 2
        copy.close()


def test_a_backup_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        say(history, ("q", "a"))

        def stop() -> None:
            raise Stopped

        with pytest.raises(Stopped):
            database.backups.make(stop)
        assert not list((tmp_path / "backups").iterdir())


def test_closing_does_not_wait_for_a_long_backup(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, _):
        say(history, ("q" * 1000, "a"))
    clock = HandClock(START + DAY)
    with opened(tmp_path, clock) as (history, database):
        clock.time += DAY
        with database.read() as connection:
            database.housekeeping.start(connection)
    assert not [thread for thread in threading.enumerate() if thread.name == "storage-housekeeping"]
    assert not list((tmp_path / "backups").glob("*.part"))
    assert places(tmp_path).database.exists()


def test_the_one_before_an_upgrade_is_the_way_back_for_a_month(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        say(history, ("q", "a"))
        made = database.backups.make(before_schema=2)
        assert made.upgrade
        assert made.path.stem.endswith("-schema2")
    assert numbers(tmp_path, 1.2) == [2, 1]
    assert numbers(tmp_path, 2.5) == [3, 2, 1]
    assert numbers(tmp_path, 3.7) == [4, 3, 1]
    assert numbers(tmp_path, 40) == [5, 4]


def test_erasing_leaves_no_way_back(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        say(history, ("q", "a"))
        database.backups.make(before_schema=2)
        database.backups.make()
        assert [backup.number for backup in (database.backups.replace(), *database.backups.all())] == [3, 3]
