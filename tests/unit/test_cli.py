"""The command line's grammar: options before and after the command, and codes for what goes wrong."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desktop_app import __version__
from desktop_app.cli import main


@pytest.mark.parametrize("where", ["before", "after"])
def test_data_and_json_are_taken_on_either_side(where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shared, command = ["--data", str(tmp_path / "home"), "--json"], ["history", "list"]
    assert main([*shared, *command] if where == "before" else [*command, *shared]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert (tmp_path / "home" / "stonechat.db").exists()


def test_an_incomplete_command_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "use", "--data", str(tmp_path), "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "cli.usage"


def test_what_is_not_there_is_the_persons_to_fix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "show", "nothing", "--data", str(tmp_path)]) == 3
    assert capsys.readouterr().err.strip()


def test_data_of_a_newer_version_is_refused_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(tmp_path / "stonechat.db")) as connection:
        connection.execute("pragma user_version = 999")
    assert main(["history", "list", "--data", str(tmp_path)]) == 4
    said = capsys.readouterr().err
    assert "saved by a newer version" in said
    assert "nothing was changed" in said


def test_the_version_is_said_without_opening_anything(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"stonechat {__version__}\n"
