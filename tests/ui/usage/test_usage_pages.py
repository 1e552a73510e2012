"""The pages "What is recorded" and "Insights"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from desktop_app.domain.insights import RatedAnswer
from desktop_app.ui.insights.view import InsightsPage
from desktop_app.ui.usage.view import UsagePage
from tests.ui.usage.conftest import Watched

pytestmark = pytest.mark.slow


@pytest.fixture
def page(watched: Watched) -> UsagePage:
    watched.desk.run("page.usage")
    found: UsagePage = watched.desk.window.findChild(UsagePage)
    watched.desk.wait(lambda: found._registry is not None and not found._waiting)
    return found


def texts(widget: Any) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel))


def test_every_metric_is_told_with_its_purpose(watched: Watched, page: UsagePage) -> None:
    shown = texts(page)
    for metric in watched.service.registry.metrics.values():
        assert metric.about in shown and metric.purpose in shown and metric.name in shown


def test_a_choice_counts_when_it_is_made_so(watched: Watched, page: UsagePage) -> None:
    desk = watched.desk
    page.level.segments.show_value("events")
    assert watched.service.level == "off"
    page.level.apply.click()
    desk.wait(lambda: watched.service.level == "events")
    desk.idle()
    assert not page.level.apply.isEnabled()
    page.level.pause.click()
    desk.wait(lambda: not watched.service.on)
    desk.idle()
    assert "Paused" in page.level.state.text()
    page.level.pause.click()
    desk.wait(lambda: watched.service.on)
    desk.idle()
    page.level.segments.show_value("off")
    page.level.apply.click()
    desk.wait(lambda: watched.service.level == "off")
    assert not list(desk.home.places.data.glob("usage.db*"))


def test_deleting_takes_two_presses(watched: Watched, page: UsagePage) -> None:
    watched.say_yes()
    watched.service.record("chat.regenerated")
    page.begin()
    watched.desk.idle()
    page.level.delete.click()
    watched.desk.idle()
    assert watched.named("chat.regenerated")
    page.level.delete.click()
    watched.desk.idle()
    assert not watched.named("chat.regenerated")
    assert watched.service.level == "events"


def test_what_is_recorded_is_seen_live(watched: Watched, page: UsagePage) -> None:
    watched.say_yes()
    page.begin()
    watched.service.record("chat.regenerated")
    watched.desk.wait(lambda: any("chat.regenerated" in each for each in page.live.rows._lines))
    page.leave()
    assert not page._eye.isActive()


def test_the_saved_file_is_exactly_what_was_shown(
    watched: Watched, page: UsagePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.jsonl"
    monkeypatch.setattr("desktop_app.ui.usage.view.save_file", lambda *_: path)
    watched.say_yes()
    assert not page.export.save.isEnabled()
    page.export.look.click()
    watched.desk.wait(lambda: page.export.shown)
    shown = "".join(f"{line}\n" for line in page.export.lines.rows._lines).encode()
    watched.service.record("chat.regenerated")  # after the look
    page.export.save.click()
    watched.desk.wait(path.exists)
    watched.desk.idle()
    assert path.read_bytes() == shown == page.export.shown


# -- insights


@pytest.fixture
def insights(watched: Watched) -> InsightsPage:
    import time

    answers = [RatedAnswer(when=time.time(), liked=place % 4 > 0, model="Rook <b>") for place in range(20)]
    watched.desk.home.services.insights._rated = lambda: answers
    watched.desk.run("page.insights")
    found: InsightsPage = watched.desk.window.findChild(InsightsPage)
    watched.desk.wait(lambda: found.cards and not found._undrawn and not found._draw.isActive())
    return found


def test_a_chart_is_drawn_told_and_a_table(insights: InsightsPage, announced: list[str]) -> None:
    card = next(each for each in insights.cards if each.chart.id == "satisfaction_by_model")
    assert card.drawing is not None and card.drawing.accessibleDescription() == card.summary.text()
    card.drawing.setFocus()
    QTest.keyClick(card.drawing, Qt.Key.Key_Right)
    assert card.reading.text() == announced[-1] == "Rook <b>: 75 % (53 % to 89 %), n = 20"
    card.toggle_table()
    assert card.table is not None and card.table.isVisible() and not card.drawing.isVisible()
    assert card.table.item(0, 0).text() == "Rook <b>"
    card.toggle_table()
    assert card.drawing.isVisible()


def test_an_empty_chart_is_a_sentence(insights: InsightsPage) -> None:
    card = next(each for each in insights.cards if each.chart.id == "survey_scores")
    assert card.drawing is None and card.summary.text() == "Nothing was answered yet."


def test_a_note_is_kept_and_removed(watched: Watched, insights: InsightsPage) -> None:
    insights.changes.line.setText("The search field is larger")
    QTest.keyClick(insights.changes.line, Qt.Key.Key_Return)
    watched.desk.wait(lambda: "The search field is larger" in texts(insights.changes))
    watched.desk.idle()
    note = watched.desk.home.services.insights.notes.all()[0]
    insights.changes.removed.emit(note.id)
    watched.desk.idle()
    assert not watched.desk.home.services.insights.notes.all()


def test_the_period_is_chosen(watched: Watched, insights: InsightsPage) -> None:
    insights.period.go(1)
    watched.desk.wait(lambda: "in 365 days" in insights.lead.text())


def test_colours_change_with_the_theme(watched: Watched, insights: InsightsPage) -> None:
    card = next(each for each in insights.cards if each.drawing)
    before = card.drawing.chart()  # type: ignore[union-attr]
    watched.desk.home.preferences.change(theme="dark")
    assert card.drawing.chart() is not before  # type: ignore[union-attr]
