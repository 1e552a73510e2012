"""Writing a conversation's name in the list, whatever else happens to the list. Qt's warnings are errors here."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLineEdit

from usability_tests.watch import watching


@pytest.fixture
def listed(home: Any, open_desk: Any) -> Any:
    for title in ("One", "Two"):
        home.store(title)
    return open_desk()


def editor(desk: Any) -> QLineEdit | None:
    return next((one for one in desk.sidebar.conversations.findChildren(QLineEdit) if one.isVisible()), None)


def ids(desk: Any) -> dict[str, str]:
    return {one.title: one.id for one in desk.home.history.conversations()}


def test_another_name_may_be_begun_before_the_first_is_done(listed: Any) -> None:
    conversations = listed.sidebar.conversations
    with watching() as watch:
        conversations.rename(ids(listed)["One"])
        field = editor(listed)
        assert field is not None
        field.setText("First")
        listed.sidebar.presenter.refresh()
        listed.idle()
        conversations.rename(ids(listed)["Two"])
        listed.idle()
        conversations.rename(ids(listed)["Two"])
        listed.idle()
        assert editor(listed) is not None
        QTest.keyClick(editor(listed), Qt.Key.Key_Escape)
        listed.idle()
    assert not watch.warnings
    assert set(ids(listed)) == {"First", "Two"}


def test_a_conversation_that_went_while_its_name_was_written_goes_quietly(listed: Any) -> None:
    conversations = listed.sidebar.conversations
    one = ids(listed)["One"]
    with watching() as watch:
        conversations.rename(one)
        listed.sidebar.presenter.delete(one)
        listed.idle()
        conversations.rename(one)
        listed.idle()
        if (field := editor(listed)) is not None:
            QTest.keyClick(field, Qt.Key.Key_Return)
        listed.idle()
    assert not watch.warnings
    assert conversations.state() == QAbstractItemView.State.NoState
    assert set(ids(listed)) == {"Two"}


def test_only_the_rename_action_begins_to_write(listed: Any) -> None:
    lists = listed.window.findChildren(QAbstractItemView)
    assert len(lists) >= 2
    assert all(one.editTriggers() == QAbstractItemView.EditTrigger.NoEditTriggers for one in lists)


def test_the_focus_finds_a_place_when_what_had_it_is_gone(listed: Any) -> None:
    """The field of a new name goes as soon as the palette takes the focus."""
    with watching() as watch:
        listed.sidebar.conversations.rename(ids(listed)["One"])
        listed.run("window.palette")
        for _ in range(3):
            watch.turn()
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
        watch.turn()
    assert QApplication.focusWidget() is not None
    assert QApplication.focusWidget().isVisible()
    assert not watch.warnings
