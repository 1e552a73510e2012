from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.actions import Action, ActionRegistry
from desktop_app.ui.icons import phosphor


def action(id_: str = "a.b", run: Callable[[], None] = lambda: None, **more: object) -> Action:
    return Action(id=id_, title="Do it", run=run, **more)  # type: ignore[arg-type]


def test_ids_and_shortcuts_are_unique(qapp: object) -> None:
    registry = ActionRegistry()
    registry.add(action("a", shortcut="Ctrl+Shift+K"))
    with pytest.raises(ValueError, match="two actions a"):
        registry.add(action("a"))
    with pytest.raises(ValueError, match="belongs to a"):
        registry.add(action("b", shortcut="Shift+Ctrl+K"))
    registry.add(action("c"))
    registry.add(action("d"))


def test_it_runs_only_what_can_be_done(qapp: object) -> None:
    registry, done, able = ActionRegistry(), [], [False]
    registry.add(action(run=lambda: done.append(1), enabled=lambda: able[0]))
    registry.run("a.b")
    assert not done
    able[0] = True
    registry.run("a.b")
    assert done == [1]


def test_the_window_has_the_key_and_the_menu_only_shows_it(qtbot: QtBot) -> None:
    registry, done, window = ActionRegistry(), [], QWidget()
    qtbot.addWidget(window)
    field, menu = QLineEdit(window), QMenu(window)
    registry.bind(window)
    registry.add(action(run=lambda: done.append(1), shortcut="Ctrl+J"))
    menu.addAction(registry.qaction("a.b", window))
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClick(field, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert done == [1]
    assert menu.actions()[0].text() == "Do it\tCtrl+J"
    menu.actions()[0].trigger()
    assert done == [1, 1]


def test_refreshing_greys_out_what_cannot_be_done(qtbot: QtBot) -> None:
    registry, able, window = ActionRegistry(), [True], QWidget()
    qtbot.addWidget(window)
    registry.add(action(enabled=lambda: able[0]))
    made = registry.qaction("a.b", window)
    assert made.isEnabled()
    able[0] = False
    registry.refresh()
    assert not made.isEnabled()


def test_every_action_of_the_window_has_title_group_and_icon(desk) -> None:  # type: ignore[no-untyped-def]
    known = phosphor()
    for one in desk.window.actions_registry.all():
        assert one.title and one.group and known.character(one.icon), one.id
        assert "." in one.id


def test_single_letters_are_no_shortcuts(desk) -> None:  # type: ignore[no-untyped-def]
    """WCAG 2.1.4."""
    for one in desk.window.actions_registry.all():
        assert len(one.shortcut) != 1, one.id
