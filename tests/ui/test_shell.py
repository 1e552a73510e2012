from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop_app.domain.conversations import SearchHit
from desktop_app.errors import EnvironmentProblem, UserCanFix
from desktop_app.ui.crash import CrashNet
from desktop_app.ui.onboarding.view import Onboarding
from desktop_app.ui.palette.shortcuts import Shortcuts
from desktop_app.ui.palette.view import ENTRY, Palette
from desktop_app.ui.snapshot import save_conversation

CONTROL = Qt.KeyboardModifier.ControlModifier


def press(widget: Any, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifier)


def palette_titles(palette: Palette) -> list[str]:
    model = palette.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


# -- conversations -------------------------------------------------------------------------------------------------


def test_conversations_stand_under_their_days(home: Any, open_desk: Any) -> None:
    for title, days in (("Old", 20), ("Monday", 3), ("Last night", 1), ("Now", 0)):
        home.store(title, days_ago=days)
    assert open_desk().titles() == ["Today", "Now", "Yesterday", "Last night", "This week", "Monday", "Older", "Old"]


def test_an_empty_list_says_what_will_stand_there(desk: Any) -> None:
    assert "will be listed here" in desk.sidebar._pages.currentWidget().text()


def test_a_new_question_appears_in_the_list_and_the_header(desk: Any) -> None:
    chat = desk.window.workspace.chat
    chat.composer.set_words("Why is the sky blue?")
    assert chat.composer.try_send()
    desk.wait(lambda: len(desk.titles()) == 2)
    desk.idle()
    assert desk.titles()[1] == "Why is the sky blue?"
    assert desk.window.workspace.header._title.toolTip() == "Why is the sky blue?"
    assert desk.sidebar.conversations.current_id() == chat.current_id


def test_a_title_is_never_markup_in_a_tool_tip(home: Any, open_desk: Any) -> None:
    """Qt would load the file that it names."""
    kept = home.store("<img src='file:///etc/hostname'>Look")
    desk = open_desk()
    desk.window.workspace.open_conversation(kept.id)
    desk.idle()
    rows = desk.sidebar.conversations.rows
    tips = [rows.index_of(kept.id).data(Qt.ItemDataRole.ToolTipRole), desk.window.workspace.header._title.toolTip()]
    for tip in tips:
        document = QTextDocument()
        document.setHtml(tip)
        assert document.toPlainText().startswith("<img")


def test_a_click_opens_and_the_composer_is_ready(home: Any, open_desk: Any) -> None:
    kept = home.store("Kept")
    desk = open_desk()
    rows = desk.sidebar.conversations
    place = rows.visualRect(rows.rows.index_of(kept.id)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    desk.idle()
    assert desk.window.workspace.chat.current_id == kept.id
    assert desk.window.workspace.chat.composer.text.hasFocus()


def test_the_list_works_by_keyboard(home: Any, open_desk: Any) -> None:
    home.store("First", days_ago=2)
    home.store("Second")
    desk = open_desk()
    desk.run("window.list")
    rows = desk.sidebar.conversations
    assert rows.hasFocus()
    press(rows, Qt.Key.Key_Down)
    press(rows, Qt.Key.Key_Return)
    desk.idle()
    assert desk.window.workspace.header._title.toolTip() == "First"


def test_renaming_in_place(home: Any, open_desk: Any) -> None:
    kept = home.store("Before")
    desk = open_desk()
    desk.window.workspace.open_conversation(kept.id)
    desk.idle()
    desk.run("window.rename")
    editor = desk.sidebar.conversations.findChild(QLineEdit)
    assert editor.accessibleName()
    editor.setText("After")
    press(editor, Qt.Key.Key_Return)
    desk.wait(lambda: "After" in desk.titles())
    assert home.history.conversation(kept.id).title == "After"
    assert desk.window.workspace.header._title.toolTip() == "After"


def test_a_refresh_does_not_disturb_a_name_being_written(home: Any, open_desk: Any) -> None:
    kept = home.store("Before")
    desk = open_desk()
    desk.sidebar.conversations.rename(kept.id)
    home.store("Another")
    desk.sidebar.presenter.refresh()
    desk.idle()
    editor = desk.sidebar.conversations.findChild(QLineEdit)
    assert editor is not None
    press(editor, Qt.Key.Key_Escape)
    desk.wait(lambda: "Another" in desk.titles())


def test_deleting_can_be_undone(home: Any, open_desk: Any) -> None:
    kept = home.store("Precious")
    desk = open_desk()
    desk.window.workspace.open_conversation(kept.id)
    desk.idle()
    desk.run("window.delete")
    desk.wait(lambda: desk.titles() == [])
    assert desk.window.workspace.chat.current_id is None
    notices = desk.window.workspace.notices
    assert notices.shown[0].text == "“Precious” was deleted."
    notices.shown[0].action()
    desk.wait(lambda: desk.titles() == ["Today", "Precious"])
    desk.idle()
    assert desk.window.workspace.chat.current_id == kept.id


def test_the_last_conversation_is_open_again(home: Any, open_desk: Any) -> None:
    kept = home.store("Yesterday's talk")
    home.preferences.change(last_conversation=kept.id)
    assert open_desk().window.workspace.chat.current_id == kept.id


def test_a_last_conversation_that_is_gone_is_no_trouble(home: Any, open_desk: Any) -> None:
    home.preferences.change(last_conversation="gone")
    desk = open_desk()
    assert desk.window.workspace.chat.current_id is None
    assert not desk.window.workspace.notices.shown


def test_the_neighbours_are_a_key_away(home: Any, open_desk: Any) -> None:
    older, newer = home.store("Older", days_ago=1), home.store("Newer")
    desk = open_desk()
    desk.run("window.below")
    assert desk.window.workspace.chat.current_id == newer.id
    desk.run("window.below")
    assert desk.window.workspace.chat.current_id == older.id
    desk.run("window.below")
    assert desk.window.workspace.chat.current_id == older.id
    desk.run("window.above")
    assert desk.window.workspace.chat.current_id == newer.id


# -- search --------------------------------------------------------------------------------------------------------


def test_search_marks_the_words_and_opens_the_conversation(home: Any, open_desk: Any, announced: list[str]) -> None:
    kept = home.store("Birds", answered="The stonechat is a small bird.")
    desk = open_desk()
    press(desk.window, Qt.Key.Key_F, CONTROL)
    assert desk.sidebar.search.hasFocus()
    QTest.keyClicks(desk.sidebar.search, "stonech")
    desk.wait(lambda: desk.sidebar._pages.currentWidget() is desk.sidebar.hits)
    hit = desk.sidebar.hits.rows.index(0).data(Qt.ItemDataRole.UserRole)
    assert isinstance(hit, SearchHit)
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["stonechat"]
    press(desk.sidebar.search, Qt.Key.Key_Down)
    assert desk.sidebar.hits.hasFocus()
    press(desk.sidebar.hits, Qt.Key.Key_Return)
    desk.wait(lambda: desk.window.workspace.chat.current_id == kept.id)
    assert any("found" in said for said in announced)


def test_a_hit_leads_to_its_message(home: Any, open_desk: Any) -> None:
    """Far above the end of a long conversation."""
    kept = home.store("Birds", asked="Which bird eats snails?", answered="The thrush.")
    for turn in range(30):
        home.add_turn(kept.id, f"Turn {turn}", "Words that fill the page. " * 20)
    other = home.store("Bread")
    desk = open_desk()
    work, transcript = desk.window.workspace, desk.window.workspace.chat.conversation.transcript
    work.open_conversation(other.id)
    desk.run("window.search")
    QTest.keyClicks(desk.sidebar.search, "snails")
    desk.wait(lambda: desk.sidebar._pages.currentWidget() is desk.sidebar.hits)
    press(desk.sidebar.search, Qt.Key.Key_Down)
    press(desk.sidebar.hits, Qt.Key.Key_Return)
    desk.wait(lambda: transcript.current is not None and "snails" in transcript.current.message.text)
    found = transcript.current
    assert found.hasFocus()
    assert found.visibleRegion().boundingRect().height() == found.height()
    assert transcript.is_away
    desk.idle()


def test_nothing_found_says_so_and_escape_brings_the_list_back(home: Any, open_desk: Any) -> None:
    home.store("Birds")
    desk = open_desk()
    desk.run("window.search")
    QTest.keyClicks(desk.sidebar.search, "zebra")
    desk.wait(lambda: desk.sidebar._pages.currentWidget() is desk.sidebar._nothing)
    assert desk.sidebar._nothing.text() == "No message holds “zebra”."
    press(desk.sidebar.search, Qt.Key.Key_Escape)
    assert desk.sidebar._pages.currentWidget() is desk.sidebar.conversations
    desk.idle()


# -- window --------------------------------------------------------------------------------------------------------


def test_the_sidebar_can_be_put_away(desk: Any) -> None:
    press(desk.window, Qt.Key.Key_B, CONTROL)
    assert desk.sidebar.isHidden()
    press(desk.window, Qt.Key.Key_B, CONTROL)
    assert desk.sidebar.isVisible()


def test_a_narrow_window_puts_it_away_and_brings_it_back(open_desk: Any) -> None:
    desk = open_desk(width=700)
    assert desk.sidebar.isHidden()
    desk.window.resize(1200, 800)
    assert desk.sidebar.isVisible()
    desk.window.resize(430, 600)
    desk.run("window.sidebar")
    assert desk.sidebar.isVisible()
    assert desk.sidebar.width() == desk.window.width()
    desk.run("window.new")
    assert desk.sidebar.isHidden()
    assert desk.window.workspace.chat.isVisible()


def test_geometry_and_conversation_are_remembered(home: Any, open_desk: Any) -> None:
    kept = home.store("Kept")
    first = open_desk()
    first.window.resize(700, 600)
    first.window.workspace.open_conversation(kept.id)
    first.idle()
    first.window.close()
    assert home.preferences.current.last_conversation == kept.id
    assert open_desk().window.size() == first.window.size()


def test_the_model_in_use_is_named(home: Any, open_desk: Any) -> None:
    assert "Small" in open_desk().window.workspace.header._model.text()
    home.library.present.clear()
    assert "No model yet" in open_desk().window.workspace.header._model.text()


def test_without_a_model_the_header_leads_to_the_models(home: Any, open_desk: Any) -> None:
    home.library.present.discard("small")
    desk = open_desk()
    chip = desk.window.workspace.header._model
    assert chip.accessibleName() == "No model yet. Fetch the models"
    chip.click()
    page = desk.window.findChild(Onboarding)
    assert page.step == 2
    desk.idle()


def test_warnings_of_the_start_are_shown(home: Any, open_desk: Any) -> None:
    home.services.warnings = (UserCanFix("storage.repaired", "A backup was used.", remedy="Look at it."),)
    assert open_desk().window.workspace.notices.shown[0].key == "storage.repaired"


def test_text_size_by_key_stays_within_its_bounds(desk: Any) -> None:
    for _ in range(12):
        desk.run("view.larger")
    assert desk.home.preferences.current.text_scale == 200
    desk.run("view.usual")
    assert desk.home.preferences.current.text_scale == 100
    desk.run("view.smaller")
    assert desk.home.preferences.current.text_scale == 100


# -- palette and shortcuts -----------------------------------------------------------------------------------------


def test_the_palette_does_what_was_typed(home: Any, open_desk: Any) -> None:
    desk = open_desk()
    press(desk.window, Qt.Key.Key_K, CONTROL)
    palette = desk.window.findChild(Palette)
    assert palette.field.hasFocus()
    QTest.keyClicks(palette.field, "dark")
    assert palette_titles(palette)[0] == "Dark colours"
    press(palette.field, Qt.Key.Key_Return)
    assert home.preferences.current.theme == "dark"
    assert palette.isHidden()
    assert desk.window.theme.dark


def test_the_palette_opens_conversations_too(home: Any, open_desk: Any) -> None:
    kept = home.store("Lisbon in three days")
    desk = open_desk()
    desk.run("window.palette")
    palette = desk.window.findChild(Palette)
    QTest.keyClicks(palette.field, "lisbon")
    press(palette.field, Qt.Key.Key_Return)
    desk.idle()
    assert desk.window.workspace.chat.current_id == kept.id


def test_the_palette_offers_only_what_can_be_done(desk: Any) -> None:
    desk.run("window.palette")
    palette = desk.window.findChild(Palette)
    offered = [palette.list.model().index(row, 0).data(ENTRY).title for row in range(palette.list.model().rowCount())]
    assert "Settings" in offered
    assert not {"Delete the conversation", "Answer again", "Command palette"} & set(offered)


def test_escape_closes_the_palette_and_gives_the_focus_back(desk: Any) -> None:
    composer = desk.window.workspace.chat.composer.text
    assert composer.hasFocus()
    desk.run("window.palette")
    palette = desk.window.findChild(Palette)
    press(palette.field, Qt.Key.Key_N, CONTROL)  # the window's keys rest
    assert palette.isVisible()
    QTest.keyClicks(palette.field, "xqzw")
    assert palette._nothing.isVisible()
    press(palette.field, Qt.Key.Key_Return)
    press(palette.field, Qt.Key.Key_Escape)
    assert palette.isHidden()
    assert composer.hasFocus()


def test_the_arrows_go_round(desk: Any) -> None:
    desk.run("window.palette")
    palette = desk.window.findChild(Palette)
    press(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == palette.list.model().rowCount() - 1
    press(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 0


def test_every_shortcut_stands_on_the_page(desk: Any) -> None:
    press(desk.window, Qt.Key.Key_F1)
    page = desk.window.findChild(Shortcuts)
    shown = {one.text() for one in page.findChildren(type(desk.sidebar._nothing))}
    for action in desk.window.actions_registry.all():
        if action.shortcut:
            assert {action.title, action.keys} <= shown
    press(page, Qt.Key.Key_Escape)
    assert page.isHidden()


# -- process -------------------------------------------------------------------------------------------------------


@pytest.fixture
def net(qapp: object) -> Any:
    shown: list[Any] = []
    made = CrashNet(shown.append)
    made.shown = shown  # type: ignore[attr-defined]
    made.spread()
    yield made
    made.fold()


def test_an_uncaught_exception_is_logged_and_shown_once(net: Any, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        sys.excepthook(ValueError, ValueError("boom"), None)
    assert [error.code for error in net.shown] == ["app.unexpected"]
    assert caplog.text.count("boom") == 2


def test_an_uncaught_exception_of_a_thread_arrives_too(net: Any, qtbot: QtBot) -> None:
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(net.shown) == 1)


def test_a_picture_of_the_window(home: Any, qapp: object, tmp_path: Path) -> None:
    kept = home.store("Shown")
    for theme, dark in (("light", False), ("dark", True)):
        save_conversation(home.services, kept.id, tmp_path / "out" / f"{theme}.png", theme=theme, size=(1000, 700))
        image = QImage(str(tmp_path / "out" / f"{theme}.png"))
        assert image.size().toTuple() == (1000, 700)
        assert (image.pixelColor(995, 300).lightness() < 128) == dark
    assert home.preferences.current.window_geometry == ""


def test_a_picture_that_cannot_be_saved_says_so(home: Any, qapp: object, tmp_path: Path) -> None:
    kept = home.store("Shown")
    (tmp_path / "taken").mkdir()
    with pytest.raises(EnvironmentProblem, match="could not be saved"):
        save_conversation(home.services, kept.id, tmp_path / "taken")
