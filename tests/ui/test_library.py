"""The page of models, in the real window on a small library."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from desktop_app.domain.model_specs import FetchProgress
from desktop_app.errors import EnvironmentProblem
from desktop_app.services.own_models import own_eyes
from desktop_app.ui.library.card import ModelCard
from desktop_app.ui.library.view import LibraryPage


@pytest.fixture
def page(desk: Any) -> LibraryPage:
    desk.run("page.models")
    found = desk.window.findChild(LibraryPage)
    desk.wait(lambda: len(found.cards) == 4)
    return found


def press(card: ModelCard, name: str) -> None:
    """The button of that name."""
    made: QPushButton = next(each for each in card.buttons if each.text() == name and not each.isHidden())
    made.click()


def names(card: ModelCard) -> list[str]:
    return [each.text() for each in card.buttons if not each.isHidden()]


def test_what_is_here_comes_first_and_offers_what_can_be_done(page: LibraryPage) -> None:
    assert list(page.cards) == ["small", "better", "ear", "joe"]
    assert names(page.cards["small"]) == ["Measure", "Remove", "Details"]
    assert names(page.cards["better"]) == ["Fetch", "Details"]


def test_fetching_installs_and_shows_it(page: LibraryPage, desk: Any, announced: list[str]) -> None:
    press(page.cards["better"], "Fetch")
    desk.idle()
    desk.idle()
    assert "better" in desk.home.library.present
    assert "Fetch" not in names(page.cards["better"])
    assert any("download" in said for said in announced)


def test_what_fails_is_said_and_can_be_tried_again(page: LibraryPage, desk: Any) -> None:
    desk.home.library.fail = EnvironmentProblem("models.offline", "No connection.", remedy="Check it.")
    press(page.cards["better"], "Fetch")
    desk.idle()
    desk.idle()
    assert desk.window.workspace.notices.shown[0].key == "models.offline"
    assert "Fetch" in names(page.cards["better"])


def test_removing_asks_first(page: LibraryPage, desk: Any) -> None:
    press(page.cards["small"], "Remove")
    assert "small" in desk.home.library.present
    desk.window.workspace.notices.shown[0].action()
    desk.idle()
    desk.idle()
    assert "small" not in desk.home.library.present


def test_the_arithmetic_is_one_click_away(page: LibraryPage) -> None:
    card = page.cards["small"]
    press(card, "Details")
    assert "Fewer details" in names(card)
    press(card, "Fewer details")
    assert "Details" in names(card)


def test_progress_tells_speed_and_time_left(page: LibraryPage) -> None:
    card = page.cards["better"]
    card.show_progress(FetchProgress(model_id="better", stage="fetching", done=0, total=100_000_000), 10.0)
    card.show_progress(FetchProgress(model_id="better", stage="fetching", done=50_000_000, total=100_000_000), 20.0)
    assert card.state.text() == "50 of 100 MB, 5.0 MB a second, 10 s left"


def test_what_is_for_developers_is_folded_and_offers_nothing(page: LibraryPage, desk: Any) -> None:
    section = page.developer
    assert section.list.isHidden()
    section.button.click()
    desk.wait(lambda: len(section.list.findChildren(QLabel)) == 3)
    assert all(eyes.file in section.list.findChildren(QLabel)[1 + at].text() for at, eyes in enumerate(own_eyes()))
    assert not section.list.findChildren(QPushButton)
    section.button.click()
    assert section.list.isHidden()


def test_what_was_measured_stands_on_the_card(page: LibraryPage, desk: Any) -> None:
    press(page.cards["small"], "Measure")
    desk.idle()
    desk.idle()
    row = page.cards["small"].row
    assert row.measured is not None and row.measured.answer_per_s == 33
