"""A journey through the window: nothing that was written, said or named is in the record; at "off" there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desktop_app.errors import UserCanFix
from tests.ui.usage.conftest import Watched
from tests.unit.usage_kit import on_disk

CANARY = "CANARY-7f3"
pytestmark = pytest.mark.slow


def journey(watched: Watched, folder: Path) -> None:
    """Type, speak, show, find, change, fail: with the canary wherever a person or a file has a say."""
    desk = watched.desk
    window, home = desk.window, desk.home
    chat, work = window.workspace.chat, window.workspace
    home.chat.enqueue(f"Yes, {CANARY}.")
    watched.ask(f"What is {CANARY}?")
    picture = folder / f"{CANARY}.png"
    picture.write_bytes(b"")
    chat.composing.bring((picture, folder / f"{CANARY}.txt"))
    desk.wait(lambda: chat.composer.tray.pictures)
    desk.idle()
    watched.ask(f"And {CANARY} here?")
    home.voice.says = f"heard {CANARY} wrong"
    desk.run("voice.talk")
    desk.wait(lambda: chat.voice.state == "recording")
    desk.run("voice.talk")
    desk.wait(lambda: CANARY in chat.composer.text.toPlainText())
    watched.ask(f"heard {CANARY} right")
    desk.run("chat.regenerate")
    desk.wait(lambda: not chat.presenter.busy)
    desk.idle()
    question = work.chat.conversation.transcript.last("user").message.id
    chat.presenter.edit(question, f"Rather {CANARY}")
    desk.wait(lambda: not chat.presenter.busy)
    desk.idle()
    work.sidebar.presenter.rename(chat.current_id, CANARY)
    desk.idle()
    work.sidebar.search.setText(CANARY)
    work.sidebar.search.textEdited.emit(CANARY)
    desk.wait(lambda: work.sidebar.hits.rows.rowCount())
    desk.idle()
    home.preferences.change(system_prompt=CANARY, expected_words=CANARY, temperature=0.2)
    work.notices.error(UserCanFix(CANARY, CANARY, remedy=CANARY))
    work.notices.error(UserCanFix(f"models.{CANARY}", CANARY, remedy=CANARY))
    desk.run("page.usage")
    desk.run("page.insights")
    desk.idle()


def test_no_word_of_it_is_in_any_byte(watched: Watched, tmp_path: Path) -> None:
    watched.say_yes("surveys")
    journey(watched, tmp_path)
    home = watched.desk.home
    export = watched.service.export()
    watched.service.save_export(export, tmp_path / "export.jsonl")
    kept = {each["name"] for each in watched.lines()}
    assert {"chat.sent", "chat.answered", "voice.recorded", "voice.corrected", "picture.added"} <= kept
    assert {"chat.regenerated", "chat.edited", "error.shown", "setting.changed", "search.used", "page.opened"} <= kept
    files = on_disk(home.places.data) + (tmp_path / "export.jsonl").read_bytes()
    for spelled in (CANARY, CANARY.lower(), CANARY.encode().hex()):
        assert spelled.encode() not in files
    for encoding in ("utf-16-le", "utf-16-be"):
        assert CANARY.encode(encoding) not in files
    for event in watched.lines():
        for extra in watched.service.registry.metrics[event["name"]].extras:
            assert not isinstance(event.get(extra.name), str) or event[extra.name] in extra.choices


def test_at_off_there_is_no_file_after_a_full_journey(watched: Watched, tmp_path: Path) -> None:
    journey(watched, tmp_path)
    home = watched.desk.home
    assert watched.service.export() == b""
    watched.desk.window.close()
    assert not list(home.places.data.rglob("usage.db*"))


def test_a_no_after_a_journey_leaves_no_file(watched: Watched, tmp_path: Path) -> None:
    watched.say_yes()
    journey(watched, tmp_path)
    watched.service.agree("off")
    watched.desk.run("chat.write")
    assert not list(watched.desk.home.places.data.rglob("usage.db*"))


def test_what_is_emitted_is_all_registered_and_typed(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that the window tells is dropped for not being as the registry says."""
    watched.say_yes("surveys")
    dropped: list[Any] = []
    monkeypatch.setattr(
        "desktop_app.services.usage_recorder._log.warning",
        lambda words, *values: dropped.append(words % values if values else words),
    )
    journey(watched, tmp_path)
    watched.service.flush()
    assert not dropped
