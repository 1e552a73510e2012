"""The composer: keys, pictures, drafts, sending and stopping."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication

from desktop_app.domain.messages import Picture
from desktop_app.ui.chat.composer_text import LINES_AT_MOST, pictures_in
from tests.ui.chat.conftest import Scene


def image() -> QImage:
    made = QImage(20, 20, QImage.Format.Format_RGB32)
    made.fill(QColor("green"))
    return made


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def bring(scene: Scene, *names: str) -> None:
    before = len(scene.view.composer.tray.pictures)
    scene.view.composing.bring(tuple(Path(name) for name in names))
    scene.wait(lambda: len(scene.view.composer.tray.pictures) == before + len(names))


def test_enter_sends_and_shift_enter_starts_a_line(scene: Scene) -> None:
    text = scene.view.composer.text
    scene.bot.keyClicks(text, "one")
    scene.bot.keyClick(text, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    scene.bot.keyClicks(text, "two")
    assert text.toPlainText() == "one\ntwo"
    scene.bot.keyClick(text, Qt.Key.Key_Return)
    scene.wait(lambda: scene.chat.asked == ["one\ntwo"])
    scene.idle()


def test_with_the_other_setting_only_ctrl_enter_sends(scene: Scene) -> None:
    scene.choices.change(send_on_enter=False)
    text = scene.view.composer.text
    scene.bot.keyClicks(text, "one")
    scene.bot.keyClick(text, Qt.Key.Key_Return)
    assert scene.chat.asked == [] and text.toPlainText() == "one\n"
    scene.bot.keyClick(text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    scene.wait(lambda: scene.chat.asked == ["one\n"])
    scene.idle()


def test_nothing_is_not_sent(scene: Scene) -> None:
    assert not scene.view.composer.send.isEnabled()
    scene.type("   \n ")
    assert not scene.view.composer.try_send()
    assert scene.chat.asked == []


def test_it_grows_up_to_eight_lines(scene: Scene) -> None:
    text = scene.view.composer.text
    line = text.fontMetrics().lineSpacing()
    one = text.height()
    scene.type("a\nb\nc")
    assert text.height() == pytest.approx(one + 2 * line, abs=2)
    scene.type("a\n" * 40)
    assert text.height() == pytest.approx(one + (LINES_AT_MOST - 1) * line, abs=2)
    scene.type("word " * 40_000)
    assert text.height() == pytest.approx(one + (LINES_AT_MOST - 1) * line, abs=2)


def test_tab_leaves_it(scene: Scene) -> None:
    scene.view.focus_composer()
    scene.bot.keyClick(scene.view.composer.text, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is not scene.view.composer.text
    assert scene.view.composer.text.toPlainText() == ""


def test_typing_warms_the_model_up_once(scene: Scene) -> None:
    scene.bot.keyClicks(scene.view.composer.text, "abc")
    scene.wait(lambda: scene.chat.warmed == 1)


def test_up_in_an_empty_composer_edits_the_last_question(scene: Scene) -> None:
    scene.ask("Old words")
    scene.view.focus_composer()
    scene.bot.keyClick(scene.view.composer.text, Qt.Key.Key_Up)
    box = scene.questions[-1].edit_box
    assert box is not None and box.editor.hasFocus() and box.text == "Old words"


def test_the_button_stops_while_an_answer_is_written(scene: Scene) -> None:
    scene.chat.enqueue("never", gate=threading.Semaphore(0))
    scene.send("Go")
    scene.wait(lambda: scene.answers)
    scene.type("next question")
    scene.view.composer.send.click()
    scene.idle()
    assert scene.chat.asked == ["Go"]
    assert scene.view.composer.text.toPlainText() == "next question"


def test_each_conversation_keeps_its_draft(scene: Scene) -> None:
    first, second = scene.store(("A", "a")), scene.store(("B", "b"))
    scene.open(first)
    scene.type("for the first")
    bring(scene, "one.png")
    scene.open(second)
    assert scene.view.composer.text.toPlainText() == ""
    assert scene.view.composer.tray.pictures == ()
    scene.open(first)
    assert scene.view.composer.text.toPlainText() == "for the first"
    scene.wait(lambda: [p.name for p in scene.view.composer.tray.pictures] == ["one.png"])


# -- pictures ---------------------------------------------------------------------------------------------------------


def test_a_chip_says_what_will_be_seen_and_what_it_costs(scene: Scene) -> None:
    bring(scene, "holiday.png")
    (chip,) = scene.view.composer.tray.chips
    for words in ("holiday.png", "640 × 430", "picture reader", "86 tokens"):
        assert words in chip.accessibleName()


def test_a_refused_file_does_not_hold_up_the_others(scene: Scene) -> None:
    scene.view.composing.bring((Path("a.png"), Path("notes.txt"), Path("b.png")))
    scene.wait(lambda: len(scene.view.composer.tray.pictures) == 2 and scene.notices.errors)
    assert [error.code for error in scene.notices.errors] == ["picture.not_a_picture"]
    assert len(scene.view.composer.tray.chips) == 2


def test_pictures_are_sent_with_the_words_and_shown_with_the_question(scene: Scene) -> None:
    bring(scene, "a.png", "b.png")
    answer = scene.ask("Compare")
    assert [p.name for p in scene.questions[0].message.pictures] == ["a.png", "b.png"]
    assert scene.view.composer.tray.chips == ()
    assert not scene.view.composer.tray.isVisible()
    answer.toggle_evidence()
    from tests.ui.chat.test_chat_turns import words_of

    assert "STATION ROAD  (97 %)" in words_of(answer)
    assert "sky blue 50 %" in words_of(answer)


def test_a_picture_alone_can_be_sent(scene: Scene) -> None:
    bring(scene, "a.png")
    assert scene.view.composer.try_send()
    scene.wait(lambda: scene.chat.asked == [""])
    scene.idle()


def test_chips_go_by_key_and_by_mouse(scene: Scene) -> None:
    bring(scene, "a.png", "b.png")
    first, second = scene.view.composer.tray.chips
    second.setFocus()
    scene.bot.keyClick(second, Qt.Key.Key_Delete)
    assert scene.view.composer.tray.chips == (first,)
    assert first.hasFocus()
    remove = next(b for b in first.findChildren(type(scene.view.composer.send)) if b.accessibleName() == "Remove a.png")
    remove.click()
    assert scene.view.composer.tray.chips == ()


def test_pasting_brings_pictures_and_plain_words(scene: Scene) -> None:
    text = scene.view.composer.text
    QApplication.clipboard().setImage(image())
    text.paste()
    scene.wait(lambda: [p.name for p in scene.view.composer.tray.pictures] == ["Pasted picture"])
    data = QMimeData()
    data.setHtml("<b>bold</b>")
    data.setText("bold")
    QApplication.clipboard().setMimeData(data)
    text.paste()
    assert text.toPlainText() == "bold"
    scene.actions.run("chat.paste_picture")
    assert scene.notices.infos == ["There is no picture in the clipboard."]
    QApplication.clipboard().clear()


def test_dropping_files_anywhere_on_the_chat(scene: Scene) -> None:
    data = files(Path("a.png"), Path("b.png"))
    enter = QDragEnterEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(scene.view, enter)
    assert enter.isAccepted()
    assert scene.view.composer.property("drop") is True
    drop = QDropEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(scene.view, drop)
    assert scene.view.composer.property("drop") is False
    scene.wait(lambda: len(scene.view.composer.tray.pictures) == 2)


def test_the_same_picture_is_taken_once(scene: Scene) -> None:
    scene.view._intake.take_stored(Picture(sha256="0" * 63 + "1", width=640, height=430, name="a"))
    scene.pictures.accept(Path("x.png"))
    scene.view._intake.take_stored(Picture(sha256="0" * 63 + "1", width=640, height=430, name="a"))
    scene.wait(lambda: not scene.view.composer.tray.waits and len(scene.view.composer.tray.chips) == 1)


def test_there_is_no_screenshot_where_the_platform_lets_none(scene: Scene) -> None:
    menu = scene.view.composer.attach.menu()
    assert not any("screenshot" in action.text() for action in menu.actions())
    assert not scene.actions.find("chat.screenshot").enabled()


def test_what_is_typed_is_read_ahead_once(scene: Scene) -> None:
    scene.type("Where do")
    scene.type("Where do stonechats nest")
    scene.wait(lambda: scene.chat.foreseen == ["Where do stonechats nest"])
    scene.view.reading_ahead.stop()
    scene.ask("Where do stonechats nest?")
    assert scene.chat.foreseen == ["Where do stonechats nest"]


def test_a_clipboard_that_gives_nothing_brings_nothing() -> None:
    assert pictures_in(None) is None
    assert pictures_in(QMimeData()) is None
