"""The page Recordings: what is kept can be heard and deleted."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton

from desktop_app.ui.recordings.view import RecordingsPage
from tests.fakes.audio import tone
from tests.ui.conftest import Desk


@pytest.fixture
def page(desk: Desk) -> RecordingsPage:
    desk.home.preferences.change(keep_recordings=True)
    for title in ("Birds", "Stones"):
        kept = desk.home.store(title, asked=f"What about {title}?")
        question = desk.home.history.path(kept.id)[0]
        desk.home.services.recordings.keep(question.id, kept.id, tone(2.0))
    desk.run("page.recordings")
    found = desk.window.findChild(RecordingsPage)
    assert found is not None
    desk.wait(lambda: len(found.rows) == 2)
    return found


def test_it_lists_what_is_kept_with_its_size(page: RecordingsPage) -> None:
    assert {row.kept.words for row in page.rows} == {"What about Birds?", "What about Stones?"}
    assert page.sum.text().startswith("2 recordings, 12") and page.keeps.isChecked()


def test_one_is_played_at_a_time_and_stopped(desk: Desk, page: RecordingsPage) -> None:
    first, second = page.rows
    first.play.click()
    desk.wait(lambda: len(desk.home.voice.played) == 1)
    assert first.play.accessibleName().startswith("Stop")
    second.play.click()
    desk.wait(lambda: len(desk.home.voice.played) == 2)
    assert first.play.accessibleName().startswith("Play") and second.play.accessibleName().startswith("Stop")
    second.play.click()
    desk.idle()
    assert page.presenter.playing == ""


def test_leaving_the_page_stops_the_sound(desk: Desk, page: RecordingsPage) -> None:
    page.rows[0].play.click()
    desk.wait(lambda: desk.home.voice.played)
    page.closed.emit()
    desk.idle()
    assert page.presenter.playing == ""


def test_one_is_deleted_and_the_focus_stays_near(desk: Desk, page: RecordingsPage) -> None:
    gone = page.rows[0].kept.id
    page.rows[0].delete.setFocus()
    page.rows[0].delete.click()
    desk.wait(lambda: len(page.rows) == 1)
    assert page.rows[0].kept.id != gone and page.rows[0].delete.hasFocus()
    assert len(desk.home.services.recordings.all()) == 1


def test_all_are_deleted_only_when_that_is_meant(desk: Desk, page: RecordingsPage) -> None:
    page.clear.click()
    assert len(desk.home.services.recordings.all()) == 2
    (sure,) = (one for one in desk.window.findChildren(QPushButton) if one.text() == "Delete them")
    sure.click()
    desk.wait(lambda: page.sum.text() == "No recordings are kept.")
    assert not page.rows and not page.clear.isEnabled()
    assert not list(desk.home.services.recordings.folder.iterdir())


def test_the_switch_is_the_setting(desk: Desk, page: RecordingsPage) -> None:
    page.keeps.click()
    assert not desk.home.preferences.current.keep_recordings
