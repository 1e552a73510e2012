"""The Personalize page on a real window: from missing ratings to an adapter in use, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel, QPushButton

from desktop_app.ui import file_dialogs
from desktop_app.ui.personalize.idle import IdleTraining
from desktop_app.ui.personalize.view import PersonalizePage
from tests.unit.personalize_kit import examples

WAIT_MS = 20_000


@pytest.fixture
def page(desk: Any) -> Iterator[PersonalizePage]:
    desk.run("page.personalize")
    found = desk.window.findChild(PersonalizePage)
    assert found.isVisible()
    yield found


def texts(widget: Any) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if each.isVisibleTo(widget))


def press(widget: Any, text: str) -> None:
    shown = [each for each in widget.findChildren(QPushButton) if each.text() == text and each.isVisibleTo(widget)]
    assert shown, f"no button {text!r}"
    shown[0].click()


def trained(desk: Any, page: PersonalizePage) -> None:
    page.learn_card.start.click()
    desk.bot.waitUntil(lambda: page.report_card.isVisible() and not page.presenter.running, timeout=WAIT_MS)
    desk.idle()


def test_it_says_what_is_missing(desk: Any, home: Any, page: PersonalizePage) -> None:
    home.personalizing.given[:] = examples(20)
    page.presenter.look()
    desk.idle()
    assert not page.learn_card.start.isEnabled()
    assert "10 more rated answers are needed." in texts(page.learn_card)
    assert "10 liked and 10 disliked" in texts(page.learn_card)


def test_it_shows_exactly_what_would_be_used_and_lets_items_go(desk: Any, home: Any, page: PersonalizePage) -> None:
    assert "48 ratings, about" in texts(page.learn_card)
    page.learn_card.show_items.click()
    boxes = page.learn_card.items.findChildren(QCheckBox)
    assert len(boxes) == 48 and boxes[0].text() == "disliked, judges: Question 47?"
    boxes[0].click()
    desk.idle()
    trained(desk, page)
    assert all(each.feedback_id != "f0047" for each in home.personalizing.trainer.jobs[0].examples)
    adapter = home.personalizing.registry.list()[0]
    assert "f0047" not in (*adapter.lineage.learned_from, *adapter.lineage.judged_on)


def test_from_ratings_to_an_adapter_in_use_and_back(desk: Any, home: Any, page: PersonalizePage) -> None:
    trained(desk, page)
    assert "Your own ratings: passed" in texts(page.report_card)
    assert "Passed. You can use it now" in texts(page.report_card)
    assert page.blind_card.isVisible()
    page.blind_card.use_now.click()
    desk.idle()
    (adapter,) = [each for each in home.personalizing.registry.list() if each.state == "active"]
    assert "is in use. It learned from 36 ratings." in texts(page.use_card)
    page.use_card.strength.setValue(10)
    desk.wait(lambda: home.personalizing.registry.find(adapter.id).strength == 0.5)
    page.use_card.off.click()
    desk.idle()
    assert home.personalizing.registry.find(adapter.id).state == "resting"
    assert "No adapter is in use" in texts(page.use_card)
    press(page.timeline_card, "Use")
    desk.idle()
    assert home.personalizing.registry.find(adapter.id).state == "active"
    press(page.timeline_card, "Before and after")
    desk.idle()
    assert "Before: How can I sleep better?" in texts(page.timeline_card)
    press(page.timeline_card, "Remove")
    desk.idle()
    assert home.personalizing.registry.find(adapter.id).state == "removed"


def test_no_update_is_a_result_that_is_explained(desk: Any, home: Any, page: PersonalizePage) -> None:
    home.personalizing.given[:] = examples(likes_long=False)
    trained(desk, page)
    assert "No update." in texts(page.report_card)
    assert "Your own ratings: failed" in texts(page.report_card) and "Ordinary text: not run" in texts(page.report_card)
    assert not page.blind_card.isVisible()


def test_pause_and_cancel(desk: Any, home: Any, page: PersonalizePage) -> None:
    trainer = home.personalizing.trainer
    trainer.pause()
    page.learn_card.start.click()
    desk.bot.waitUntil(lambda: page.learn_card.pause.text() == "Resume", timeout=WAIT_MS)
    assert "Paused" in texts(page.learn_card)
    page.learn_card.cancel.click()
    desk.bot.waitUntil(lambda: not page.presenter.running, timeout=WAIT_MS)
    desk.idle()
    assert [each.state for each in home.personalizing.registry.list()] == ["removed"]
    assert page.learn_card.start.isVisible()


def test_a_blind_comparison_counts_what_was_liked_better(desk: Any, home: Any, page: PersonalizePage) -> None:
    trained(desk, page)
    model = home.personalizing.bases.model
    model.enqueue("From the model alone.")
    model.enqueue("From the adapter.")
    page.blind_card.question.setText("Which way?")
    page.blind_card.ask.click()
    desk.idle()
    shown = (page.blind_card.left.text(), page.blind_card.right.text())
    assert set(shown) == {"From the model alone.", "From the adapter."}
    press(page.blind_card, "A is better" if shown[0] == "From the adapter." else "B is better")
    desk.idle()
    assert "Votes so far: 1 for the adapter, 0 for the model" in texts(page.blind_card)
    assert not page.blind_card.left.isVisible()


def test_an_adapter_is_exported_and_imported(
    desk: Any, page: PersonalizePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(desk, page)
    target = tmp_path / "mine.zip"
    monkeypatch.setattr(file_dialogs, "save_file", lambda *_: target)
    monkeypatch.setattr(file_dialogs, "open_file", lambda *_: target)
    press(page.timeline_card, "Export")
    desk.idle()
    assert target.is_file()
    page.timeline_card.take_in.click()
    desk.idle()
    assert texts(page.timeline_card).count("passed, not used yet") == 2


def test_everything_to_press_has_a_name_and_the_keyboard(desk: Any, page: PersonalizePage) -> None:
    trained(desk, page)
    for each in page.findChildren(QAbstractButton):
        assert each.accessibleName() or each.text(), each
        assert each.focusPolicy() != 0, each.text()
    assert page.use_card.strength.accessibleName() and page.blind_card.question.accessibleName()


def test_a_training_gives_way_to_who_types_and_goes_on_afterwards(desk: Any, home: Any, page: PersonalizePage) -> None:
    trainer, idle = home.personalizing.trainer, desk.window.findChild(IdleTraining)
    trainer.pause()  # so that it does not end meanwhile
    page.learn_card.start.click()
    desk.bot.waitUntil(lambda: bool(trainer.jobs), timeout=WAIT_MS)
    QTest.keyClick(desk.window.windowHandle(), Qt.Key.Key_Shift)
    assert trainer.paused and idle._again.isActive()
    idle._again.stop()
    idle._on_quiet()
    assert not trainer.paused
    desk.bot.waitUntil(lambda: not page.presenter.running, timeout=WAIT_MS)
    desk.idle()


def test_it_trains_by_itself_only_when_allowed_and_when_there_is_something_new(desk: Any, home: Any) -> None:
    idle = desk.window.findChild(IdleTraining)
    home.personalizing.trainer.jobs.clear()
    idle._on_look()
    assert idle._job is None
    home.preferences.change(
        personalize_idle=True,
        personalize_charger=False,
        personalize_quiet_minutes=0,
        personalize_from_hour=0,
        personalize_to_hour=0,
    )
    for _ in range(2):
        idle._on_look()
        desk.bot.waitUntil(lambda: idle._job is None, timeout=WAIT_MS)
        desk.idle()
    assert len(home.personalizing.trainer.jobs) == 1
    (adapter,) = home.personalizing.registry.list()
    assert adapter.state == "offered"
    assert [notice.text for notice in desk.window.workspace.notices.shown] == ["A new adapter has passed its checks."]
