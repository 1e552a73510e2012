"""Opening: private files, versions, and every way in which folder, disk or another program can be in the way."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from desktop_app.errors import AppError, EnvironmentProblem, UserCanFix
from desktop_app.paths import places
from desktop_app.storage import connection as connections
from desktop_app.storage import migrations, open_database
from tests.unit.storage_kit import NOTHING, ROOT, HandClock, ask, opened, say, texts

NOBODY = 65534
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="permissions are different elsewhere")


@contextmanager
def raises(code: str) -> Iterator[None]:
    """The AppError with this code, with a sentence and a remedy."""
    with pytest.raises(AppError) as caught:
        yield
    assert caught.value.code == code
    assert caught.value.message.endswith(".")
    assert caught.value.remedy.endswith(".")


@POSIX_ONLY
def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    with opened(tmp_path / "home") as (history, _):
        say(history, ("q", "a"))
        made = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
        assert {"stonechat.db", "stonechat.db-wal", "stonechat.db-shm"} <= {path.name for path in made}
        assert all(path.stat().st_mode & 0o077 == 0 for path in [*made, tmp_path / "home"])


@POSIX_ONLY
def test_open_permissions_are_narrowed(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    database = places(tmp_path).database
    database.chmod(0o644)
    with opened(tmp_path):
        assert database.stat().st_mode & 0o077 == 0


def test_the_log_is_folded_in_at_the_end(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, _):
        conversation = say(history, ("q", "a"))
    assert not list(tmp_path.glob("stonechat.db-*"))
    with opened(tmp_path) as (history, database):
        assert texts(history, conversation) == ["q", "a"]
        assert database.warnings == ()


def test_an_ordinary_start_imports_nothing_heavy(tmp_path: Path) -> None:
    for _ in range(2):  # the second start makes the backup of the day
        with opened(tmp_path) as (history, _):
            say(history, ("q", "a"))
    code = (
        "import sys; from pathlib import Path; from tests.unit.storage_kit import opened\n"
        "with opened(Path(sys.argv[1])) as (history, _): assert history.conversations()\n"
        "print({'sqlite_utils', 'numpy', 'filelock', 'click'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()"


def test_a_newer_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, _):
        say(history, ("q", "a"))
    file = places(tmp_path).database
    with closing(sqlite3.connect(file)) as newer:
        newer.execute(f"pragma user_version = {migrations.LATEST + 1}")
    before, when = file.read_bytes(), file.stat().st_mtime_ns
    with raises("storage.newer"):
        open_database(places(tmp_path), HandClock())
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (before, when)
    assert not list(tmp_path.glob("stonechat.db?*"))


def test_a_newer_number_that_is_still_in_the_log_is_refused_too(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, _):
        say(history, ("q", "a"))
    with closing(sqlite3.connect(places(tmp_path).database)) as newer:
        newer.execute(f"pragma user_version = {migrations.LATEST + 1}")
        with raises("storage.newer"):
            open_database(places(tmp_path), HandClock())


def test_a_migration_is_preceded_by_a_backup_and_undone_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as (history, _):
        conversation = say(history, ("q", "a"))

    def breaks(db: object) -> None:
        db.execute("create table half_done(x)")  # type: ignore[attr-defined]
        raise sqlite3.OperationalError("no such table: surprise")

    steps = (*migrations.MIGRATIONS, breaks)
    monkeypatch.setattr("desktop_app.storage.opening.LATEST", len(steps))
    monkeypatch.setattr("desktop_app.storage.opening.migrate", lambda found: migrations.migrate(found, steps))
    with raises("storage.unexpected"):
        open_database(places(tmp_path), HandClock())
    assert list((tmp_path / "backups").glob(f"stonechat-*-schema{migrations.LATEST}.db"))
    monkeypatch.undo()
    with opened(tmp_path) as (history, database):
        with database.read() as connection:
            assert not connection.execute("select 1 from sqlite_master where name = 'half_done'").fetchall()
        assert texts(history, conversation) == ["q", "a"]


def test_a_locked_database_says_so_and_loses_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        conversation = say(history, ("q", "a"))
        with database.alone() as connection:
            connection.execute("pragma busy_timeout = 20")
        with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
            other.execute("begin immediate")
            with raises("storage.locked"):
                ask(history, conversation, "lost?")
            assert texts(history, conversation) == ["q", "a"]
            other.execute("rollback")
        ask(history, conversation, "not lost")
        assert texts(history, conversation) == ["q", "a", "not lost"]


def test_a_database_that_another_program_holds_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as (history, _):
        say(history, ("q", "a"))
    monkeypatch.setattr(connections, "BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(places(tmp_path).database, isolation_level=None)) as other:
        other.execute("pragma locking_mode = exclusive")
        other.execute("begin exclusive")
        with raises("storage.locked"):
            open_database(places(tmp_path), HandClock())


def test_a_full_disk_says_so_and_keeps_what_was_stored(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        conversation = say(history, ("q", "a"))
        begun = history.begin_answer(ask(history, conversation, "long?").id, provenance=NOTHING)
        history.save_answer(begun.id, "the beginning")
        with database.alone() as connection:
            pages = connection.execute("pragma page_count").fetchone()[0]
            connection.execute(f"pragma max_page_count = {pages}")
        with pytest.raises(UserCanFix) as caught:
            history.save_answer(begun.id, "x" * 200_000)
        assert caught.value.code == "storage.disk_full"
        assert str(tmp_path) in caught.value.remedy
        assert history.message(begun.id).text == "the beginning"
        with database.alone() as connection:
            connection.execute("pragma max_page_count = 1000000")
        history.save_answer(begun.id, "x" * 200_000)
        assert len(history.message(begun.id).text) == 200_000


@contextmanager
def without_privileges() -> Iterator[Path]:
    """A folder that cannot be written by whoever runs the block, even when the tests run as root."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    became_nobody = os.geteuid() == 0
    try:
        yield_from = folder / "home"
        yield_from.mkdir(mode=0o755)
        with opened(yield_from) as (history, _):
            say(history, ("q", "a"))
        for path in (yield_from, *yield_from.iterdir()):
            if became_nobody:
                os.chown(path, NOBODY, NOBODY)
            path.chmod(0o555 if path.is_dir() else 0o444)
        if became_nobody:
            os.seteuid(NOBODY)
        yield yield_from
    finally:
        if became_nobody:
            os.seteuid(0)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
        subprocess.run(["rm", "-r", str(folder)], check=True)


@POSIX_ONLY
def test_a_read_only_folder_says_so() -> None:
    with without_privileges() as folder:
        with raises("storage.read_only"):
            open_database(places(folder), HandClock())
        with raises("storage.read_only"):
            open_database(places(folder / "new"), HandClock())


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with raises("storage.read_only"):
        open_database(places(tmp_path / "file" / "home"), HandClock())


@POSIX_ONLY
def test_a_file_that_was_replaced_swallows_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        conversation = say(history, ("q", "a"))
        database.path.rename(tmp_path / "elsewhere.db")
        with pytest.raises(EnvironmentProblem) as caught:
            ask(history, conversation, "where does this go?")
        assert caught.value.code == "storage.replaced"


def test_ids_sort_by_their_making(tmp_path: Path) -> None:
    clock = HandClock()
    with opened(tmp_path, clock) as (history, _):
        first = history.create().id
        clock.time -= 1_000_000
        second = history.create().id
        clock.time = -5.0
        third = history.create().id
    assert first < second < third
    assert {len(first), len(second), len(third)} == {20}
