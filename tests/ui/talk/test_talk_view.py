"""The voice surface in the window: what is seen, said and pressed."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from desktop_app.domain.events import PartialTranscript, SpeechTranscribed
from desktop_app.services.talk import INTRODUCTION
from desktop_app.ui.snapshot import save_conversation
from desktop_app.ui.talk.caption_view import Caption
from desktop_app.ui.talk.meter import BARS, LoudnessMeter
from desktop_app.ui.talk.orb import Orb
from desktop_app.ui.talk.state import ICONS
from desktop_app.ui.talk.view import TalkView
from desktop_app.ui.theme import Theme
from tests.ui.conftest import Desk


def surface(desk: Desk) -> TalkView:
    found = desk.window.findChild(TalkView)
    assert found is not None
    return found


def talk(desk: Desk) -> TalkView:
    desk.run("voice.hands_free")
    desk.wait(lambda: surface(desk).word.text() == "Listening")
    return surface(desk)


def press(desk: Desk, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    desk.bot.keyClick(QApplication.focusWidget() or desk.window, key, modifier)
    desk.idle()


def test_the_shortcut_and_the_button_open_it_in_the_place_of_the_words(desk: Desk) -> None:
    composer = desk.window.workspace.chat.composer
    press(desk, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    desk.wait(lambda: desk.home.talk.active)
    assert surface(desk).isVisible() and not composer.text.isVisible() and not composer.send.isVisible()
    assert surface(desk).mute.hasFocus()
    press(desk, Qt.Key.Key_Escape)
    desk.wait(lambda: not desk.home.talk.active)
    assert not surface(desk).isVisible() and composer.text.hasFocus() and composer.send.isVisible()
    composer.hands_free.click()
    desk.wait(lambda: surface(desk).isVisible())


def test_it_says_once_that_it_is_an_ai(desk: Desk, announced: list[str]) -> None:
    view = talk(desk)
    assert view.captions.it.words == view.opening_words == "You are talking with an AI. It can be wrong."
    assert announced.count(view.opening_words) == 1
    desk.home.talk.tell(PartialTranscript(turn_id="", text="I see"))
    desk.wait(lambda: view.captions.you.words == "I see")
    assert view.captions.it.words == ""
    view.leave.click()
    desk.idle()
    talk(desk)
    assert announced.count(view.opening_words) == 2


def test_what_is_said_aloud_is_not_said_twice(desk: Desk, announced: list[str]) -> None:
    desk.home.talk.introduces = True
    view = talk(desk)
    assert view.captions.it.words == view.opening_words == INTRODUCTION
    assert view.opening_words not in announced


def test_how_loud_it_is_shows(desk: Desk) -> None:
    view = talk(desk)
    desk.home.talk.loud(1.0)
    desk.wait(lambda: view.meter.lit == BARS)
    desk.home.talk.loud(0.5)
    desk.wait(lambda: view.meter.lit == BARS // 2)
    assert view.meter.grab().toImage() != LoudnessMeter(desk.window.theme).grab().toImage()


def test_who_is_recorded_is_told_so(desk: Desk) -> None:
    view = talk(desk)
    assert "recorded" not in view.hint.text()
    desk.home.preferences.change(keep_recordings=True)
    assert view.hint.text() == "Say something whenever you like. Your words are being recorded."
    desk.home.preferences.change(keep_recordings=False)
    assert "recorded" not in view.hint.text()


def test_a_spoken_language_that_is_not_english_is_named(desk: Desk) -> None:
    view = talk(desk)
    heard = SpeechTranscribed(turn_id="t", text="Wo bist du?", language="de", transcribe_ms=1.0)
    desk.home.talk.tell(heard)
    desk.wait(lambda: view.captions._names[0].text() == "You (German)")


def test_a_missing_device_is_announced_with_its_remedy(desk: Desk, announced: list[str]) -> None:
    view = talk(desk)
    desk.home.talk.devices("gone", message="No microphone was found.", remedy="Connect one.")
    desk.wait(lambda: view.word.text() == "Waiting")
    assert announced[-1] == "Waiting. No microphone was found. Connect one. Then it goes on by itself."


def test_every_state_is_shown_as_word_and_shape_and_announced(desk: Desk, announced: list[str]) -> None:
    view = talk(desk)
    words = {"speaking": "Hearing you", "thinking": "Thinking", "answering": "Speaking", "interrupted": "Paused"}
    for phase, word in words.items():
        desk.home.talk.phase(phase)  # type: ignore[arg-type]
        desk.wait(lambda word=word: view.word.text() == word)
        assert announced[-1] == word
    desk.home.talk.phase("quiet")
    desk.home.talk.phase("starting")
    desk.wait(lambda: view.word.text() == "Listening")
    assert announced.count("Listening") == 2


def test_captions_of_both_sides(desk: Desk) -> None:
    view = talk(desk)
    desk.home.talk.tell(PartialTranscript(turn_id="", text="What is a"))
    desk.wait(lambda: view.captions.you.words == "What is a")
    desk.home.talk.ask("What is a stonechat?")
    desk.home.talk.speak("A small bird.")
    desk.wait(lambda: view.captions.it.words == "A small bird.")
    assert view.captions.you.words == "What is a stonechat?"
    assert view.captions.it.accessibleName() == "A small bird."


def test_what_is_heard_is_not_said_again_by_a_screen_reader(desk: Desk, announced: list[str]) -> None:
    talk(desk)
    desk.home.talk.ask("What is it?")
    desk.home.talk.write("A bird. A small one.")
    desk.home.talk.finish()
    conversation = desk.window.workspace.chat.conversation
    desk.wait(lambda: conversation.last_answer and not conversation.last_answer.is_live)
    assert not {"Answering", "A bird.", "Answer finished"} & set(announced)
    press(desk, Qt.Key.Key_Escape)
    desk.window.workspace.chat.composer.set_words("Again")
    desk.window.workspace.chat.composer.try_send()
    desk.wait(lambda: "Answer finished" in announced)


def test_m_mutes_while_the_focus_is_in_it(desk: Desk, announced: list[str]) -> None:
    view = talk(desk)
    view.leave.setFocus()
    press(desk, Qt.Key.Key_M)
    assert desk.home.talk.muted and view.word.text() == "Muted" and view.orb.doing == "muted"
    assert view.mute.accessibleName() == "Unmute" and announced[-1] == "Muted"
    desk.home.talk.phase("answering")
    desk.wait(lambda: view.word.text() == "Speaking")
    assert "microphone is off" in view.hint.text()
    view.mute.click()
    assert not desk.home.talk.muted and announced[-1] == "Microphone on"
    desk.window.workspace.sidebar.search.setFocus()
    press(desk, Qt.Key.Key_M)
    assert not desk.home.talk.muted
    desk.run("voice.mute")
    assert desk.home.talk.muted


def test_type_instead_goes_on_in_writing(desk: Desk) -> None:
    view = talk(desk)
    view.type.click()
    assert desk.window.workspace.chat.composer.text.hasFocus() and not view.isVisible()
    desk.wait(lambda: not desk.home.talk.active)
    talk(desk)
    desk.run("chat.write")
    assert desk.window.workspace.chat.composer.text.hasFocus() and not view.isVisible()


def test_another_page_is_not_listened_from(desk: Desk) -> None:
    view = talk(desk)
    desk.run("page.settings")
    assert desk.home.talk.active and desk.home.talk.muted
    press(desk, Qt.Key.Key_Escape)
    desk.window.workspace.show_page(desk.window.workspace.chat)
    assert view.isVisible() and view.word.text() == "Muted" and view.mute.hasFocus()


def test_pictures_go_with_the_next_question(desk: Desk) -> None:
    chat = desk.window.workspace.chat
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    chat.composing.bring(image)
    desk.wait(lambda: len(chat.composer.tray.pictures) == 1)
    talk(desk)
    assert desk.home.talk.pictures == chat.composer.tray.pictures and chat.composer.tray.isVisible()
    chat.composing.bring(image)
    desk.wait(lambda: len(chat.composer.tray.pictures) == 2)
    chat.composer.tray.chips[0].removed.emit()
    assert len(desk.home.talk.pictures) == 1
    desk.home.talk.ask("What is this?")
    desk.wait(lambda: not chat.composer.tray.pictures)
    question = chat.conversation.transcript.messages[0].message
    assert len(question.pictures) == 1 and desk.home.talk.pictures == ()


def test_talking_by_the_button_and_without_it_exclude_each_other(desk: Desk) -> None:
    desk.run("voice.talk")
    desk.wait(lambda: desk.home.voice.recording)
    talk(desk)
    assert desk.home.voice.discarded == 1 and not desk.window.workspace.chat.composer.attach.isVisible()
    desk.run("voice.talk")
    assert not desk.home.voice.recording


def test_the_window_can_be_closed_in_the_middle(desk: Desk) -> None:
    talk(desk)
    desk.home.talk.ask("Are you there?")
    desk.window.close()
    assert not desk.window.workspace.chat.talk.active and desk.home.talk.left == 1


def test_the_narrowest_window_keeps_the_ways_out(open_desk: Any, home: Any) -> None:
    home.preferences.change(text_scale=200)
    desk = open_desk(width=480, height=480)
    image = QImage(640, 430, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    desk.window.workspace.chat.composing.bring(image)
    desk.wait(lambda: len(desk.window.workspace.chat.composer.tray.pictures) == 1)
    view = talk(desk)
    desk.home.talk.speak("It shows a sea.")
    desk.wait(lambda: view.captions.it.words == "It shows a sea.")
    for part in (view.word, view.captions.it):
        assert part.visibleRegion().boundingRect() == part.rect()
    assert [tool.text() for tool in view.tab_stops] == ["", "", ""]
    assert [tool.accessibleName() for tool in view.tab_stops] == ["Mute", "Type instead", "Leave"]
    for tool in view.tab_stops:
        assert tool.visibleRegion().boundingRect() == tool.rect()
    desk.window.resize(1180, 820)
    desk.wait(lambda: view.leave.text().strip() == "Leave")


def test_a_picture_can_be_taken_of_it(home: Any, qtbot: Any, tmp_path: Any) -> None:
    kept = home.store("Birds")
    save_conversation(home.services, kept.id, tmp_path / "talk.png", action_id="voice.hands_free")
    save_conversation(home.services, kept.id, tmp_path / "plain.png")
    assert QImage(str(tmp_path / "talk.png")) != QImage(str(tmp_path / "plain.png"))
    assert home.talk.started == home.talk.left == 1


# -- shapes and captions ------------------------------------------------------------------------------------------


def test_a_caption_shows_the_end_of_what_it_holds(qtbot: Any, theme: Theme) -> None:
    caption = Caption(theme)
    qtbot.addWidget(caption)
    caption.resize(200, 60)
    caption.show_words("word " * 200 + "end\u202e")
    assert caption.text().startswith("… ") and caption.text().endswith("end\N{REPLACEMENT CHARACTER}")
    assert caption.heightForWidth(200) <= caption.height()
    caption.show_words("short")
    assert caption.text() == "short"


def test_shapes_differ_and_stand_still_under_reduced_motion(qtbot: Any, theme: Theme) -> None:
    orb = Orb(theme)
    qtbot.addWidget(orb)
    orb.resize(88, 88)
    orb.show()
    seen = []
    for doing in ICONS:
        orb.show_doing(doing)
        assert not orb.moves
        seen.append(orb.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8))
    assert all(one != other for at, one in enumerate(seen) for other in seen[at + 1 :])


@pytest.mark.parametrize("doing", ICONS)
def test_what_moves_stops_out_of_sight(qtbot: Any, theme: Theme, doing: Any) -> None:
    theme.use("light", reduced_motion=False)
    orb = Orb(theme)
    qtbot.addWidget(orb)
    orb.show()
    orb.show_doing(doing)
    assert orb.moves == (doing not in ("muted", "paused", "waiting"))
    orb._advance()
    orb.grab()
    orb.hide()
    assert not orb.moves
