"""Rating answers where they stand: thumbs, reasons, the better answer, the better of two, taking it back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.domain.feedback import Pick, Rating, Reason, Signal
from desktop_app.ui.chat.answer import AnswerView
from desktop_app.ui.feedback.better_editor import BetterEditor
from desktop_app.ui.feedback.panel import RatingPanel
from desktop_app.ui.feedback.pick_bar import PickBar
from desktop_app.ui.feedback.under_answers import CHANGES, EDITOR, NOTE, PANEL, PICK
from desktop_app.ui.feedback.use_note import UseNote
from tests.ui.chat.conftest import Scene


def rating_of(scene: Scene, view: AnswerView) -> Rating | None:
    return scene.feedback.rating(view.message.id)


@pytest.fixture
def told(scene: Scene) -> Scene:
    scene.choices.change(rating_use_told=True)
    return scene


def test_before_the_first_rating_its_use_is_said_and_it_can_be_left(scene: Scene) -> None:
    view = scene.ask("Hello?")
    scene.actions.run("feedback.good")
    note = view.below(NOTE)
    assert isinstance(note, UseNote)
    assert rating_of(scene, view) is None
    note.refused.emit()
    assert view.below(NOTE) is None
    scene.actions.run("feedback.good")
    note = view.below(NOTE)
    assert isinstance(note, UseNote)
    QTest.mouseClick(note.agree, Qt.MouseButton.LeftButton)
    scene.wait(lambda: rating_of(scene, view))
    assert scene.choices.current.rating_use_told
    scene.wait(lambda: view.foot.buttons["good"].accessibleName() != "Good answer")


def test_a_thumb_down_asks_what_was_wrong_and_everything_can_be_taken_back(told: Scene) -> None:
    view = told.ask("Hello?")
    QTest.mouseClick(view.foot.buttons["bad"], Qt.MouseButton.LeftButton)
    panel = view.below(PANEL)
    assert isinstance(panel, RatingPanel)
    assert "misread_picture" not in panel.chips
    QTest.mouseClick(panel.chips["too_long"], Qt.MouseButton.LeftButton)
    panel.own.setFocus()
    QTest.keyClicks(panel.own, "no poetry")
    QTest.keyClick(panel.own, Qt.Key.Key_Return)
    wanted = (Reason(kind="too_long"), Reason(kind="custom", words="no poetry"))
    told.wait(lambda: (kept := rating_of(told, view)) and kept.reasons == wanted and kept.liked is False)
    told.wait(lambda: told.view.ratings.last is not None and told.notices.infos)
    told.actions.run("feedback.undo")
    told.wait(lambda: (kept := rating_of(told, view)) and len(kept.reasons) == 1)
    panel.withdraw_wanted.emit()
    told.wait(lambda: rating_of(told, view) is None)
    told.wait(lambda: view.foot.buttons["bad"].accessibleName() == "Not a good answer")


def test_the_better_answer_is_written_in_place_and_its_changes_shown(told: Scene) -> None:
    view = told.ask("Hello?")
    told.actions.run("feedback.better")
    editor = view.below(EDITOR)
    assert isinstance(editor, BetterEditor)
    assert editor.text == "Hello there."
    QTest.keyClick(editor.editor, Qt.Key.Key_Escape)
    assert view.below(EDITOR) is None
    told.actions.run("feedback.better")
    editor = view.below(EDITOR)
    assert isinstance(editor, BetterEditor)
    editor.editor.setPlainText("Hello, friend.")
    told.theme.use("dark", scale=120)
    view = told.answers[-1]
    editor = view.below(EDITOR)
    assert isinstance(editor, BetterEditor)
    assert editor.text == "Hello, friend."
    QTest.keyClick(editor.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    told.wait(lambda: (kept := rating_of(told, view)) and kept.better == "Hello, friend.")
    told.wait(lambda: view.below(CHANGES) is not None)


def test_answering_again_shows_both_and_asks_for_the_better(told: Scene) -> None:
    first = told.ask("Hello?").message.id
    told.chat.enqueue("Good", " day.")
    told.actions.run("chat.regenerate")
    told.wait(lambda: told.answers and told.answers[-1].below(PICK) is not None)
    view = told.answers[-1]
    bar = view.below(PICK)
    assert isinstance(bar, PickBar)
    bar.picked.emit(True)
    told.wait(lambda: told.feedback.list())
    (pick,) = told.feedback.list()
    assert isinstance(pick, Pick)
    assert (pick.answer_id, pick.worse_id) == (view.message.id, first)
    assert view.below(PICK) is None


def test_ratings_are_there_again_when_a_conversation_is_opened(told: Scene) -> None:
    conversation = told.store(("q", "a"))
    answer_id = told.history.path(conversation.id)[-1].id
    told.feedback.rate(answer_id, liked=True, better="b")
    told.open(conversation)
    told.wait(lambda: told.answers and told.answers[-1].below(CHANGES) is not None)


def test_what_the_person_does_is_noticed_only_with_consent(told: Scene) -> None:
    view = told.ask("Where do stonechats nest in spring?")
    view.want("copy")
    told.choices.change(record_signals=True)
    view.want("copy")
    told.ask("Where do stonechats nest in the spring?")
    told.wait(lambda: len(told.feedback.list()) == 2)
    assert {each.kind for each in told.feedback.list() if isinstance(each, Signal)} == {"copied", "reasked"}
