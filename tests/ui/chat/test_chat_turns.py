"""Turns: asking, streaming, stopping, answering again, editing, failing."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTextBrowser, QWidget

from desktop_app.domain.pictures import Evidence, Label, TextFound
from desktop_app.errors import UserCanFix
from desktop_app.ui.actions import Action
from desktop_app.ui.chat.facts_panel import evidence_facts
from desktop_app.ui.chat.presenter import PENDING
from tests.ui.chat.conftest import Scene
from tests.ui.chat.stand_ins import crashed


def gate() -> threading.Semaphore:
    return threading.Semaphore(0)


def words_of(widget: QWidget) -> str:
    """Every word that can be seen in `widget`."""
    texts = [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
    texts += [text.toPlainText() for text in widget.findChildren(QTextBrowser)]
    return "\n".join(texts)


def button(widget: QWidget, title: str) -> QPushButton:
    return next(b for b in widget.findChildren(QPushButton) if b.text() == title)


def test_a_new_chat_shows_ways_to_begin(scene: Scene) -> None:
    scene.view.open(None)
    assert scene.view.conversation.empty.isVisible()
    scene.view.conversation.empty.buttons[0].click()
    assert scene.view.composer.text.toPlainText().startswith("Explain")


def test_the_question_shows_at_once_and_the_answer_streams(scene: Scene) -> None:
    script = scene.chat.enqueue("A **bold", "** word.", gate=gate())
    scene.send("Hello?")
    assert scene.questions[0].message.id.startswith(PENDING)
    assert scene.view.composer.text.toPlainText() == ""
    scene.wait(lambda: scene.answers)
    assert [view.message.text for view in scene.questions] == ["Hello?"]
    script.release()
    scene.wait(lambda: scene.answers[0].text == "A **bold")
    assert scene.view.presenter.busy
    script.release()
    scene.idle()
    assert scene.answers[0].message.status == "done"
    assert scene.history.message(scene.answers[0].message.id).text == "A **bold** word."


def test_a_created_conversation_is_told_to_the_window(scene: Scene) -> None:
    with scene.bot.waitSignal(scene.view.conversation_changed) as told:
        scene.ask("Hello?")
    assert told.args == [scene.view.current_id]
    assert scene.history.conversation(scene.view.current_id or "").title.startswith("Hello")


def test_stop_keeps_what_was_written_and_offers_to_go_on(scene: Scene) -> None:
    script = scene.chat.enqueue("Half an", " answer", gate=gate())
    scene.send("Tell me")
    scene.wait(lambda: scene.answers)
    script.release()
    scene.wait(lambda: scene.answers[0].text == "Half an")
    assert scene.view.composer.send.accessibleName() == "Stop"
    scene.bot.keyClick(scene.view.composer.text, Qt.Key.Key_Escape)
    scene.idle()
    answer = scene.answers[0]
    assert (answer.message.text, answer.message.stopped_by) == ("Half an", "person")
    assert scene.view.composer.send.accessibleName() == "Send"
    button(answer, "Continue").click()
    scene.wait(lambda: len(scene.chat.asked) == 2)
    scene.idle()
    assert "go on" in scene.chat.asked[1]
    assert "“Half an”" in scene.chat.asked[1]


def test_going_on_does_not_read_as_a_question(scene: Scene) -> None:
    script = scene.chat.enqueue("Half an", " answer", gate=gate())
    scene.send("Tell me")
    script.release()
    scene.wait(lambda: scene.answers and scene.answers[0].text == "Half an")
    scene.view.stop()
    scene.idle()
    button(scene.answers[0], "Continue").click()
    scene.wait(lambda: len(scene.answers) == 2)
    scene.idle()
    for _ in range(2):  # as it happens, and as it is read from the store
        first, second = scene.answers
        assert [view.message.text for view in scene.questions] == ["Tell me"]
        assert "continued" in words_of(scene.transcript.messages[2])
        assert "You stopped" not in words_of(first)
        assert "Stonechat · AI" in words_of(first)
        assert "Stonechat · AI" not in words_of(second)
        scene.view.open(None)
        scene.view.open(first.message.conversation_id)
        scene.wait(lambda: len(scene.answers) == 2)
    scene.view.conversation.edit_last()
    assert scene.questions[0].edit_box is not None


def test_only_the_last_answer_can_be_gone_on_with(scene: Scene) -> None:
    script = scene.chat.enqueue("Half an", " answer", gate=gate())
    scene.send("Tell me")
    script.release()
    scene.wait(lambda: scene.answers and scene.answers[0].text == "Half an")
    scene.view.stop()
    scene.idle()
    assert button(scene.answers[0], "Continue").isVisible()
    scene.ask("Something else")
    assert "You stopped" in words_of(scene.answers[0])
    assert not button(scene.answers[0], "Continue").isVisible()
    assert button(scene.answers[0], "Try again").isVisible()


def test_sending_while_it_answers_stops_the_running_turn_first(scene: Scene) -> None:
    scene.chat.enqueue("never", gate=gate())
    scene.send("First")
    scene.wait(lambda: scene.answers)
    scene.send("Second")
    scene.wait(lambda: len(scene.answers) == 2)
    scene.idle()
    assert [view.message.stopped_by for view in scene.answers] == ["person", "end"]
    assert [view.message.text for view in scene.questions] == ["First", "Second"]


def test_answering_again_keeps_the_first_answer_and_flips(scene: Scene) -> None:
    scene.chat.enqueue("One.")
    scene.chat.enqueue("Two.")
    first = scene.ask("Count").message.id
    scene.actions.run("chat.regenerate")
    scene.wait(lambda: scene.answers[-1].message.id != first and not scene.view.presenter.busy)
    assert len(scene.answers) == 1
    assert scene.answers[0].text == "Two."
    assert (scene.answers[0].message.sibling, scene.answers[0].message.siblings) == (1, 2)
    scene.actions.run("chat.previous_version")
    scene.wait(lambda: scene.answers[0].text == "One.")
    assert scene.answers[0].message.sibling == 0
    scene.actions.run("chat.previous_version")
    scene.actions.run("chat.next_version")
    scene.wait(lambda: scene.answers[0].text == "Two.")


def test_editing_a_question_makes_a_branch(scene: Scene) -> None:
    scene.ask("Frist")
    scene.ask("Later")
    question = scene.questions[0]
    question.want("edit")
    assert question.edit_box is not None
    question.edit_box.editor.setPlainText("First")
    scene.bot.keyClick(question.edit_box.editor, Qt.Key.Key_Return)
    scene.wait(lambda: [v.message.text for v in scene.questions] == ["First"] and not scene.view.presenter.busy)
    assert scene.questions[0].message.siblings == 2
    assert scene.view.composer.text.hasFocus()
    scene.view.presenter.flip(scene.questions[0].message.id, -1)
    scene.wait(lambda: [v.message.text for v in scene.questions] == ["Frist", "Later"])


def test_escape_leaves_a_question_as_it_was(scene: Scene) -> None:
    scene.ask("Stay")
    scene.bot.keyClick(scene.view.composer.text, Qt.Key.Key_Up)
    box = scene.questions[0].edit_box
    assert box is not None
    scene.bot.keyClick(box.editor, Qt.Key.Key_Escape)
    assert scene.questions[0].edit_box is None
    assert [view.message.text for view in scene.questions] == ["Stay"]


def test_a_failed_answer_says_why_in_its_place(scene: Scene) -> None:
    scene.chat.enqueue("Some", fail=UserCanFix("models.gone", "The model file is gone.", remedy="Fetch it again."))
    answer = scene.ask("Hello")
    assert answer.message.status == "failed"
    assert "The model file is gone. Fetch it again." in words_of(answer)
    assert scene.notices.errors == []
    button(answer, "Try again").click()
    scene.wait(lambda: scene.answers[0].text == "Hello there.")


def test_an_empty_answer_has_nothing_to_copy_or_read(scene: Scene) -> None:
    scene.chat.enqueue(fail=UserCanFix("models.gone", "The model file is gone.", remedy="Fetch it again."))
    answer = scene.ask("Hello")
    assert not answer.foot.buttons["copy"].isVisible()
    assert not answer.foot.buttons["read"].isVisible()
    assert {deed.id for deed in answer.menu_deeds()} == {"regenerate", "why"}
    scene.wait(lambda: answer.foot.buttons["regenerate"].x() < answer.foot.width() // 10)


def test_without_a_model_the_way_to_one_is_a_button(scene: Scene) -> None:
    scene.chat.enqueue(fail=UserCanFix("models.missing", "No language model is installed.", remedy="stonechat setup"))
    answer = scene.ask("Hello")
    assert "stonechat setup" not in words_of(answer)
    asked_for: list[str] = []
    scene.actions.add(Action(id="window.models", title="Models", run=lambda: asked_for.append("models")))
    button(answer, "Fetch the models").click()
    assert asked_for == ["models"]


def test_a_crashed_engine_offers_a_restart(scene: Scene) -> None:
    scene.chat.enqueue("Some", fail=crashed())
    answer = scene.ask("Hello")
    assert answer.text == "Some"
    assert [error.code for error in scene.notices.errors] == ["engine.crashed"]
    scene.notices.retries[0]()  # type: ignore[operator]
    scene.wait(lambda: scene.answers[0].text == "Hello there.")
    assert scene.chat.restarted == 1


def test_a_question_that_could_not_be_stored_comes_back(scene: Scene) -> None:
    scene.chat.enqueue(refuse=UserCanFix("models.missing", "There is no model.", remedy="Fetch one."))
    scene.send("Precious words")
    scene.wait(lambda: scene.notices.errors)
    scene.wait(lambda: scene.view.composer.text.toPlainText() == "Precious words")
    assert scene.transcript.is_empty
    assert scene.view.conversation.empty.isVisible()


def test_a_turn_goes_on_while_another_conversation_is_shown(scene: Scene) -> None:
    other = scene.store(("Old", "Older."))
    script = scene.chat.enqueue("One ", "two ", "three.", gate=gate())
    scene.send("Count")
    scene.wait(lambda: scene.answers)
    script.release()
    scene.wait(lambda: scene.answers[0].text == "One ")
    counting = scene.view.current_id
    scene.open(other)
    scene.wait(lambda: scene.answers[0].text == "Older.")
    script.release()
    scene.wait(lambda: scene.view.presenter.written(scene.view.presenter._turns[0].answer_id) == "One two ")
    assert scene.answers[0].text == "Older."
    scene.view.open(counting)
    scene.wait(lambda: scene.answers and scene.answers[0].text == "One two ")
    script.release()
    scene.idle()
    assert scene.answers[0].text == "One two three."


def test_states_are_shown_before_the_first_word(scene: Scene) -> None:
    script = scene.chat.enqueue("word", gate=gate(), loading=True, reads_prompt=True)
    scene.send("Hello")
    scene.wait(lambda: scene.answers and scene.answers[0].status)
    status = scene.answers[0].status
    assert status is not None
    scene.wait(lambda: status.sentence == "Reading the conversation…")
    script.release()
    scene.idle()
    assert not status.isVisible()


def test_the_end_of_memory_is_shown(scene: Scene) -> None:
    scene.ask("One")
    assert scene.transcript.memory_edge is None
    scene.chat.enqueue("x", dropped=2)
    scene.ask("Two")
    edge = scene.transcript.memory_edge
    assert edge is not None and edge.isVisible()
    assert scene.answers[0].y() < edge.y() < scene.questions[1].y()


def test_the_context_meter_counts(scene: Scene) -> None:
    scene.ask("Hello")
    assert "980" in words_of(scene.view.composer.meter)


def test_a_vague_label_does_not_stand_beside_clear_words() -> None:
    words = TextFound(text="GARDEN", confidence=0.99, box=(0, 0, 90, 20))
    vague = Evidence(width=9, height=9, text=(words,), labels=(Label(name="web site", confidence=0.43),))
    assert dict(evidence_facts(vague))["May show"] == "nothing certain"
    sure = replace(vague, labels=(Label(name="daisy", confidence=0.9),))
    assert dict(evidence_facts(sure))["May show"] == "daisy 90 %"
    assert dict(evidence_facts(replace(vague, text=())))["May show"] == "web site 43 %"


def test_why_this_answer(scene: Scene) -> None:
    answer = scene.ask("Hello")
    scene.actions.run("chat.why")
    words = words_of(answer)
    for fact in ("SmolLM2 135M", "ab" * 32, "812 tokens", "640 of them remembered", "34.2 tokens/s", "0.41 s", "7"):
        assert fact in words
    scene.actions.run("chat.why")
    scene.wait(lambda: "ab" * 32 not in words_of(answer))


def test_what_happens_is_announced(scene: Scene, announced: list[str]) -> None:
    scene.chat.enqueue("One sentence. ", "And an", "other one.")
    scene.ask("Hello")
    assert announced == ["Answering", "One sentence.", "And another one.", "Answer finished"]


def test_a_question_that_waits_for_its_turn_is_given_back_when_another_comes_first(scene: Scene) -> None:
    hold = scene.lanes.job("model", lambda cancel: cancel.wait(30))
    hold.start()
    scene.send("First")
    scene.send("Second")
    assert [view.message.text for view in scene.questions] == ["First", "Second"]
    hold.cancel()
    scene.wait(lambda: scene.chat.asked == ["Second"])
    scene.idle()
    assert [view.message.text for view in scene.questions] == ["Second"]
    assert scene.view.composer.text.toPlainText() == "First"


def test_what_was_refused_waits_in_its_own_conversation(scene: Scene) -> None:
    first, second = scene.store(("A", "a")), scene.store(("B", "b"))
    hold = scene.lanes.job("model", lambda cancel: cancel.wait(30))
    hold.start()
    scene.open(first)
    scene.chat.enqueue(refuse=UserCanFix("models.missing", "There is no model.", remedy="Fetch one."))
    scene.send("Precious")
    scene.open(second)
    hold.cancel()
    scene.wait(lambda: scene.notices.errors and not scene.view.presenter.busy)
    assert scene.view.composer.text.toPlainText() == ""
    scene.open(first)
    assert scene.view.composer.text.toPlainText() == "Precious"
    scene.wait(lambda: [view.message.text for view in scene.questions] == ["A"])


def test_an_unexpected_failure_in_the_middle_keeps_the_words(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise UserCanFix("history.disk_full", "The disk is full.", remedy="Make room.")

    script = scene.chat.enqueue("Some words", gate=gate())
    scene.send("Hello")
    scene.wait(lambda: scene.answers)
    monkeypatch.setattr(scene.chat, "_end", broken)
    script.release()
    scene.idle()
    assert scene.answers[0].text == "Some words"
    assert "The disk is full. Make room." in words_of(scene.answers[0])
