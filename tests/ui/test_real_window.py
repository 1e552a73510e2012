"""The real window on real services and the small starter model: a killed engine comes back, an answer is read aloud."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.app import build
from desktop_app.paths import Places
from desktop_app.services.services import Services
from desktop_app.ui.application import build_window
from desktop_app.ui.chat.answer import AnswerView
from desktop_app.ui.chat.view import ChatView
from desktop_app.ui.main_window import MainWindow
from tests.fakes.audio import FakeSpeaker

pytestmark = [pytest.mark.models, pytest.mark.slow]
PATIENCE_MS = 60_000


@dataclass
class Real:
    window: MainWindow
    services: Services
    bot: QtBot

    @property
    def chat(self) -> ChatView:
        return self.window.workspace.chat

    @property
    def answer(self) -> AnswerView | None:
        return self.chat.conversation.last_answer

    def ask(self, text: str) -> None:
        self.chat.composer.set_words(text)
        QTest.keyClick(self.chat.composer.text, Qt.Key.Key_Return)

    def wait(self, condition) -> None:  # type: ignore[no-untyped-def]
        self.bot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def written(self, characters: int) -> bool:
        return self.answer is not None and self.answer.is_live and len(self.answer.text) >= characters

    def answered(self) -> bool:
        return self.answer is not None and self.answer.message.status == "done" and not self.chat.presenter.busy


@pytest.fixture
def real(qtbot: QtBot, places: Places, model_store: Path) -> Iterator[Real]:
    services = build(replace(places, models=model_store))
    services.preferences.change(first_run_done=True, language_model="smollm2-135m", temperature=0.0, max_tokens=32)
    window = build_window(services)
    window.show()
    window.start()
    yield Real(window=window, services=services, bot=qtbot)
    window.discard()
    services.close()


def test_a_killed_model_is_said_and_one_button_brings_it_back(real: Real) -> None:
    real.services.preferences.change(max_tokens=600)
    real.ask("Tell me a very long story about the sea, with many chapters.")
    real.wait(lambda: real.written(40))
    child = next(one for one in multiprocessing.active_children() if "language model" in one.name)
    os.kill(child.pid or 0, signal.SIGKILL)
    notices = real.window.workspace.notices
    real.wait(lambda: notices.shown)
    assert notices.shown[0].key == "engine.crashed"
    assert real.answer is not None
    kept, failed = real.answer.text, real.answer.message.id
    assert len(kept) >= 40
    real.wait(lambda: not real.chat.presenter.busy)
    assert real.services.history.message(failed).text == kept
    real.services.preferences.change(max_tokens=32)
    next(one for one in notices.findChildren(QPushButton) if one.text() == "Restart").click()
    real.wait(real.answered)
    assert real.answer.message.siblings == 2
    assert real.answer.text
    assert not notices.shown


def test_an_answer_is_read_aloud_and_stopped_at_once(real: Real) -> None:
    speaker = FakeSpeaker(held=True)
    real.services.voice._speaker = speaker
    real.services.preferences.change(read_aloud=True)
    real.ask("Say in two sentences what a bird is.")
    real.wait(lambda: speaker.playing.acquire(blocking=False))
    narration = real.chat.narration
    real.wait(real.answered)
    assert real.answer is not None
    assert narration.reading == real.answer.message.id
    assert real.answer.foot.buttons["read"].accessibleName() == "Stop reading"
    QTest.keyClick(real.chat.composer.text, Qt.Key.Key_Escape)
    assert not narration.reading
    assert real.answer.foot.buttons["read"].accessibleName() == "Read aloud"
    real.wait(lambda: not real.window.lanes.running)
    assert not speaker.played


def test_a_stored_answer_is_read_to_its_end(real: Real) -> None:
    real.ask("Name a bird.")
    real.wait(real.answered)
    speaker = FakeSpeaker()
    real.services.voice._speaker = speaker
    assert real.answer is not None
    real.answer.foot.buttons["read"].click()
    real.wait(lambda: speaker.played and not real.chat.narration.reading)
    assert sum(sound.seconds for sound in speaker.played) > 0.3
