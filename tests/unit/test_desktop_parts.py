"""Keys in words, and starting at login as each system keeps it, with stand-ins for the systems that are not here."""

from __future__ import annotations

import plistlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from desktop_app.domain.key_chords import read_chord
from desktop_app.engines.login_start import Autostart, LaunchAgent, RunKey, own_command
from desktop_app.engines.portal_keys import trigger
from desktop_app.engines.pynput_keys import PynputTalkKey, hot_key
from desktop_app.errors import EnvironmentProblem, UserCanFix

COMMAND = ("/opt/a b/stonechat", "run", "--background", '--data=/x/100%/"$HOME`\\')


@pytest.mark.parametrize(
    ("text", "portal", "pynput"),
    [
        ("Ctrl+Alt+Space", "CTRL+ALT+space", "<ctrl>+<alt>+<space>"),
        (" super + J ", "LOGO+j", "<cmd>+j"),
        ("F9", "F9", "<f9>"),
        ("Pause", "Pause", "<pause>"),
        ("Control+Shift+F12", "CTRL+SHIFT+F12", "<ctrl>+<shift>+<f12>"),
    ],
)
def test_a_chord_in_every_systems_words(text: str, portal: str, pynput: str) -> None:
    chord = read_chord(text)
    assert read_chord(str(chord)) == chord
    assert trigger(chord) == portal
    assert hot_key(chord) == pynput


@pytest.mark.parametrize("text", ["", "a", "Shift+a", "Ctrl+", "Ctrl+Alt", "Hyper+a", "Ctrl+ö", "Ctrl+aa", "space"])
def test_what_would_take_a_key_from_everybody_is_refused(text: str) -> None:
    with pytest.raises(UserCanFix) as caught:
        read_chord(text)
    assert caught.value.code == "key.not_understood"


def test_the_autostart_entry(tmp_path: Path) -> None:
    start = Autostart(COMMAND, tmp_path / "autostart")
    assert not start.is_on()
    start.turn(False)
    start.turn(True)
    assert start.is_on()
    file = tmp_path / "autostart" / "stonechat.desktop"
    exec_ = next(line for line in file.read_text().splitlines() if line.startswith("Exec="))
    assert exec_.startswith('Exec="/opt/a b/stonechat" "run" "--background" ')
    assert exec_.endswith('"--data=/x/100%%/\\\\"\\\\$HOME\\\\`\\\\\\\\"')
    file.write_text(file.read_text() + "Hidden=true\n")
    assert not start.is_on()
    start.turn(False)
    assert not file.exists()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "autostart").write_text("a file")
    with pytest.raises(EnvironmentProblem) as caught:
        Autostart(COMMAND, tmp_path / "autostart").turn(True)
    assert caught.value.code == "login.not_changed"


def test_the_launch_agent(tmp_path: Path) -> None:
    start = LaunchAgent(COMMAND, tmp_path)
    start.turn(True)
    (file,) = tmp_path.iterdir()
    assert plistlib.loads(file.read_bytes())["ProgramArguments"] == list(COMMAND)
    assert start.is_on()
    start.turn(False)
    assert not start.is_on()


class Registry:
    """As much of winreg as is used, in a dictionary."""

    HKEY_CURRENT_USER, KEY_READ, KEY_SET_VALUE, REG_SZ = range(4)

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def OpenKey(self, *_: Any) -> Registry:
        return self

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def QueryValueEx(self, _key: Any, name: str) -> str:
        if name not in self.values:
            raise FileNotFoundError(name)
        return self.values[name]

    def SetValueEx(self, _key: Any, name: str, _: int, _kind: int, value: str) -> None:
        self.values[name] = value

    def DeleteValue(self, _key: Any, name: str) -> None:
        del self.values[name]


def test_the_run_key() -> None:
    registry = Registry()
    start = RunKey(("C:\\Stonechat\\stonechat.exe", "run"), registry)
    assert not start.is_on()
    start.turn(True)
    assert registry.values == {"Stonechat": '"C:\\Stonechat\\stonechat.exe" "run"'}
    assert start.is_on()
    start.turn(False)
    assert not start.is_on()


def test_a_frozen_or_packed_program_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_command() == (sys.executable, "-m", "desktop_app")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert own_command() == (sys.executable,)
    monkeypatch.setenv("APPIMAGE", "/home/a/Stonechat.AppImage")
    assert own_command() == ("/home/a/Stonechat.AppImage",)


class Keyboard(ModuleType):
    """As much of pynput.keyboard as is used; keys are words."""

    class HotKey:
        @staticmethod
        def parse(text: str) -> list[str]:
            return text.split("+")

    class Listener:
        IS_TRUSTED = True
        made: Any = None

        def __init__(self, on_press: Any, on_release: Any) -> None:
            self.press, self.release = on_press, on_release
            self.running = False
            Keyboard.Listener.made = self

        def canonical(self, key: str) -> str:
            return key

        def start(self) -> None:
            self.running = True

        def wait(self) -> None:
            assert self.running

        def stop(self) -> None:
            self.running = False


def test_pynput_tells_of_the_chord_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    package, keyboard = ModuleType("pynput"), Keyboard("pynput.keyboard")
    package.keyboard = keyboard  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pynput", package)
    monkeypatch.setitem(sys.modules, "pynput.keyboard", keyboard)
    told: list[str] = []
    chord = read_chord("Ctrl+J")
    stop = PynputTalkKey().listen(chord, lambda token: told.append(f"down{token}"), lambda: told.append("up"))
    made = Keyboard.Listener.made
    for key in ("j", "x", "<ctrl>", "<ctrl>", "j"):
        made.press(key)
    assert told == ["down"]  # the other key that is held does not matter, repeats neither
    made.release("x")
    made.release("j")
    made.release("<ctrl>")
    assert told == ["down", "up"]
    stop()
    assert not made.running
    Keyboard.Listener.IS_TRUSTED = False
    with pytest.raises(EnvironmentProblem) as caught:
        PynputTalkKey().listen(chord, lambda _: None, lambda: None)
    assert caught.value.code == "key.not_allowed"
