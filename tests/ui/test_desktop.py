"""Tray, talk key and start at login: as the settings say, and said when the system will not."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QSystemTrayIcon

from desktop_app.errors import EnvironmentProblem
from desktop_app.ui.window_call import Call

REFUSED = EnvironmentProblem("key.taken", "Another program has it.", remedy="Choose another one.")


@pytest.fixture
def alive(desk: Any) -> Any:
    desk.window.live_on_desktop()
    desk.idle()
    return desk


@pytest.fixture
def with_tray(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desktop that has a tray."""
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "isVisible", lambda _self: True)


def test_nothing_is_there_before_it_is_wanted(alive: Any) -> None:
    assert alive.window._presence.tray is None
    assert alive.home.services.talk_key.chord is None
    assert not alive.home.services.login_start.on


def test_without_a_tray_closing_closes(alive: Any) -> None:
    alive.home.preferences.change(close_to_tray=True)
    alive.idle()
    assert alive.window._presence.tray is not None
    alive.window.close()
    assert not alive.window.lanes.running
    assert alive.window._presence.tray is None


@pytest.mark.usefixtures("with_tray")
def test_the_closed_window_waits_in_the_tray_and_comes_back(alive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("desktop_app.ui.desktop.tray.Tray.say", lambda _self, words: said.append(words))
    alive.home.preferences.change(close_to_tray=True)
    alive.idle()
    for _ in range(2):
        alive.window.close()
        assert alive.window.isHidden()
        entries = {entry.text(): entry for entry in alive.window._presence.tray.menu.actions() if entry.text()}
        entries["Show Stonechat"].trigger()
        assert alive.window.isVisible()
    assert len(said) == 1 and "Ctrl+Q" in said[0]
    closed: list[bool] = []
    alive.window.closed.connect(lambda: closed.append(True))
    entries["Quit Stonechat"].trigger()
    assert closed


@pytest.mark.usefixtures("with_tray")
def test_it_can_begin_in_the_tray(desk: Any) -> None:
    desk.home.preferences.change(tray_icon=True)
    desk.window.live_on_desktop(hidden=True)
    assert desk.window.isHidden()
    desk.idle()


def test_the_key_records_while_it_is_held(alive: Any) -> None:
    key, chat = alive.home.services.talk_key, alive.window.workspace.chat
    alive.home.preferences.change(talk_key=True, talk_key_chord="Ctrl+F9")
    alive.idle()
    assert str(key.chord) == "Ctrl+F9"
    alive.run("page.settings")
    key.press("")
    alive.wait(lambda: chat.voice.state == "recording")
    assert chat.isVisible()
    alive.bot.wait(300)  # longer than a tap
    key.release()
    alive.wait(lambda: chat.composer.draft.text == "what did I say")
    alive.home.preferences.change(talk_key=False)
    alive.wait(lambda: key.chord is None)


def test_a_second_start_can_talk_too(alive: Any) -> None:
    chat = alive.window.workspace.chat
    alive.window.answer_call(Call(talk=True))
    alive.wait(lambda: chat.voice.state == "recording")
    alive.window.answer_call(Call(talk=True))
    alive.wait(lambda: chat.composer.draft.text == "what did I say")


def test_a_key_that_is_not_given_is_said_and_switched_off(alive: Any) -> None:
    alive.home.services.talk_key.fail = REFUSED
    alive.home.preferences.change(talk_key=True)
    alive.wait(lambda: not alive.home.preferences.current.talk_key)
    assert alive.window.workspace.notices.shown[-1].text == REFUSED.message


def test_starting_at_login_is_what_the_system_says(desk: Any) -> None:
    login = desk.home.services.login_start
    desk.home.preferences.change(start_at_login=True)  # and switched off elsewhere since
    desk.window.live_on_desktop()
    desk.wait(lambda: not desk.home.preferences.current.start_at_login)
    desk.home.preferences.change(start_at_login=True)
    desk.wait(lambda: login.on)
    login.fail = EnvironmentProblem("login.not_changed", "No.", remedy="Look.")
    desk.home.preferences.change(start_at_login=False)
    desk.wait(lambda: desk.home.preferences.current.start_at_login)
    assert desk.window.workspace.notices.shown
    desk.idle()
