"""The pages "Ratings" and "What I learned": filter, change, withdraw, export, import; rules and proposals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop_app.domain.feedback import Rating
from desktop_app.ui import file_dialogs
from desktop_app.ui.feedback.learned_page import LearnedPage
from desktop_app.ui.feedback.ratings_page import RatingsPage
from tests.ui.conftest import Desk, Home


def rated(home: Home, count: int, **said: Any) -> list[Rating]:
    """That many conversations, each answer rated."""
    made = []
    for number in range(count):
        conversation = home.store(f"Talk {number}", asked=f"Question {number}?", answered=f"Answer {number} is here.")
        answer_id = home.history.path(conversation.id)[-1].id
        made.append(home.feedback.rate(answer_id, **said))
    return made


def press(widget: Any, title: str) -> None:
    found = next(each for each in widget.findChildren(QPushButton) if each.text() == title)
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


@pytest.fixture
def ratings(home: Home, desk: Desk) -> RatingsPage:
    rated(home, 2, liked=True)
    rated(home, 1, liked=False, comment="dull")
    desk.run("page.ratings")
    page = desk.window.findChild(RatingsPage)
    assert page is not None
    desk.wait(lambda: len(page.cards) == 3)
    return page


def test_ratings_are_filtered_changed_withdrawn_and_brought_back(ratings: RatingsPage, desk: Desk) -> None:
    ratings.kinds.chosen.emit("bad")
    desk.wait(lambda: len(ratings.cards) == 1)
    ratings.cards[0].changed.emit({"liked": True})
    desk.wait(lambda: not ratings.cards)
    ratings.kinds.chosen.emit("all")
    ratings.search.setText("dull")
    desk.wait(lambda: len(ratings.cards) == 1)
    press(ratings.cards[0], "Withdraw")
    desk.wait(lambda: not ratings.cards and desk.window.workspace.notices.shown)
    undo = desk.window.workspace.notices.shown[0].action
    assert undo is not None
    undo()
    desk.wait(lambda: len(ratings.cards) == 1)


def test_ratings_go_out_to_a_file_and_come_back(
    ratings: RatingsPage, desk: Desk, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "out.jsonl"
    monkeypatch.setattr(file_dialogs, "save_file", lambda *_: file)
    monkeypatch.setattr(file_dialogs, "open_file", lambda *_: file)
    press(ratings, "Export…")
    desk.wait(file.exists)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["rating"] for line in lines] == ["up", "up", "down"]
    for each in home.feedback.list():
        home.feedback.withdraw(each.id)
    press(ratings, "Import…")
    desk.wait(lambda: len(ratings.cards) == 3 and all(card.opinion.imported for card in ratings.cards))


def test_rules_are_written_proposed_accepted_and_removed(home: Home, desk: Desk) -> None:
    for rating in rated(home, 3, liked=False):
        home.feedback.rate(rating.answer_id, better="- One point\n- Another point")
    desk.run("page.learned")
    page = desk.window.findChild(LearnedPage)
    assert page is not None
    desk.wait(lambda: page.proposals)
    page.new.setText("Call me captain.")
    press(page, "Add")
    desk.wait(lambda: len(page.rules) == 1)
    press(page.proposals[0], "Yes, follow it")
    desk.wait(lambda: len(page.rules) == 2 and not page.proposals)
    page.rules[0].field.setText("Call me admiral.")
    page.rules[0].field.editingFinished.emit()
    desk.wait(lambda: home.learned.rules()[0].text == "Call me admiral.")
    desk.wait(lambda: page.rules[0].words == "Call me admiral.")
    press(page.rules[1], "Remove")
    desk.wait(lambda: len(page.rules) == 1)
    assert home.learned.proposals() == ()
