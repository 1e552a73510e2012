"""The window of widgets over a long conversation, and moving through it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton

from desktop_app.domain.conversations import Conversation
from desktop_app.ui.chat.pictures import PictureViewer, Thumbnail
from desktop_app.ui.chat.transcript import WINDOW_MESSAGES
from tests.ui.chat.conftest import Scene


@pytest.fixture
def long(scene: Scene) -> Conversation:
    return scene.store(*[(f"Question {i}", f"Answer {i}. " + "More words. " * 40) for i in range(120)])


def settled(scene: Scene) -> bool:
    return not scene.transcript._filler.isActive()


def placed(scene: Scene) -> bool:
    """Settled, and every message has the height that it wants: none waits to be laid out."""
    return settled(scene) and all(view.height() >= view.sizeHint().height() for view in scene.transcript.messages)


def texts(scene: Scene) -> list[str]:
    return [view.message.text.split(".")[0] for view in scene.transcript.messages]


def test_a_long_conversation_opens_at_its_end(scene: Scene, long: Conversation) -> None:
    scene.open(long)
    bar = scene.transcript.verticalScrollBar()
    assert texts(scene)[-1] == "Answer 119"
    assert len(scene.transcript.messages) < 30
    scene.wait(lambda: settled(scene))
    assert bar.value() == bar.maximum() > 0


def test_scrolling_up_brings_everything_and_forgets_what_is_far(scene: Scene, long: Conversation) -> None:
    scene.open(long)
    bar = scene.transcript.verticalScrollBar()

    def up() -> bool:
        bar.setValue(0)
        return "Question 0" in texts(scene)

    scene.bot.waitUntil(up, timeout=20_000)
    assert len(scene.transcript.messages) <= WINDOW_MESSAGES
    assert scene.view.conversation.jump.isVisible()
    scene.view.conversation.jump.click()
    scene.wait(lambda: settled(scene))
    assert texts(scene)[-1] == "Answer 119"
    assert bar.value() == bar.maximum()
    assert not scene.view.conversation.jump.isVisible()


def test_what_is_looked_at_stays_when_more_comes_above(scene: Scene, long: Conversation) -> None:
    scene.open(long)
    scene.wait(lambda: settled(scene))
    transcript, bar = scene.transcript, scene.transcript.verticalScrollBar()
    first = transcript.messages[0]
    bar.setValue(first.y())
    offset = first.y() - bar.value()
    scene.wait(lambda: transcript.messages[0] is not first and settled(scene))
    assert first.y() - bar.value() == offset


def test_the_bottom_is_followed_until_the_person_scrolls_up(scene: Scene, long: Conversation) -> None:
    import threading

    script = scene.chat.enqueue(*["many words in a row\n\n"] * 60, gate=threading.Semaphore(0))
    scene.open(long)
    scene.wait(lambda: settled(scene))
    bar = scene.transcript.verticalScrollBar()
    scene.send("Go")
    scene.wait(lambda: scene.answers[-1].message.status == "streaming")
    script.release(20)
    scene.wait(lambda: scene.answers[-1].text.count("row") == 20)
    scene.wait(lambda: placed(scene) and bar.value() == bar.maximum())
    bar.setValue(bar.maximum() - 400)
    value = bar.value()
    assert not scene.transcript.follows
    script.release(20)
    scene.wait(lambda: scene.answers[-1].text.count("row") == 40 and placed(scene))
    assert bar.value() == value
    scene.wait(lambda: scene.view.conversation.jump.isVisible())
    scene.actions.run("chat.latest")
    script.release(20)
    scene.idle()
    scene.wait(lambda: bar.value() == bar.maximum())


def test_arrows_move_between_messages_and_tab_reaches_what_can_be_done(scene: Scene) -> None:
    scene.open(scene.store(("One", "First."), ("Two", "Second.")))
    scene.view.focus_composer()
    scene.actions.run("chat.messages")
    last = scene.answers[-1]
    assert last.hasFocus()
    scene.bot.keyClick(last, Qt.Key.Key_Up)
    assert scene.questions[-1].hasFocus()
    scene.bot.keyClick(scene.questions[-1], Qt.Key.Key_Home)
    assert scene.questions[0].hasFocus()
    scene.bot.keyClick(scene.questions[0], Qt.Key.Key_Tab)
    focused = QApplication.focusWidget()
    assert isinstance(focused, QToolButton) and focused.accessibleName() == "Copy"
    scene.bot.keyClick(focused, Qt.Key.Key_Space)
    assert QApplication.clipboard().text() == "One"


def test_tab_comes_to_the_newest_answer(scene: Scene) -> None:
    scene.view.focus_composer()
    scene.ask("First")
    assert scene.transcript.current is scene.answers[0]
    scene.ask("Second")
    assert scene.transcript.current is scene.answers[1]
    scene.transcript.focus_message(-2)
    scene.ask("Third")
    assert scene.transcript.current is scene.answers[0]


def test_tab_does_not_walk_through_every_message(scene: Scene) -> None:
    scene.open(scene.store(*[(f"Q{i}", f"A{i}") for i in range(8)]))
    scene.wait(lambda: settled(scene))
    scene.view.focus_composer()
    seen = set()
    for _ in range(40):
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.add(focused)
        scene.bot.keyClick(focused, Qt.Key.Key_Tab)
    assert scene.view.composer.text in seen
    assert sum(view in seen for view in scene.transcript.messages) == 1


def test_the_menu_offers_actions_and_links(scene: Scene) -> None:
    scene.open(scene.store(("Q", "See https://example.org/a for more.")))
    titles = [action.text() for action in scene.answers[0].make_menu().actions()]
    assert titles[:4] == ["Copy", "Read aloud", "Answer again", "Good answer"]
    assert titles[6] == "Why this answer"
    assert titles[-1] == "Open https://example.org/a"


def test_another_theme_draws_everything_anew(scene: Scene, long: Conversation) -> None:
    scene.open(long)
    scene.wait(lambda: settled(scene))
    before = texts(scene)
    scene.theme.use("dark", scale=150)
    assert texts(scene) == before
    assert scene.answers[-1].text.startswith("Answer 119")


def test_a_very_long_question_is_folded(scene: Scene) -> None:
    text = "word " * 40_000
    scene.ask(text)
    question = scene.questions[0]
    assert question.height() < 2_000
    assert scene.history.message(question.message.id).text == text


def test_a_very_long_answer_stays_in_pieces(scene: Scene) -> None:
    from desktop_app.ui.chat.prose import ProseView

    scene.chat.enqueue(*["sentence without end " * 500] * 8)
    answer = scene.ask("Go on")
    scene.wait(lambda: sum(len(view.toPlainText()) for view in answer.findChildren(ProseView)) > 80_000)
    assert max(view.document().characterCount() for view in answer.findChildren(ProseView)) < 10_000


def test_every_control_has_a_name(scene: Scene) -> None:
    from PySide6.QtWidgets import QAbstractButton

    scene.ask("Hello")
    scene.view.composing.bring((scene.pictures.file("0"),))
    scene.wait(lambda: scene.view.composer.tray.chips)
    for button in scene.view.findChildren(QAbstractButton):
        assert button.accessibleName() or button.text(), button


def test_a_found_message_is_shown_in_its_place(scene: Scene, long: Conversation) -> None:
    found = scene.history.path(long.id)[81]
    scene.view.open(long.id, found.id)
    scene.wait(lambda: "Answer 40" in texts(scene))
    view = scene.transcript.view_of(found.id)
    assert view is not None and view.hasFocus()
    scene.wait(lambda: settled(scene))
    bar = scene.transcript.verticalScrollBar()
    assert 0 < view.y() - bar.value() < scene.transcript.viewport().height()
    scene.view.conversation.jump.click()
    scene.wait(lambda: texts(scene)[-1] == "Answer 119" and settled(scene))


def test_a_message_that_is_not_on_the_path_leads_to_the_end(scene: Scene, long: Conversation) -> None:
    scene.view.open(long.id, "nowhere")
    scene.wait(lambda: "Answer 119" in texts(scene))


def test_a_picture_can_be_seen_large(scene: Scene) -> None:
    from pathlib import Path

    scene.view.composing.bring((Path("a.png"),))
    scene.wait(lambda: scene.view.composer.tray.pictures)
    scene.ask("What is it?")
    thumbnail = scene.questions[0].findChild(Thumbnail)
    assert thumbnail is not None and thumbnail.accessibleName() == "Picture a.png, show large"
    scene.wait(lambda: not thumbnail.icon().isNull())
    thumbnail.click()
    viewer = scene.window.findChild(PictureViewer)
    assert viewer is not None and viewer.isVisible()
    scene.bot.keyClick(viewer, Qt.Key.Key_Escape)
    assert not viewer.isVisible()
