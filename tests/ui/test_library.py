"""The page of models, in the real window on a small library."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from desktop_app.domain.model_specs import FetchProgress
from desktop_app.errors import EnvironmentProblem
from desktop_app.services.model_import import Wanted
from desktop_app.services.own_models import own_eyes
from desktop_app.ui.library.card import ModelCard
from desktop_app.ui.library.details import Details
from desktop_app.ui.library.placing import Placing
from desktop_app.ui.library.view import LibraryPage
from tests.ui.stand_ins import spec


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


def test_sizes_of_one_model_share_a_card(page: LibraryPage, desk: Any) -> None:
    library = desk.home.library
    small, large = (
        replace(spec("q", "language", megabytes), id=f"q-{size}", series="q", size=size)  # type: ignore[arg-type]
        for size, megabytes in (("small", 50), ("large", 500))
    )
    library.specs = (*library.specs, small, large)
    page.presenter.refresh()
    desk.wait(lambda: "q-small" in page.cards)
    card = page.cards["q-small"]
    assert card is page.cards["q-large"] and card.row.id == "q-large"
    card.sizes.findChildren(QToolButton)[0].click()
    assert card.row.id == "q-small"
    press(card, "Fetch")
    desk.idle()
    desk.idle()
    assert "q-small" in library.present and "q-large" not in library.present
    assert card.row.installed


def test_a_long_list_is_made_as_far_as_somebody_looks(page: LibraryPage, desk: Any) -> None:
    library = desk.home.library
    library.specs = (*library.specs, *(spec(f"m{place}", "language") for place in range(200)))
    asked = desk.home.services.fits.asked
    page.presenter.refresh()
    desk.wait(lambda: len(page.cards) > 8)
    desk.idle()
    assert len(page.cards) < 100
    assert desk.home.services.fits.asked == asked + 1  # memory is looked at once for all
    made = len(page.cards)
    page.area.verticalScrollBar().setValue(page.area.verticalScrollBar().maximum())
    desk.wait(lambda: len(page.cards) > made)
    made = len(page.cards)
    list(page.cards.values())[-1].focus()
    desk.wait(lambda: len(page.cards) > made)


def test_a_model_and_its_eyes_are_dropped_together(page: LibraryPage, desk: Any, tmp_path: Path) -> None:
    files = tuple(tmp_path / name for name in ("m.gguf", "mmproj.gguf"))
    for file in files:
        file.write_bytes(b"x")
    page.presenter.offer(files)
    desk.idle()
    assert desk.home.library.added == Wanted(path=files[0], projector=files[1])
    notice = desk.window.workspace.notices.shown[0]
    assert "added" in notice.text
    notice.action()
    desk.idle()
    assert desk.home.library.used == ("language", "added")


def test_a_model_dropped_on_the_conversation_is_added_on_its_page(desk: Any, tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(b"x")
    desk.window.workspace.take_files((file,))
    desk.wait(lambda: getattr(desk.home.library, "added", None) is not None)
    assert desk.home.library.added == Wanted(path=file)


def test_a_file_on_another_disk_is_asked_about(page: LibraryPage, desk: Any, tmp_path: Path) -> None:
    wanted = Wanted(path=tmp_path / "m.gguf")
    page.presenter.far.emit(wanted, 4_000_000_000)
    asking = page.findChild(Placing)
    copy, in_place, _ = asking.findChildren(QPushButton)
    assert "4.0 GB" in copy.text()
    in_place.click()
    desk.idle()
    assert desk.home.library.added == replace(wanted, place="in_place")


def test_the_details_say_how_it_is_known_and_what_a_smaller_form_would_be(page: LibraryPage) -> None:
    row = replace(page.cards["small"].row, form="Q8_0", sha256="a" * 64)
    details = Details(row, page.tools.theme)
    assert [each for each, _ in details.sizes.choices] == ["small", "balanced"]
    wishes: list[str] = []
    details.shrink.connect(wishes.append)
    details.sizes.go(1)
    next(each for each in details.findChildren(QPushButton) if each.text() == "Make it").click()
    assert wishes == ["small"]
    details.deleteLater()
