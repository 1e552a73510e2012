"""What the window tells the record: turns, recordings, tasks, presses, stalls; and when it asks."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from desktop_app.domain.events import FirstAudio, Interrupted, SpeechEnded
from desktop_app.ui.usage.presses import Presses
from desktop_app.ui.usage.question import QuestionCard
from desktop_app.ui.usage.surveys import SurveyCard
from tests.ui.usage.conftest import Watched


def test_while_nothing_is_recorded_nothing_ticks_or_filters(watched: Watched) -> None:
    observer = watched.usage.observer
    assert not observer._heartbeat.beats and observer._presses._native is None
    watched.say_yes()
    assert observer._heartbeat.beats and observer._presses._native is not None
    watched.service.pause()
    watched.desk.wait(lambda: not observer._heartbeat.beats)
    assert observer._presses._native is None


def test_a_question_and_its_answer(watched: Watched) -> None:
    watched.say_yes()
    watched.ask("Is it so?")
    assert [each["way"] for each in watched.named("chat.sent")] == ["typed"]
    answered = watched.named("chat.answered")[0]
    assert (answered["ended"], answered["first_token_ms"], answered["total_ms"]) == ("end", 412, 5200)
    done = watched.named("task.done")[0]
    assert (done["task"], done["success"], done["errors"]) == ("ask", 1, 0)


def test_a_stopped_answer_is_given_up(watched: Watched) -> None:
    import threading

    watched.say_yes()
    desk = watched.desk
    script = desk.home.chat.enqueue("One", " two", " three", gate=threading.Semaphore(0))
    script.release()
    chat = desk.window.workspace.chat
    chat.presenter.send("Go on")
    desk.wait(lambda: chat.presenter.shown_turn is not None and chat.presenter.shown_turn.text)
    desk.run("chat.stop")
    desk.wait(lambda: not chat.presenter.busy)
    desk.idle()
    assert [each["ended"] for each in watched.named("chat.answered")] == ["person"]
    assert len(watched.named("chat.stopped")) == 1
    assert [each["how"] for each in watched.named("task.abandoned")] == ["stopped"]
    assert not watched.named("task.done")


def test_a_corrected_transcript_is_told_in_numbers(watched: Watched) -> None:
    watched.say_yes()
    desk = watched.desk
    chat = desk.window.workspace.chat
    desk.home.voice.says = "call ana now"
    desk.run("voice.talk")
    desk.wait(lambda: chat.voice.state == "recording")
    desk.run("voice.talk")
    desk.wait(lambda: chat.composer.text.toPlainText())
    desk.idle()
    watched.ask("call Anna now")
    corrected = watched.named("voice.corrected")[0]
    assert (corrected["words"], corrected["changed"]) == (3, 1)
    assert [each["ended"] for each in watched.named("voice.recorded")] == ["heard"]
    assert [each["way"] for each in watched.named("chat.sent")] == ["spoken"]
    assert watched.named("task.done")[0]["task"] == "ask_by_voice"


def test_a_discarded_recording(watched: Watched) -> None:
    watched.say_yes()
    desk = watched.desk
    desk.run("voice.talk")
    desk.wait(lambda: desk.window.workspace.chat.voice.state == "recording")
    desk.run("chat.stop")
    desk.wait(lambda: watched.named("voice.recorded"))
    assert [each["ended"] for each in watched.named("voice.recorded")] == ["discarded"]


def test_a_spoken_conversation(watched: Watched) -> None:
    watched.say_yes()
    desk = watched.desk
    desk.run("voice.hands_free")
    desk.wait(lambda: desk.home.talk.active)
    desk.home.talk.ask("How are you?")
    desk.home.talk.tell(SpeechEnded(turn_id="talk"), FirstAudio(turn_id="talk"), Interrupted(turn_id="talk", spoken=""))
    desk.home.talk.finish("Fine.")
    desk.wait(lambda: watched.named("talk.interrupted") and watched.named("chat.answered"))
    desk.run("voice.hands_free")
    desk.wait(lambda: watched.named("talk.ended"))
    assert watched.named("talk.ended")[0]["turns"] == 1
    assert len(watched.named("talk.first_audio")) == 1
    assert watched.named("chat.answered")[0]["way"] == "talk"


def test_pages_settings_and_trouble(watched: Watched) -> None:
    watched.say_yes()
    desk = watched.desk
    desk.run("page.settings")
    desk.home.preferences.change(theme="dark")
    desk.run("chat.write")
    assert [each["page"] for each in watched.named("page.opened")] == ["settings"]
    assert [each["group"] for each in watched.named("setting.changed")] == ["appearance"]
    assert [each["task"] for each in watched.named("task.done")] == ["change_setting"]
    assert "page.settings" in {each["action"] for each in watched.named("action.run")}


def test_late_beats_are_stalls_and_a_night_asleep_is_none(watched: Watched) -> None:
    watched.say_yes()
    watch = watched.usage.observer.watch
    for ms in (30, 240, 9_000_000):
        watch.stalled(ms)
    assert 240 in [each["ms"] for each in watched.named("ui.stall")]
    assert not [each for each in watched.named("ui.stall") if each["ms"] > 60_000]


def middle(window: QWidget, widget: QWidget) -> QPoint:
    return widget.mapTo(window, widget.rect().center())


def test_a_press_in_vain(watched: Watched) -> None:
    """The native window tells of it; that nothing came of it is looked at without waiting for real time."""
    watched.say_yes()
    desk = watched.desk
    window, presses = desk.window, watched.usage.observer._presses
    tools = desk.window.workspace.chat.composer.findChildren(QWidget)
    disabled = next(each for each in tools if each.isVisible() and not each.isEnabled() and each.focusPolicy())
    at = middle(window, disabled)
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert presses._pressed is disabled
    presses._reacted = False
    presses._look()
    assert {(each["surface"], each["enabled"]) for each in watched.named("ui.dead_click")} == {("composer", 0)}


def test_a_press_that_does_something_is_not_in_vain(watched: Watched) -> None:
    """Told by the watcher itself, without waiting for real time."""
    watched.say_yes()
    desk = watched.desk
    presses: Presses = watched.usage.observer._presses
    new = next(each for each in desk.sidebar.findChildren(QPushButton) if each.property("kind") == "new")
    presses.press(middle(desk.window, new))
    new.click()
    presses._look()
    text = desk.window.workspace.chat.composer.text
    for _ in range(4):
        presses.press(middle(desk.window, text))
    presses.reacted()
    presses._look()
    assert not watched.named("ui.dead_click")
    assert not watched.named("ui.rage_click")  # three presses select a line


# -- asking


def card(watched: Watched, kind: type = QuestionCard) -> Any:
    found = [each for each in watched.desk.window.findChildren(kind) if not each.isHidden()]
    return found[0] if found else None


def press(found: QWidget, words: str) -> None:
    next(each for each in found.findChildren(QPushButton) if each.text().strip() == words).click()


def test_it_asks_after_the_first_answer_and_not_before(watched: Watched) -> None:
    assert card(watched) is None
    watched.ask("Hello?")
    asked = card(watched)
    assert asked is not None
    assert watched.desk.window.workspace.chat.composer.text.hasFocus()
    assert asked._area.verticalScrollBar().maximum() == 0  # every answer is in sight
    words = [each.text().strip() for each in asked.findChildren(QPushButton)]
    assert words == ["Yes, single events", "Only daily counts", "No", "What would be recorded?"]


@pytest.mark.parametrize(
    ("words", "surveys", "level"),
    [
        ("Yes, single events", False, "events"),
        ("Yes, single events", True, "surveys"),
        ("Only daily counts", True, "counters"),
        ("No", True, "off"),
    ],
)
def test_every_answer_is_one_press_and_final(watched: Watched, words: str, surveys: bool, level: str) -> None:
    watched.ask("Hello?")
    asked = card(watched)
    asked.surveys.setChecked(surveys)
    press(asked, words)
    watched.desk.idle()
    assert watched.service.state().level == level
    assert watched.desk.home.preferences.current.usage_asked
    watched.ask("And now?")
    assert card(watched) is None
    assert (level == "off") == (not list(watched.desk.home.places.data.glob("usage.db*")))


def test_the_question_makes_way_for_an_answer_and_for_talking(watched: Watched) -> None:
    import threading

    desk = watched.desk
    watched.ask("Hello?")
    chat = desk.window.workspace.chat
    script = desk.home.chat.enqueue("Word", gate=threading.Semaphore(0))
    chat.presenter.send("Next")
    desk.wait(lambda: chat.presenter.busy)
    assert card(watched) is None
    script.release()
    desk.wait(lambda: card(watched) is not None)
    desk.run("voice.hands_free")
    desk.wait(lambda: card(watched) is None)


def test_a_first_task_is_judged_once(watched: Watched) -> None:
    watched.say_yes("surveys")
    desk = watched.desk
    watched.usage.surveys._quiet.setInterval(0)
    watched.ask("Hello?")
    desk.wait(lambda: card(watched, SurveyCard) is not None)
    press(card(watched, SurveyCard), "6")
    desk.idle()
    asked = watched.lines("survey")
    assert [(each["instrument"], each["task"], each["score"]) for each in asked] == [("seq", "ask", 6)]
    watched.ask("Again?")
    desk.idle()
    assert card(watched, SurveyCard) is None


def test_never_again_is_one_press_and_keeps_the_rest(watched: Watched) -> None:
    watched.say_yes("surveys")
    watched.usage.surveys.ask("umux_lite")
    press(card(watched, SurveyCard), "Never again")
    watched.desk.idle()
    assert watched.service.level == "events"
    assert not watched.desk.home.services.surveys.wanted
    levels = [each["level"] for each in watched.lines("consent")]
    assert levels == ["surveys", "events"]


def test_ten_items_one_after_the_other(watched: Watched) -> None:
    watched.say_yes("surveys")
    watched.desk.window.actions_registry.run("usage.sus")
    for place in range(10):
        press(card(watched, SurveyCard), "5" if place % 2 == 0 else "1")
    watched.desk.idle()
    assert watched.lines("survey")[0]["score"] == 100


def test_every_action_of_the_window_can_be_recorded_by_its_name(watched: Watched) -> None:
    known = set(watched.service.registry.metrics["action.run"].extras[0].choices)
    there = {action.id for action in watched.desk.window.actions_registry.all()}
    assert there == known - {"other"}
