from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.errors import Bug, EngineCrashed, UserCanFix
from desktop_app.ui.notice_card import NoticeCard
from desktop_app.ui.notices import MOST, Notices
from desktop_app.ui.theme import Theme

PROBLEM = UserCanFix("picture.too_large", "The picture is too large.", remedy="Make it smaller.", detail="9000x9000")


@pytest.fixture
def room(qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    yield made


@pytest.fixture
def notices(room: QWidget, theme: Theme) -> Notices:
    return Notices(theme, room)


def button(notices: Notices, text: str) -> QPushButton:
    return next(one for one in notices.findChildren(QPushButton) if one.text() == text and one.isVisibleTo(notices))


def words(notices: Notices) -> set[str]:
    return {one.text() for one in notices.findChildren(QLabel) if one.isVisibleTo(notices)}


def test_an_error_shows_sentence_and_remedy_and_is_announced(notices: Notices, announced: list[str]) -> None:
    notices.error(PROBLEM)
    assert {"The picture is too large.", "Make it smaller."} <= words(notices)
    assert announced == ["The picture is too large. Make it smaller."]
    assert notices.isVisible()


def test_details_are_folded(notices: Notices) -> None:
    notices.error(PROBLEM)
    assert not any("9000" in text for text in words(notices))
    button(notices, "Details").click()
    assert "picture.too_large\n9000x9000" in words(notices)


def test_trying_again_closes_the_notice_first(notices: Notices) -> None:
    seen: list[int] = []
    notices.error(EngineCrashed("e", "Gone.", remedy="Again."), lambda: seen.append(len(notices.shown)), "Restart")
    assert notices.shown[0].tone == "danger"
    button(notices, "Restart").click()
    assert seen == [0]
    assert notices.isHidden()


def test_the_same_error_is_shown_once(notices: Notices) -> None:
    notices.error(PROBLEM)
    notices.error(Bug("x", "Other.", remedy="None."))
    notices.error(PROBLEM)
    assert [notice.key for notice in notices.shown] == ["picture.too_large", "x"]


def test_only_a_few_at_a_time(notices: Notices) -> None:
    for number in range(MOST + 2):
        notices.info(f"Number {number}")
    assert [notice.text for notice in notices.shown] == ["Number 4", "Number 3", "Number 2"]


def test_an_offer_can_be_taken(notices: Notices) -> None:
    done: list[int] = []
    notices.info("Deleted.", "Undo", lambda: done.append(1))
    button(notices, "Undo").click()
    assert done == [1]
    assert not notices.shown


def test_information_goes_by_itself_and_errors_stay(notices: Notices, qtbot: QtBot) -> None:
    notices.error(PROBLEM)
    notices.info("Saved.")
    card = next(one for one in notices.findChildren(NoticeCard) if one.notice.text == "Saved.")
    assert card.notice.seconds >= 5
    card._timer.setInterval(1)
    card._timer.start()
    qtbot.waitUntil(lambda: [notice.text for notice in notices.shown] == [PROBLEM.message])


def test_the_keyboard_reaches_it_and_comes_back(notices: Notices, room: QWidget, qtbot: QtBot) -> None:
    field = QLineEdit(room)
    field.show()
    room.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    notices.info("Deleted.", "Undo", lambda: None)
    notices.focus()
    assert button(notices, "Undo").hasFocus()
    QTest.keyClick(button(notices, "Undo"), Qt.Key.Key_Escape)
    assert not notices.shown
    qtbot.waitUntil(field.hasFocus)


def test_words_from_outside_are_never_markup(notices: Notices) -> None:
    notices.info("<b>file</b> <img src='file:///etc/passwd'>")
    for one in notices.findChildren(QLabel):
        assert one.textFormat() == Qt.TextFormat.PlainText


def test_it_stays_inside_a_narrow_window(notices: Notices, room: QWidget) -> None:
    room.resize(420, 480)
    notices.error(PROBLEM, lambda: None)
    assert room.rect().contains(notices.geometry())
