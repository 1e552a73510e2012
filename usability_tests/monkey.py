"""A monkey at the window: random clicks and keys from fixed seeds, in a process that can only write to its own folder.

Nothing may come of it: no exception, no warning of Qt, no window that does not answer, no question that is lost.
"""

from __future__ import annotations

import faulthandler
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from usability_tests import jail

HANG_S = 300
"""Without an input having been dealt with."""
MOST_S = 1800
"""For all of a run."""
ROOT = Path(__file__).resolve().parent.parent


def run_all(seeds: Sequence[int], inputs: int, say: Callable[[str], None]) -> int:
    """One jailed process for each seed; the exit code is 0 when all of them found nothing."""
    failed = [seed for seed in seeds if not run_one(seed, inputs, say)]
    say(f"Failed: {', '.join(map(str, failed))}" if failed else f"{len(seeds)} runs of {inputs} inputs: nothing found")
    return 1 if failed else 0


def run_one(seed: int, inputs: int, say: Callable[[str], None]) -> bool:
    """Whether the run with this seed found nothing."""
    with tempfile.TemporaryDirectory(prefix="stonechat-monkey-") as name:
        cage = Path(name) / "cage"
        cage.mkdir()
        done = subprocess.run(
            [sys.executable, "-B", "-m", "usability_tests.monkey", str(seed), str(inputs), str(cage)],
            cwd=ROOT,
            env=_environment(cage),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=MOST_S,
        )
    good = done.returncode == 0
    say(f"{'ok ' if good else 'BAD'} seed {seed}: {done.stdout.strip() or 'no word'}")
    if not good:
        say(done.stderr.strip()[-6000:])
    return good


def _environment(cage: Path) -> dict[str, str]:
    """A home of its own, no display, no display server, no session to talk to."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH") if key in os.environ}
    return kept | {"HOME": str(cage), "TMPDIR": str(cage), "XDG_RUNTIME_DIR": str(cage), "QT_QPA_PLATFORM": "offscreen"}


def main(seed: int, inputs: int, cage: Path) -> int:
    """Lock the process in first, then bring up Qt and let the monkey in."""
    jail.enter(cage)
    _expect_a_sign_of_life()
    found = _play(seed, inputs, cage)
    print(f"{inputs} inputs, {found.pop()}")
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


def _expect_a_sign_of_life() -> None:
    """From now on, anew; else the process ends and tells where it hung."""
    faulthandler.dump_traceback_later(HANG_S, exit=True)


def _play(seed: int, inputs: int, cage: Path) -> list[str]:
    """What was found, and a last line with what there was to see."""
    from PySide6.QtGui import QDesktopServices

    from desktop_app.services.model_library import ModelLibrary
    from desktop_app.ui.main_window import MainWindow
    from usability_tests.driver import Driver, Lost
    from usability_tests.stage import stage
    from usability_tests.watch import watching

    nothing: Callable[..., Any] = lambda *_args, **_more: iter(())  # noqa: E731
    with (
        mock.patch.object(QDesktopServices, "openUrl", lambda _url: True),
        mock.patch.object(ModelLibrary, "fetch", nothing),
        mock.patch.object(MainWindow, "leave", lambda _window: None),  # it may not go home early
        watching() as watch,
    ):
        broken: list[str] = []
        sys.excepthook = lambda kind, error, trace: broken.append(_told(kind, error, trace))
        with stage(_start(seed), cage / "data") as opened:
            driver = Driver(stage=opened, watch=watch)
            driver.settle()
            monkey = Monkey(seed, driver, broken)
            try:
                monkey.play(inputs)
                broken += monkey.look_after()
            except Lost as reason:
                broken.append(f"the window is dead: {reason}")
        watch.turn()
        broken += [f"warning: {line}" for line in watch.warnings]
        if broken:
            broken.append("the last inputs:\n  " + "\n  ".join(monkey.log))
        slowest = max(watch.stalls, key=lambda stall: stall.busy_ms, default=None)
        slow = f"busiest {slowest.busy_ms:.0f} ms after “{slowest.during}”" if slowest else "no stall"
        return [*broken, f"{len(monkey.sent)} questions sent, {slow}"]


def _told(kind: Any, error: BaseException, trace: Any) -> str:
    import traceback

    return "".join(traceback.format_exception(kind, error, trace))


def _start(seed: int) -> Any:
    """Its use is recorded with odd seeds; with even ones it is asked whether it may be."""
    from usability_tests.actors import CRASH, HOLD
    from usability_tests.scenario import Start, Talk

    chance = random.Random(seed)
    kinds = (
        ("It", " is", " so."),
        ("# Title\n\n", "- one\n- two\n\n", "```python\nprint(1)\n```\n"),
        ("See [this](https://example.org) and ", "![that](file:///etc/passwd)."),
        ("Half an", CRASH),
        ("It goes on", HOLD, " and on"),
    )
    talks = tuple(
        Talk(title=f"Talk {number}", turns=(("Why?", "Because.\n\n```\ncode\n```"),) * 3, days_ago=float(number))
        for number in range(6)
    )
    return Start(
        talks=talks,
        open="Talk 1",
        answers=tuple(chance.choice(kinds) for _ in range(400)),
        hears="what was said",
        files=("samples/pictures/poster.png",),
        settings={"motion": "reduced", "usage_asked": bool(seed % 2)},
        recording="events" if seed % 2 else "off",
    )


class Monkey:
    """Its inputs follow from the seed and from what is on the screen."""

    def __init__(self, seed: int, driver: Any, broken: list[str]) -> None:
        from PySide6.QtCore import QTimer

        self._chance = random.Random(seed)
        self._driver = driver
        self._broken = broken
        self.log: deque[str] = deque(maxlen=40)
        self.sent: list[str] = []
        self._window = driver.stage.window
        chat = self._window.workspace.chat
        chat.composer.send_wanted.connect(lambda text, _pictures: self.sent.append(text))
        chat.presenter.failed.connect(lambda error: self.log.append(f"   error {error.code}: {error.detail}"))
        chat.presenter.answer_failed.connect(
            lambda error, _id: self.log.append(f"   error {error.code}: {error.detail}")
        )
        chat.presenter.question_refused.connect(lambda _id, text, _pictures: self._take_back(text))
        self._keys = self._all_keys()
        self._stuck = 0
        self._beat = QTimer(interval=100)
        self._beat.timeout.connect(self._unstick)
        self._beat.start()

    def play(self, inputs: int) -> None:
        ways = (self._press_something, self._click_somewhere, self._press_keys, self._write, self._other)
        for place in range(inputs):
            _expect_a_sign_of_life()
            way = self._chance.choices(ways, weights=(40, 12, 28, 12, 8))[0]
            try:
                way(place)
            except RuntimeError as error:  # what was aimed at went away meanwhile
                self._note(place, f"missed: {error}")
            for _ in range(self._chance.randint(1, 6)):
                self._driver.watch.turn()
                time.sleep(0.001)
            if self._broken:
                return

    def look_after(self) -> list[str]:
        """Everything settles, a question can still be asked, and none is lost."""
        from PySide6.QtWidgets import QApplication

        window = self._window
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        for _ in range(8):
            self._driver._key("Esc")
        window.resize(1180, 820)
        if window._stack.currentWidget() is not window.workspace:
            window._leave_onboarding(window._stack.currentWidget())
        window.workspace.open_conversation(None)
        self._driver.settle()
        window.workspace.chat.composer.clear()
        window.workspace.chat.focus_composer()
        self._driver._type("still there")
        self._driver._key("Esc")
        window.workspace.chat.composer.try_send()
        self._driver._wait(lambda: self._is_stored("still there"), "a last question to be stored")
        window.workspace.chat.stop()
        self._driver.settle()
        gone = [] if window.isVisible() else ["the window has closed"]
        return gone + [f"lost: {text!r}" for text in self.sent if text.strip() and not self._is_stored(text)]

    # -- its inputs ----------------------------------------------------------------------------------------------

    def _press_something(self, place: int) -> None:
        from PySide6.QtCore import QPoint, QRect, Qt
        from PySide6.QtTest import QTest

        from usability_tests import screen

        there = [thing for thing in screen.things(self._window) if thing.enabled and not thing.place.isEmpty()]
        if not there:
            return
        thing = self._chance.choice(there)
        at = thing.top.mapFromGlobal(thing.middle)
        handle = thing.top.windowHandle()
        if handle is None or not QRect(QPoint(0, 0), handle.size()).contains(at):
            return
        right = self._chance.random() < 0.1
        button = Qt.MouseButton.RightButton if right else Qt.MouseButton.LeftButton
        self._note(place, f"{'right ' if right else ''}click on {thing.role.name} “{thing.name[:40]}”")
        click = QTest.mouseDClick if self._chance.random() < 0.1 else QTest.mouseClick
        QTest.mouseMove(handle, at)
        click(handle, button, Qt.KeyboardModifier.NoModifier, at)

    def _click_somewhere(self, place: int) -> None:
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtTest import QTest

        room = self._window.windowHandle().size()
        at = QPoint(self._chance.randrange(room.width()), self._chance.randrange(room.height()))
        self._note(place, f"click at {at.x()}, {at.y()}")
        QTest.mouseClick(self._window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def _press_keys(self, place: int) -> None:
        keys = self._chance.choice(self._keys)
        self._note(place, f"press {keys}")
        self._driver._key(keys)

    def _write(self, place: int) -> None:
        words = self._chance.choice(("hello", "why is it so", "a b", "42", "light"))
        self._note(place, f"type {words}")
        self._driver._type(words)
        if self._chance.random() < 0.5:
            self._driver._key("Enter")

    def _other(self, place: int) -> None:
        if self._chance.random() < 0.5:
            width, height = self._chance.randint(480, 1600), self._chance.randint(480, 1000)
            self._note(place, f"resize to {width} x {height}")
            self._window.resize(width, height)
        else:
            self._note(place, "wait")
            for _ in range(20):
                self._driver.watch.turn()
                time.sleep(0.005)

    def _all_keys(self) -> tuple[str, ...]:
        shortcuts = [action.shortcut for action in self._window.actions_registry.all() if action.shortcut]
        plain = ("Tab", "Shift+Tab", "Enter", "Esc", "Space", "Up", "Down", "Left", "Right", "Home", "End", "PgUp")
        edits = ("Del", "Backspace", "Ctrl+A", "Ctrl+C", "Ctrl+V", "Ctrl+X", "Ctrl+Z", "Shift+Enter", "Menu", "F2", "M")
        return (*shortcuts, *plain * 2, *edits)

    # -- inside --------------------------------------------------------------------------------------------------

    def _unstick(self) -> None:
        """A dialog that waits for somebody gets an answer; so does a menu whose own loop runs."""
        from PySide6.QtWidgets import QApplication, QDialog

        modal = QApplication.activeModalWidget()
        self._stuck = self._stuck + 1 if modal is not None else 0
        if self._stuck > 2 and isinstance(modal, QDialog):
            self._note(-1, f"answer the dialog {type(modal).__name__}")
            modal.done(self._chance.randint(0, 1))

    def _note(self, place: int, what: str) -> None:
        self._driver.watch.during = what
        self.log.append(f"{place}: {what}")

    def _take_back(self, text: str) -> None:
        """It stands in the composer again, and may be deleted there."""
        self.log.append(f"   taken back: {text}")
        if text in self.sent:
            self.sent.remove(text)

    def _is_stored(self, text: str) -> bool:
        """Also in a conversation that was deleted."""
        with self._window.services.history._database.read() as connection:
            found = "select 1 from messages where role = 'user' and instr(text, ?) limit 1"
            return connection.execute(found, (text.strip(),)).fetchone() is not None


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
