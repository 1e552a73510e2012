"""A chat surface over a real history, with scripted engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.conversations import Conversation, Provenance, StoredMessage
from desktop_app.errors import AppError
from desktop_app.paths import places
from desktop_app.services.feedback import FeedbackService
from desktop_app.services.history import History
from desktop_app.services.learned import LearnedService
from desktop_app.storage import open_database
from desktop_app.ui.actions import ActionRegistry
from desktop_app.ui.chat.answer import AnswerView
from desktop_app.ui.chat.question import QuestionView
from desktop_app.ui.chat.transcript import Transcript
from desktop_app.ui.chat.view import ChatView
from desktop_app.ui.jobs import Lanes
from desktop_app.ui.notices import Notices
from desktop_app.ui.theme import Theme
from tests.ui.chat.stand_ins import Choices, ScriptedChat, SpokenWords, StoredPictures, SystemClock
from tests.ui.stand_ins import ScriptedTalk


class HeardNotices(Notices):
    """Keeps what the person would have seen."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.errors: list[AppError] = []
        self.retries: list[object] = []
        self.infos: list[str] = []

    def error(self, error: AppError, retry=None, retry_title: str = "") -> None:  # type: ignore[no-untyped-def]
        self.errors.append(error)
        self.retries.append(retry)

    def info(self, text: str, action_title: str = "", action=None) -> None:  # type: ignore[no-untyped-def]
        self.infos.append(text)


@dataclass
class Scene:
    """The chat in a window, and what it stands on."""

    view: ChatView
    window: QWidget
    history: History
    chat: ScriptedChat
    voice: SpokenWords
    talk: ScriptedTalk
    pictures: StoredPictures
    choices: Choices
    feedback: FeedbackService
    actions: ActionRegistry
    notices: HeardNotices
    theme: Theme
    lanes: Lanes
    bot: QtBot

    @property
    def transcript(self) -> Transcript:
        return self.view.conversation.transcript

    @property
    def answers(self) -> list[AnswerView]:
        return [view for view in self.transcript.messages if isinstance(view, AnswerView)]

    @property
    def questions(self) -> list[QuestionView]:
        return [view for view in self.transcript.messages if isinstance(view, QuestionView)]

    def type(self, text: str) -> None:
        self.view.composer.set_words(text)

    def send(self, text: str) -> None:
        self.type(text)
        assert self.view.composer.try_send()

    def ask(self, text: str) -> AnswerView:
        """Send and wait for the end of the answer."""
        before = len(self.chat.asked)
        self.send(text)
        self.bot.waitUntil(lambda: len(self.chat.asked) > before)
        self.idle()
        return self.answers[-1]

    def idle(self) -> None:
        self.bot.waitUntil(lambda: not self.view.presenter.busy, timeout=30_000)

    def wait(self, condition) -> None:  # type: ignore[no-untyped-def]
        self.bot.waitUntil(lambda: bool(condition()))

    def store(self, *turns: tuple[str, str], title: str = "Stored") -> Conversation:
        """A finished conversation."""
        conversation = self.history.create(title)
        parent: StoredMessage | None = None
        for asked, answered in turns:
            parent = self.store_turn(conversation.id, parent.id if parent else None, asked, answered)
        return conversation

    def store_turn(self, conversation_id: str, parent_id: str | None, asked: str, answered: str) -> StoredMessage:
        question = self.history.add_question(conversation_id, parent_id, (asked,))
        answer = self.history.begin_answer(question.id, provenance=Provenance())
        return self.history.finish_answer(
            answer.id,
            answered,
            status="done",
            stopped_by="end",
            provenance=Provenance(model="m"),
            timings=answer.timings,
        )

    def open(self, conversation: Conversation) -> None:
        self.view.open(conversation.id)
        self.wait(self.view.has_messages)


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader would have said."""
    said: list[str] = []

    def listen(source: object, text: str, *, urgent: bool = False) -> None:
        said.append(text)

    for module in ("announcer", "conversation_view", "picture_chips", "code_block"):
        monkeypatch.setattr(f"desktop_app.ui.chat.{module}.announce", listen)
    return said


@pytest.fixture
def scene(tmp_path: Path, qtbot: QtBot) -> Iterator[Scene]:
    home = places(tmp_path).create()
    database = open_database(home, SystemClock())
    history = History(database, SystemClock())
    lanes, theme, window = Lanes(), Theme(), QWidget()
    theme.use("light", reduced_motion=True)
    chat, voice, pictures, choices = ScriptedChat(history), SpokenWords(), StoredPictures(home.pictures), Choices()
    talk = ScriptedTalk(history)
    feedback = FeedbackService(database, history, choices, SystemClock())  # type: ignore[arg-type]
    services = SimpleNamespace(
        preferences=choices,
        history=history,
        chat=chat,
        attachments=pictures,
        voice=voice,
        talk=talk,
        feedback=feedback,
        learned=LearnedService(database, feedback, choices, SystemClock()),  # type: ignore[arg-type]
    )
    actions, notices = ActionRegistry(theme.icon), HeardNotices(theme, window)
    view = ChatView(services, lanes, theme, actions, notices)  # type: ignore[arg-type]
    column = QVBoxLayout(window)
    column.addWidget(view)
    actions.bind(window)
    qtbot.addWidget(window)
    window.resize(1000, 800)
    window.show()
    yield Scene(
        view=view,
        window=window,
        history=history,
        chat=chat,
        voice=voice,
        talk=talk,
        pictures=pictures,
        choices=choices,
        feedback=feedback,
        actions=actions,
        notices=notices,
        theme=theme,
        lanes=lanes,
        bot=qtbot,
    )
    view.close_down()
    assert lanes.close()
    history.close()
