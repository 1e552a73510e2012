"""The commands for kept recordings and for the words to listen for."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from desktop_app.app import SystemClock
from desktop_app.cli_recordings import expected_words, recordings
from desktop_app.errors import UserCanFix
from desktop_app.paths import Places
from desktop_app.services.history import History
from desktop_app.services.preferences import Preferences
from desktop_app.services.recordings import Recordings
from desktop_app.settings import SettingsFile
from desktop_app.storage import open_database
from tests.fakes.audio import tone


@dataclass
class Home:
    services: Any
    ids: list[str]


@pytest.fixture
def home(places: Places) -> Iterator[Home]:
    clock = SystemClock()
    history = History(open_database(places, clock), clock)
    preferences = Preferences(SettingsFile(places.settings))
    preferences.change(keep_recordings=True)
    kept, ids = Recordings(places, history, preferences), []
    for words in ("First?", "Second?"):
        conversation = history.create()
        question = history.add_question(conversation.id, None, (words,), spoken=True)
        kept.keep(question.id, conversation.id, tone(1.0))
        ids.append(question.id)
    yield Home(services=SimpleNamespace(recordings=kept, preferences=preferences), ids=ids)
    history.close()


def run(home: Home, *words: str, as_json: bool = True, command: Any = recordings) -> None:
    assert command(home.services, Namespace(words=list(words), json=as_json)) == 0


def test_recordings_are_listed_and_deleted(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    run(home)
    listed = json.loads(capsys.readouterr().out)
    assert {one["words"]: one["seconds"] for one in listed} == {"First?": 1.0, "Second?": 1.0}
    run(home, "delete", home.ids[0])
    capsys.readouterr()
    run(home, "list", as_json=False)
    assert capsys.readouterr().out.splitlines()[0].endswith("Second?")
    run(home, "delete", "all")
    assert json.loads(capsys.readouterr().out) == {"done": "delete", "count": 1}
    assert home.services.recordings.all() == ()


@pytest.mark.parametrize("words", [("delete",), ("play", "x"), ("delete", "one", "two")])
def test_an_unknown_wish_says_how(home: Home, words: tuple[str, ...]) -> None:
    with pytest.raises(UserCanFix) as refused:
        run(home, *words)
    assert refused.value.code == "cli.usage"


def test_a_recording_that_is_not_there_is_an_error_and_no_path(home: Home) -> None:
    for name in ("gone", "../settings", home.ids[0][:-1]):
        with pytest.raises(UserCanFix) as refused:
            run(home, "delete", name)
        assert refused.value.code == "recordings.not_found"
    assert len(home.services.recordings.all()) == 2


def test_a_damaged_recording_can_still_be_deleted(home: Home) -> None:
    path = next(home.services.recordings.folder.iterdir())
    path.write_bytes(b"RIFF")
    (broken,) = (one for one in home.services.recordings.all() if one.seconds == 0)
    run(home, "delete", broken.id)
    assert not path.exists()


def test_words_to_listen_for_are_added_and_removed(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    run(home, "add", "Siobhan", command=expected_words)
    run(home, "add", "New", "York", command=expected_words)
    run(home, "remove", "siobhan", command=expected_words)
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == ["New York"]
    assert home.services.preferences.current.expected_words == "New York"
    run(home, "clear", command=expected_words)
    assert home.services.preferences.current.expected_words == ""
