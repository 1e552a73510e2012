"""Fixtures of the interface: Qt without a display, no warnings, and nothing left running."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.conversations import Conversation, Provenance
from desktop_app.domain.events import Timings
from desktop_app.paths import Places, places
from desktop_app.services.blind import BlindService
from desktop_app.services.feedback import FeedbackService
from desktop_app.services.history import History
from desktop_app.services.insights import InsightsService
from desktop_app.services.journeys import JourneyReport
from desktop_app.services.learned import LearnedService
from desktop_app.services.other_programs import OtherPrograms
from desktop_app.services.recordings import Recordings
from desktop_app.services.surveys import SurveyService
from desktop_app.services.telemetry import UsageService
from desktop_app.storage import open_database
from desktop_app.storage.change_notes import ChangeNotes
from desktop_app.storage.usage_file import UsageFile
from desktop_app.ui.appearance import Appearance
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.theme import Theme
from tests.fakes.desktop import HandTalkKey, RememberedLogin
from tests.ui.chat.stand_ins import Choices, ScriptedChat, StoredPictures, SystemClock
from tests.ui.stand_ins import EveryFit, FewModels, OneMeasure, Port, ProcessorOnly, ScriptedTalk, Voices
from tests.unit.personalize_kit import Kit, assembled

PATIENCE_MS = 30_000


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    made = Theme()
    made.use("light", reduced_motion=True)
    made.apply(qapp)
    return made


class Clock(SystemClock):
    """`days_ago` shifts the wall clock."""

    days_ago = 0.0

    def now(self) -> float:
        return super().now() - self.days_ago * 86_400


@dataclass
class Home:
    """The services of one data folder, and what stands behind them."""

    places: Places
    clock: Clock
    history: History
    preferences: Choices
    chat: ScriptedChat
    voice: Voices
    talk: ScriptedTalk
    library: FewModels
    services: Any
    feedback: FeedbackService
    learned: LearnedService
    personalizing: Kit

    def store(
        self, title: str, asked: str = "Is it so?", answered: str = "It is so.", days_ago: float = 0
    ) -> Conversation:
        """A conversation of one turn."""
        self.clock.days_ago = days_ago
        conversation = self.history.create(title)
        self.add_turn(conversation.id, asked, answered)
        self.clock.days_ago = 0
        return self.history.conversation(conversation.id)

    def add_turn(self, conversation_id: str, asked: str, answered: str) -> None:
        """One more turn at the end of a conversation."""
        head = self.history.conversation(conversation_id).head_id
        question = self.history.add_question(conversation_id, head, (asked,))
        answer = self.history.begin_answer(question.id, provenance=Provenance())
        self.history.finish_answer(
            answer.id, answered, status="done", stopped_by="end", provenance=Provenance(), timings=Timings()
        )


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    where, clock = places(tmp_path).create(), Clock()
    database = open_database(where, clock)
    history = History(database, clock)
    preferences, chat, voice, library = Choices(), ScriptedChat(history), Voices(), FewModels("small", "ear", "joe")
    talk = ScriptedTalk(history)
    usage_file = UsageFile(where.usage)
    usage = UsageService(usage_file, clock, version="0")
    notes = ChangeNotes(where.changes, where.data / "none.toml")
    preferences.change(first_run_done=True, theme="light", motion="reduced")
    feedback = FeedbackService(database, history, preferences, clock)  # type: ignore[arg-type]
    learned = LearnedService(database, feedback, preferences, clock)  # type: ignore[arg-type]
    personalizing = assembled(database, clock, where.data)
    programs = OtherPrograms(Port, preferences, where.data / "endpoint-token")  # type: ignore[arg-type]
    services = SimpleNamespace(
        adapters=personalizing.adapters,
        personalization=personalizing.service,
        blind=BlindService(personalizing.adapters, lambda _: personalizing.bases.model, lambda: "Be brief."),
        feedback=feedback,
        learned=learned,
        tidy=lambda: None,
        places=where,
        preferences=preferences,
        history=history,
        chat=chat,
        attachments=StoredPictures(where.pictures),
        voice=voice,
        talk=talk,
        recordings=Recordings(where, history, preferences),  # type: ignore[arg-type]
        library=library,
        fits=EveryFit(),
        measure=OneMeasure(),
        hardware=ProcessorOnly(),
        other_programs=programs,
        teaching=None,
        doctor=None,
        talk_key=HandTalkKey(),
        login_start=RememberedLogin(),
        usage=usage,
        surveys=SurveyService(usage_file, usage, clock),
        insights=InsightsService(usage_file, lambda: (), notes, JourneyReport, clock),
        warnings=(),
    )
    yield Home(
        places=where,
        clock=clock,
        history=history,
        preferences=preferences,
        chat=chat,
        voice=voice,
        talk=talk,
        library=library,
        services=services,
        feedback=feedback,
        learned=learned,
        personalizing=personalizing,
    )
    programs.close()
    usage.close()
    history.close()


@dataclass
class Desk:
    """The real window on a home."""

    window: MainWindow
    home: Home
    bot: QtBot

    @property
    def sidebar(self) -> Any:
        return self.window.workspace.sidebar

    def run(self, action_id: str) -> None:
        self.window.actions_registry.run(action_id)
        self.idle()

    def idle(self) -> None:
        """Until no job is under way and all that came of them has arrived."""
        self.bot.waitUntil(lambda: self.window.lanes.running == 0, timeout=PATIENCE_MS)
        QApplication.processEvents()

    def wait(self, condition: Any) -> None:
        self.bot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def titles(self) -> list[str]:
        """The rows of the sidebar, headings too."""
        rows = self.sidebar.conversations.rows
        return [rows.index(row).data() for row in range(rows.rowCount())]


@pytest.fixture
def open_desk(home: Home, qtbot: QtBot, qapp: QApplication) -> Iterator[Any]:
    """Call it for a started window; everything is closed and checked at the end."""
    made: list[MainWindow] = []

    def build(**size: int) -> Desk:
        look = Theme()
        window = MainWindow(home.services, look, Appearance(home.preferences, look, qapp))  # type: ignore[arg-type]
        made.append(window)
        if size:
            window.resize(size.get("width", 1180), size.get("height", 800))
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        window.start()
        desk = Desk(window=window, home=home, bot=qtbot)
        desk.idle()
        return desk

    yield build
    for window in made:
        window.discard()
        assert window.lanes.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


@pytest.fixture
def desk(open_desk: Any) -> Desk:
    found: Desk = open_desk()
    return found


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test: no thread, no top-level widget, no running timer of ours."""
    before = set(threading.enumerate())
    yield
    if QApplication.instance() is None:
        return
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [thread.name for thread in threading.enumerate() if thread not in before and thread.name.startswith("lane-")]
    shown = [widget for widget in QApplication.topLevelWidgets() if _is_ours(widget)]
    ticking = [timer for widget in shown for timer in widget.findChildren(QTimer) if timer.isActive()]
    for widget in shown:  # so that one failure stays one
        widget.hide()
        widget.deleteLater()
    assert not left, left
    assert not shown, shown
    assert not ticking, ticking


def _is_ours(widget: QWidget) -> bool:
    return widget.isVisible() and type(widget).__module__.startswith("desktop_app.")


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader would have said, by anyone."""
    from PySide6.QtGui import QAccessible, QAccessibleEvent

    said: list[str] = []

    def update(event: QAccessibleEvent) -> None:
        if event.type() == QAccessible.Event.Announcement:
            said.append(event.message())  # type: ignore[attr-defined]

    monkeypatch.setattr("desktop_app.ui.announce.QAccessible.updateAccessibility", update)
    return said
