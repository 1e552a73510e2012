from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QScrollArea

from desktop_app.errors import EngineCrashed, EnvironmentProblem
from desktop_app.ui.onboarding.model_step import ModelStep
from desktop_app.ui.onboarding.sound_step import SoundStep
from desktop_app.ui.onboarding.view import Onboarding


@pytest.fixture
def first(home: Any, open_desk: Any) -> Iterator[tuple[Any, Onboarding]]:
    home.preferences.change(first_run_done=False)
    desk = open_desk()
    page = desk.window.findChild(Onboarding)
    assert page.isVisible()
    yield desk, page


def words(page: Onboarding) -> str:
    return " ".join(one.text() for one in page.findChildren(QLabel) if one.isVisible())


def at_step(page: Onboarding, place: int) -> Any:
    while page.step < place:
        page.onward.click()
    return page.steps[place]


def test_it_says_what_it_is(first: tuple[Any, Onboarding], announced: list[str]) -> None:
    _, page = first
    assert "AI" in words(page)
    assert "can be wrong" in words(page)
    assert "never sent anywhere" in words(page)


def test_enter_alone_leads_through(first: tuple[Any, Onboarding], announced: list[str]) -> None:
    desk, page = first
    for place in range(3):
        assert page.step == place
        assert page.onward.hasFocus()
        QTest.keyClick(page.onward, Qt.Key.Key_Space)
    assert desk.home.preferences.current.first_run_done
    assert desk.window.workspace.isVisible()
    assert desk.window.workspace.chat.composer.text.hasFocus()
    assert announced[0].startswith("Step 2 of 3")
    desk.idle()


def test_escape_goes_a_step_back(first: tuple[Any, Onboarding]) -> None:
    _, page = first
    at_step(page, 1)
    QTest.keyClick(page.onward, Qt.Key.Key_Escape)
    assert page.step == 0
    QTest.keyClick(page.onward, Qt.Key.Key_Escape)
    assert page.step == 0


def test_it_comes_only_once_and_can_be_called_again(home: Any, open_desk: Any) -> None:
    desk = open_desk()
    assert desk.window.findChild(Onboarding) is None
    desk.run("window.welcome")
    desk.run("window.welcome")
    assert len(desk.window.findChildren(Onboarding)) == 1


def test_the_microphone_is_tested_only_on_request(first: tuple[Any, Onboarding]) -> None:
    desk, page = first
    step = at_step(page, 1)
    assert isinstance(step, SoundStep)
    assert not desk.home.voice.recording
    step.listen.click()
    desk.wait(lambda: step.listen.accessibleName() == "Stop the test")
    assert desk.home.voice.recording
    desk.home.voice.on_level(0.6, 0.5)
    desk.wait(lambda: step.meter.value() == 60)
    assert "hears you" in step.said.text()
    page.onward.click()
    assert not desk.home.voice.recording
    desk.idle()


def test_without_a_microphone_it_goes_on(first: tuple[Any, Onboarding]) -> None:
    desk, page = first
    desk.home.voice.fail = EnvironmentProblem("audio.no_microphone", "There is no microphone.", remedy="Plug one in.")
    step = at_step(page, 1)
    step.listen.click()
    desk.idle()
    assert step.said.text() == "There is no microphone. Plug one in."
    assert not page.notices.shown
    page.onward.click()
    assert page.step == 2
    desk.idle()


def test_a_microphone_pulled_out_is_said(first: tuple[Any, Onboarding]) -> None:
    desk, page = first
    step = at_step(page, 1)
    step.listen.click()
    desk.idle()
    desk.home.voice.on_lost(EnvironmentProblem("audio.lost", "The microphone is gone.", remedy="Plug it in."))
    desk.wait(lambda: "The microphone is gone." in step.said.text())
    assert not desk.home.voice.recording


def test_going_on_while_the_microphone_opens_closes_it(first: tuple[Any, Onboarding]) -> None:
    desk, page = first
    at_step(page, 1).listen.click()
    page.onward.click()
    desk.idle()
    desk.wait(lambda: not desk.home.voice.recording)
    assert not page.presenter.listening


def test_a_voice_that_cannot_be_heard_says_so_in_its_place(first: tuple[Any, Onboarding]) -> None:
    desk, page = first
    step = at_step(page, 1)
    desk.home.voice.mute = EngineCrashed("engine.crashed", "The voice stopped unexpectedly.", remedy="Press Restart.")
    step.speak.click()
    desk.idle()
    assert step.spoken.text() == "The voice stopped unexpectedly. Press the button to try again."
    assert step.speak.accessibleName() == "Play a sentence"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_large_text_in_a_narrow_window_cuts_nothing_off(first: tuple[Any, Onboarding], place: int) -> None:
    """WCAG 1.4.10: no step is wider than what can be seen of it."""
    desk, page = first
    desk.home.preferences.change(text_scale=200)
    desk.window.resize(720, 520)
    at_step(page, place)
    desk.idle()
    area = page.findChild(QScrollArea)
    desk.wait(lambda: area.widget().width() <= area.viewport().width())


def test_the_greeting_can_be_stopped(first: tuple[Any, Onboarding]) -> None:
    desk, page = first
    step = at_step(page, 1)
    step.speak.click()
    desk.wait(lambda: desk.home.voice.greeted == 1)
    assert step.speak.accessibleName() == "Stop"
    step.speak.click()
    desk.wait(lambda: step.speak.accessibleName() == "Play a sentence")


def test_missing_models_are_fetched(first: tuple[Any, Onboarding]) -> None:
    desk, page = first
    step = at_step(page, 2)
    assert isinstance(step, ModelStep)
    desk.idle()
    assert "60 MB are missing" in step.state.text()
    step.fetch.click()
    desk.wait(lambda: "Everything is ready" in step.state.text())
    assert step.fetch.isHidden()
    assert "better" in desk.home.library.present
    desk.idle()


def test_a_failed_download_says_why_and_can_be_tried_again(first: tuple[Any, Onboarding]) -> None:
    desk, page = first
    desk.home.library.fail = EnvironmentProblem("models.no_connection", "No connection.", remedy="Connect.")
    step = at_step(page, 2)
    desk.idle()
    step.fetch.click()
    desk.wait(lambda: page.notices.shown)
    assert page.notices.shown[0].key == "models.no_connection"
    desk.home.library.fail = None
    step.fetch.click()
    desk.wait(lambda: "Everything is ready" in step.state.text())
    desk.idle()


def test_closing_the_window_in_the_middle_stops_everything(first: tuple[Any, Onboarding]) -> None:
    desk, page = first
    step = at_step(page, 1)
    step.listen.click()
    step.speak.click()
    desk.wait(lambda: desk.home.voice.greeted == 1)
    desk.window.close()
    assert not desk.home.voice.recording
