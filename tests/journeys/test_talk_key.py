"""The talk key on a real X server with real key events, and through a portal on a real bus."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from desktop_app.domain.key_chords import read_chord
from desktop_app.engines.global_keys import SystemTalkKey
from desktop_app.errors import AppError
from tests.fakes.portal import FakePortal, session_bus
from usability_tests.atspi_session import display

PATIENCE_S = 30.0
CHORD = read_chord("Ctrl+Alt+Space")
pytestmark = [pytest.mark.slow, pytest.mark.flaky(reruns=3)]
needs_x = pytest.mark.skipif(not shutil.which("Xvfb"), reason="needs Xvfb")
needs_bus = pytest.mark.skipif(not shutil.which("dbus-daemon"), reason="needs dbus-daemon")


class Told:
    """What the key said, in order, from its thread."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._more = threading.Condition()

    def pressed(self, token: str) -> None:
        self._add(f"down {token}".strip())

    def released(self) -> None:
        self._add("up")

    def wait_for(self, *wanted: str) -> None:
        with self._more:
            assert self._more.wait_for(lambda: len(self.all) >= len(wanted), PATIENCE_S), self.all
        assert self.all == list(wanted)

    def _add(self, what: str) -> None:
        with self._more:
            self.all.append(what)
            self._more.notify_all()


@pytest.fixture
def x_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Presses real keys on an X server of its own."""
    from Xlib import XK, X
    from Xlib.display import Display
    from Xlib.ext import xtest

    with display() as screen:
        monkeypatch.setenv("DISPLAY", screen)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        other = Display(screen)

        def key(name: str, down: bool) -> None:
            code = other.keysym_to_keycode(XK.string_to_keysym(name))
            xtest.fake_input(other, X.KeyPress if down else X.KeyRelease, code)
            other.sync()

        yield key
        other.close()


@needs_x
def test_under_x11_the_key_is_heard_and_no_other(x_keys: Any) -> None:
    told = Told()
    stop = SystemTalkKey().listen(CHORD, told.pressed, told.released)
    x_keys("a", True)
    x_keys("a", False)
    x_keys("space", True)
    x_keys("space", False)  # without its modifiers
    for name in ("Control_L", "Alt_L", "space"):
        x_keys(name, True)
    told.wait_for("down")
    x_keys("space", False)
    told.wait_for("down", "up")
    with pytest.raises(AppError) as caught:
        SystemTalkKey().listen(CHORD, told.pressed, told.released)
    assert caught.value.code == "key.taken"
    stop()
    again = SystemTalkKey().listen(CHORD, told.pressed, told.released)
    again()
    assert told.all == ["down", "up"]


@needs_x
def test_a_key_that_is_held_is_not_let_go_by_its_repeats(x_keys: Any) -> None:
    told = Told()
    stop = SystemTalkKey().listen(read_chord("F8"), told.pressed, told.released)
    x_keys("F8", True)
    told.wait_for("down")
    assert not threading.Event().wait(1.5)  # the server repeats it meanwhile
    assert told.all == ["down"]
    x_keys("F8", False)
    told.wait_for("down", "up")
    stop()


def test_without_a_desktop_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    assert _refused() == "key.no_session"


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePortal]:
    with session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
        made = FakePortal(address)
        yield made
        made.close()


@needs_bus
def test_under_wayland_the_portal_is_asked(portal: FakePortal) -> None:
    told = Told()
    stop = SystemTalkKey().listen(CHORD, told.pressed, told.released)
    (name, about) = portal.bound[0]
    assert (name, about["preferred_trigger"]) == ("talk", ("s", "CTRL+ALT+space"))
    portal.press("another")
    portal.press()
    told.wait_for("down token-1")
    portal.release()
    told.wait_for("down token-1", "up")
    stop()
    portal.press()
    assert told.all == ["down token-1", "up"]


@needs_bus
def test_a_no_and_a_portal_without_shortcuts_are_sentences(portal: FakePortal, monkeypatch: Any) -> None:
    portal.status = 1
    assert _refused() == "key.refused"
    portal.knows = False
    assert _refused() == "key.no_portal"
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    assert _refused() == "key.no_portal"


def _refused() -> str:
    with pytest.raises(AppError) as caught:
        SystemTalkKey().listen(CHORD, lambda _: None, lambda: None)
    return caught.value.code
