"""Insights from real files: what they are made from, as a page that needs nothing else, and from the command line."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from desktop_app.cli import main
from desktop_app.domain.insights import Insights, RatedAnswer
from desktop_app.errors import UserCanFix
from desktop_app.services.feedback import FeedbackService
from desktop_app.services.insights import InsightsService
from desktop_app.services.insights_html import page, table_of
from desktop_app.services.journeys import JourneyReport, last_report
from desktop_app.services.preferences import Preferences
from desktop_app.services.rated_answers import rated_answers
from desktop_app.services.surveys import SurveyService
from desktop_app.services.telemetry import UsageService
from desktop_app.settings import SettingsFile
from desktop_app.storage.change_notes import ChangeNotes
from desktop_app.storage.usage_file import UsageFile
from tests.unit.storage_kit import HandClock, answer, opened
from tests.unit.usage_kit import DAY_S, SetClock, on_disk, recording

REPORT = {
    "made_at": "2026-11-24T20:00:00+00:00",
    "scenarios": [
        {
            "name": "ask",
            "title": "Ask",
            "way": "mouse",
            "klm_s": 2.5,
            "success": True,
            "steps": 3,
            "optimum_steps": 2,
            "stalls": ["settings"],
        }
    ],
}


def service(folder: Path, clock: SetClock, *answers: RatedAnswer, journeys: Path | None = None) -> InsightsService:
    return InsightsService(
        UsageFile(folder / "usage.db"),
        lambda: answers,
        ChangeNotes(folder / "changes.json", folder / "shipped.toml"),
        lambda: last_report([journeys] if journeys else []),
        clock,
    )


def busy(usage: UsageService, clock: SetClock, folder: Path) -> None:
    for number in range(10):
        usage.record("chat.answered", way="typed", ended="end", first_token_ms=100 * number, total_ms=5000, tokens=9)
        usage.record("talk.first_audio", ms=900)
        usage.record("ui.rage_click", surface="sidebar")
        usage.record("task.done", task="ask", success=True, person_ms=3000, model_ms=5000, errors=0)
    usage.flush()
    surveys = SurveyService(UsageFile(folder / "usage.db"), usage, clock)
    surveys.answer("seq", (6,), "ask")
    surveys.answer("sus", (4, 2) * 5)


def gathered(folder: Path) -> Insights:
    """Of a full record, ratings, notes and a report."""
    (folder / "report.json").write_text(json.dumps(REPORT), encoding="utf-8")
    with recording(folder, "surveys") as (usage, clock):
        busy(usage, clock, folder)
        answers = [
            RatedAnswer(when=clock.wall - place * DAY_S, liked=place % 3 > 0, model="<b>Rook</b> & sons", way="voice")
            for place in range(30)
        ]
        insights = service(folder, clock, *answers, journeys=folder / "report.json")
        insights.note("The search field is larger <script>")
        return insights.gather()


def test_everything_comes_together(tmp_path: Path) -> None:
    found = gathered(tmp_path)
    charts = {chart.id: chart for section in found.sections for chart in section.charts}
    assert (found.ratings, found.level) == (30, "surveys")
    assert not [chart.id for chart in charts.values() if chart.empty]
    assert charts["first_token"].series[0].points[0].value == 450
    assert charts["struggle_by_surface"].labels == ("List of conversations",)
    assert charts["ease_by_task"].series[0].points[0].value == 6
    assert found.journeys[0].stalls == 1 and found.journeys_day == "2026-11-24"
    assert [change.source for change in found.changes] == ["person"]


def test_counters_alone_tell_where_people_struggle(tmp_path: Path) -> None:
    with recording(tmp_path, "counters") as (usage, clock):
        usage.record("ui.stall", surface="talk", ms=300)
        usage.flush()
        charts = {chart.id: chart for part in service(tmp_path, clock).gather().sections for chart in part.charts}
    assert charts["struggle_by_surface"].labels == ("Hands-free",)


def test_the_page_needs_nothing_else_and_takes_nothing_for_markup(tmp_path: Path) -> None:
    written = page(gathered(tmp_path))

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.tags: set[str] = set()
            self.tables = self.figures = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags.add(tag)
            self.tables += tag == "table"
            self.figures += tag == "figure"
            assert not [name for name, _ in attrs if name in ("src", "href", "srcset") or name.startswith("on")]

    reader = Reader()
    reader.feed(written)
    assert not reader.tags & {"script", "img", "link", "iframe", "b", "object"}
    assert reader.tables == reader.figures + 2  # one for each chart, the changes, the tests
    assert "url(" not in written and "@import" not in written
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", written)


def test_every_chart_has_a_table_of_all_its_values(tmp_path: Path) -> None:
    for section in gathered(tmp_path).sections:
        for chart in section.charts:
            head, rows = table_of(chart)
            assert len(rows) == sum(len(series.points) for series in chart.series)
            assert all(len(row) == len(head) for row in rows)


def test_what_is_older_than_the_period_is_left_out(tmp_path: Path) -> None:
    clock = SetClock()
    old, new = (RatedAnswer(when=clock.wall - days * DAY_S, liked=True) for days in (8, 6))
    assert service(tmp_path, clock, old, new).gather(7).ratings == 1
    assert not on_disk(tmp_path)


def test_notes_stay_until_they_are_removed(tmp_path: Path) -> None:
    clock = SetClock()
    (tmp_path / "shipped.toml").write_text('[[change]]\nday = 2027-01-10\ntext = "Larger buttons"\n', encoding="utf-8")
    insights = service(tmp_path, clock)
    note = insights.note("  two\n words ")
    assert [(each.text, each.source) for each in insights.gather().changes] == [
        ("two words", "person"),
        ("Larger buttons", "team"),
    ]
    insights.notes.remove(note.id)
    assert [each.source for each in insights.notes.all()] == ["team"]
    with pytest.raises(UserCanFix):
        insights.note("  ")


def test_ratings_come_with_model_and_way(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, database):
        conversation = history.create().id
        preferences = Preferences(SettingsFile(tmp_path / "settings.json"))
        feedback = FeedbackService(database, history, preferences, HandClock())
        for number, spoken in enumerate((True, False, False)):
            head = history.conversation(conversation).head_id
            question = history.add_question(conversation, head, ("Well?",), spoken=spoken)
            made = answer(history, question.id, "Well.")
            feedback.rate(made.id, liked=number > 0)
        feedback.rate(made.id, comment="Only words")
        read = rated_answers(database)
        found = [(each.liked, each.way, each.model, each.adapter) for each in read()]
        assert found == [(False, "voice", "test", ""), (True, "text", "test", ""), (True, "text", "test", "")]
        history.delete(conversation)
        assert not read()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"scenarios": [{"name": 3}]}', '{"scenarios": 7}'])
def test_a_broken_report_is_no_report(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content, encoding="utf-8")
    assert last_report([tmp_path / "report.json", tmp_path / "none.json"]) == JourneyReport()


@pytest.mark.slow
def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: str) -> str:
        assert main([*words, "--data", str(tmp_path / "home")]) == 0
        return capsys.readouterr().out

    database = tmp_path / "home" / "usage.db"
    assert json.loads(run("usage", "--json"))["level"] == "off"
    assert not database.exists()
    assert json.loads(run("usage", "on", "events", "--json")) == {"level": "events"}
    assert json.loads(run("usage", "status", "--json"))["level"] == "events"
    assert json.loads(run("usage", "pause", "--json"))["paused_until"] > 0
    assert json.loads(run("usage", "resume", "--json"))["paused_until"] == 0
    shown = run("usage", "show")
    told = json.loads(run("usage", "export", str(tmp_path / "mine.jsonl"), "--json"))
    assert (tmp_path / "mine.jsonl").read_text(encoding="utf-8") == shown
    assert told["bytes"] == len(shown.encode())
    assert len(json.loads(run("usage", "metrics", "--json"))) > 25
    told = json.loads(run("insights", "--json", "--note", "Larger", "--html", str(tmp_path / "page.html")))
    assert told["days"] == 90 and told["changes"][0]["text"] == "Larger"
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    run("usage", "delete")
    assert database.exists()
    run("usage", "off")
    assert not list(database.parent.glob("usage.db*"))
    assert main(["usage", "on", "everything", "--data", str(tmp_path / "home")]) == 2
