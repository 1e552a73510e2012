"""Push to talk and reading aloud, as the window shows them."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop_app.errors import EnvironmentProblem
from desktop_app.ui.voice import presenter
from tests.ui.chat.conftest import Scene


def talk(scene: Scene) -> None:
    scene.actions.run("voice.talk")
    scene.wait(lambda: scene.view.voice.state == "recording")


def test_what_was_said_waits_in_the_composer(scene: Scene, announced: list[str]) -> None:
    scene.type("Please:")
    talk(scene)
    assert scene.view.composer.recording.isVisible()
    scene.voice.on_level(0.5, 7.2)
    scene.wait(lambda: scene.view.composer.recording.elapsed == "0:07")
    assert scene.view.composer.recording.meter.level == 0.5
    scene.view.composer.recording.done_button.click()
    scene.wait(lambda: scene.view.composer.text.toPlainText() == "Please: what did I say")
    assert not scene.view.composer.recording.isVisible()
    assert scene.chat.asked == []
    assert scene.view.composer.text.hasFocus()
    assert "Recording" in announced and "Heard: what did I say" in announced


def test_with_the_setting_it_is_sent_at_once(scene: Scene) -> None:
    scene.choices.change(send_transcript=True)
    talk(scene)
    scene.actions.run("voice.talk")
    scene.wait(lambda: scene.chat.asked == ["what did I say"])
    scene.idle()
    assert scene.questions[0].message.spoken


def test_words_that_stand_there_are_never_sent_by_speech(scene: Scene) -> None:
    scene.choices.change(send_transcript=True)
    scene.type("half a thought")
    talk(scene)
    scene.actions.run("voice.talk")
    scene.wait(lambda: scene.view.composer.text.toPlainText() == "half a thought what did I say")
    assert scene.chat.asked == []


def test_escape_discards_the_recording(scene: Scene) -> None:
    talk(scene)
    focused = QApplication.focusWidget()
    assert focused is scene.view.composer.recording.done_button
    scene.bot.keyClick(focused, Qt.Key.Key_Escape)
    scene.wait(lambda: scene.voice.discarded == 1)
    assert scene.view.voice.state == "idle"
    assert scene.view.composer.text.toPlainText() == ""
    assert scene.view.composer.text.hasFocus()


def test_silence_is_said_so(scene: Scene) -> None:
    scene.voice.says = ""
    talk(scene)
    scene.view.voice.finish()
    scene.wait(lambda: scene.notices.infos)
    assert "Nothing was understood" in scene.notices.infos[0]


def test_no_microphone_is_a_notice(scene: Scene) -> None:
    scene.voice.fail = EnvironmentProblem("audio.no_microphone", "There is no microphone.", remedy="Plug one in.")
    scene.actions.run("voice.talk")
    scene.wait(lambda: [error.code for error in scene.notices.errors] == ["audio.no_microphone"])
    assert scene.view.voice.state == "idle"


def test_an_unplugged_microphone_keeps_what_was_said(scene: Scene) -> None:
    talk(scene)
    scene.voice.on_lost(EnvironmentProblem("audio.lost", "The microphone is gone.", remedy="Plug it in again."))
    scene.wait(lambda: scene.view.composer.text.toPlainText() == "what did I say")
    assert [error.code for error in scene.notices.errors] == ["audio.lost"]


def test_pressing_the_button_toggles(scene: Scene) -> None:
    button = scene.view.composer.talk
    scene.bot.mousePress(button, Qt.MouseButton.LeftButton)
    scene.bot.mouseRelease(button, Qt.MouseButton.LeftButton)
    scene.wait(lambda: scene.view.voice.state == "recording")


def test_enter_on_the_button_works_like_space(scene: Scene) -> None:
    scene.view.composer.talk.setFocus()
    scene.bot.keyClick(scene.view.composer.talk, Qt.Key.Key_Return)
    scene.wait(lambda: scene.view.voice.state == "recording")


def test_holding_records_until_it_is_let_go(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.choices.change(hold_to_talk=True)
    monkeypatch.setattr(presenter, "SHORTEST_MS", 0)
    logic = scene.view.composing._talk
    scene.view.composer.talk_pressed.emit()
    scene.wait(lambda: scene.view.voice.state == "recording")
    logic.release()
    scene.wait(lambda: scene.view.composer.text.toPlainText() == "what did I say")


def test_a_short_tap_latches_when_holding_is_set(scene: Scene) -> None:
    scene.choices.change(hold_to_talk=True)
    scene.view.composer.talk.click()
    scene.wait(lambda: scene.view.voice.state == "recording")
    scene.view.composer.recording.done_button.click()
    scene.wait(lambda: scene.view.composer.text.toPlainText() == "what did I say")


# -- reading aloud ----------------------------------------------------------------------------------------------------


def test_an_answer_is_read_and_stopped(scene: Scene) -> None:
    answer = scene.ask("Hello")
    scene.actions.run("voice.read")
    scene.wait(lambda: scene.voice.narrations and scene.voice.narrations[0].finished)
    assert scene.voice.narrations[0].text == "Hello there."
    read = answer.foot.buttons["read"]
    assert read.accessibleName() == "Stop reading"
    scene.bot.keyClick(scene.view.composer.text, Qt.Key.Key_Escape)
    assert scene.voice.narrations[0].cancel.cancelled
    assert read.accessibleName() == "Read aloud"


def test_reading_ends_by_itself(scene: Scene) -> None:
    answer = scene.ask("Hello")
    scene.actions.run("voice.read")
    scene.wait(lambda: scene.voice.narrations)
    scene.voice.narrations[0].over.set()
    scene.wait(lambda: answer.foot.buttons["read"].accessibleName() == "Read aloud")


def test_with_the_setting_answers_are_read_while_they_are_written(scene: Scene) -> None:
    scene.choices.change(read_aloud=True)
    script = scene.chat.enqueue("One. ", "Two.", gate=threading.Semaphore(0))
    scene.send("Count")
    scene.wait(lambda: scene.voice.narrations)
    script.release()
    scene.wait(lambda: scene.voice.narrations[0].text == "One. ")
    assert not scene.voice.narrations[0].finished
    script.release()
    scene.wait(lambda: scene.voice.narrations[0].finished)
    assert scene.voice.narrations[0].text == "One. Two."


def test_reading_ends_with_an_answer_that_breaks_off_unexpectedly(scene: Scene) -> None:
    scene.choices.change(read_aloud=True)
    script = scene.chat.enqueue("One. ", gate=threading.Semaphore(0), breaks=ValueError("nobody knows why"))
    scene.send("Count")
    scene.wait(lambda: scene.voice.narrations)
    script.release()
    scene.wait(lambda: scene.voice.narrations[0].finished)


def test_speaking_silences_the_voice(scene: Scene) -> None:
    scene.ask("Hello")
    scene.actions.run("voice.read")
    scene.wait(lambda: scene.voice.narrations)
    talk(scene)
    assert scene.voice.narrations[0].cancel.cancelled


def test_the_button_can_be_let_go_of_while_it_records(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.choices.change(hold_to_talk=True)
    monkeypatch.setattr(presenter, "SHORTEST_MS", 0)
    button = scene.view.composer.talk
    scene.bot.mousePress(button, Qt.MouseButton.LeftButton)
    scene.wait(lambda: scene.view.voice.state == "recording")
    assert button.isVisible() and button.isDown()
    scene.bot.mouseRelease(button, Qt.MouseButton.LeftButton)
    scene.wait(lambda: scene.view.composer.text.toPlainText() == "what did I say")


def test_a_corrected_name_is_listened_for_from_then_on(scene: Scene) -> None:
    scene.voice.says = "ask stone chat"
    talk(scene)
    scene.actions.run("voice.talk")
    scene.wait(lambda: scene.view.composer.text.toPlainText() == "ask stone chat")
    scene.view.composer.text.setPlainText("ask Stonechat")
    scene.bot.keyClick(scene.view.composer.text, Qt.Key.Key_Return)
    scene.wait(lambda: scene.choices.current.expected_words == "Stonechat")
    scene.idle()
