"""Walks one way through the window with real mouse and key events, and writes down how it went."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QKeySequence, QPainter, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from usability_tests import screen
from usability_tests.conditions import CONDITIONS
from usability_tests.klm import keys_of
from usability_tests.scenario import Step
from usability_tests.stage import Stage
from usability_tests.watch import Watch

PATIENCE_S = 60.0
PAUSE_S = 0.004


class Lost(Exception):
    """The way ends here: what is said to be there is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step as it was taken. `dead`: nothing came of it. `surface` is what was on screen afterwards."""

    line: str
    counts: bool
    dead: bool
    surface: str
    waited_ms: float
    image: QImage


@dataclass
class Driver:
    """Sends the events of one way to a stage."""

    stage: Stage
    watch: Watch
    patience_s: float = PATIENCE_S
    taken: list[Taken] = field(default_factory=list)

    @property
    def window(self) -> QWidget:
        return self.stage.window

    def walk(self, steps: tuple[Step, ...]) -> None:
        """Raises Lost."""
        self.settle()
        for step in steps:
            self.watch.during = step.line
            self._take(step)

    def wait_for(self, what: str) -> None:
        """Raises Lost."""
        self._wait(what)

    def settle(self) -> None:
        """Until nothing is under way any more."""
        self._wait(lambda: CONDITIONS["idle"](self.stage), "the window to settle")
        for _ in range(3):
            self.watch.turn()

    def _take(self, step: Step) -> None:
        did, before = getattr(self, f"_{step.verb}"), self._state()
        began = time.perf_counter()
        did(step.what)
        waited = (time.perf_counter() - began) * 1000 if step.verb == "wait" else 0.0
        if step.verb != "wait":
            for _ in range(4):
                self.watch.turn()
        image = self.picture()
        self.taken.append(
            Taken(
                line=step.line,
                counts=step.counts,
                dead=step.verb in ("click", "press") and self._is_dead(before),
                surface=surface(self.stage),
                waited_ms=round(waited, 1),
                image=image,
            )
        )

    # -- what a person does --------------------------------------------------------------------------------------

    def _click(self, name: str) -> None:
        thing = self._find(name)
        at, target = self._point(thing)
        with self.watch.timing():
            QTest.mouseMove(target, at)
        self.watch.turn()
        with self.watch.timing():
            QTest.mouseClick(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def _hover(self, name: str) -> None:
        at, target = self._point(self._find(name))
        with self.watch.timing():
            QTest.mouseMove(target, at)

    def _press(self, what: str) -> None:
        keys, times = keys_of(what)
        for _ in range(times):
            self._key(keys)

    def _type(self, words: str) -> None:
        for letter in words:
            with self.watch.timing():
                QTest.keyClick(self._handle(self.window), letter)  # type: ignore[call-overload]
            self.watch.turn()

    def _key(self, keys: str) -> None:
        pressed = QKeySequence(keys)[0]  # type: ignore[index]
        with self.watch.timing():
            QTest.keyClick(self._handle(self.window), pressed.key(), pressed.keyboardModifiers())
        self.watch.turn()

    def _wait(self, what: str | Callable[[], bool], said: str = "") -> None:
        met = what if callable(what) else self._condition(what)
        end = time.monotonic() + self.patience_s
        while not met():
            if time.monotonic() > end:
                raise Lost(f"waited in vain for {said or what}")
            time.sleep(PAUSE_S)
            self.watch.turn()
        self.watch.turn()

    def _see(self, words: str) -> None:
        if not screen.reads(self.window, words):
            raise Lost(f"“{words}” cannot be read; there is: {', '.join(screen.names(self.window))[:600]}")

    # -- inside --------------------------------------------------------------------------------------------------

    def _condition(self, what: str) -> Callable[[], bool]:
        if what in CONDITIONS:
            return lambda: CONDITIONS[what](self.stage)
        return lambda: screen.find(self.window, what) is not None or screen.reads(self.window, what)

    def _find(self, name: str) -> screen.Thing:
        thing = screen.find(self.window, name)
        if thing is None:
            raise Lost(f"nothing is called “{name}”; there is: {', '.join(screen.names(self.window))[:600]}")
        return thing

    def _point(self, thing: screen.Thing) -> tuple[QPoint, QWindow]:
        at = thing.top.mapFromGlobal(thing.middle)
        if not thing.top.rect().contains(at):
            raise Lost(f"“{thing.name}” is not on the screen")
        return at, self._handle(thing.top)

    def _handle(self, widget: QWidget) -> QWindow:
        handle = widget.windowHandle()
        if handle is None:
            raise Lost("the window is gone")
        return handle

    def _state(self) -> tuple[object, ...]:
        return (
            self.picture(),
            QApplication.focusWidget(),
            QApplication.activePopupWidget(),
            QApplication.clipboard().text(),
            len(self.watch.announcements),
        )

    def _is_dead(self, before: tuple[object, ...]) -> bool:
        """Pressing changed nothing that could be seen, heard or pasted; work may still be under way."""
        if self.stage.window.lanes.running:
            return False
        return before == self._state()

    def picture(self) -> QImage:
        """The window with an open menu over it."""
        shot = self.window.grab()
        popup = QApplication.activePopupWidget()
        if popup is not None:
            painter = QPainter(shot)
            painter.drawPixmap(self.window.mapFromGlobal(popup.mapToGlobal(QPoint(0, 0))), popup.grab())
            painter.end()
        return shot.toImage()


def surface(stage: Stage) -> str:
    """What the person is looking at: a page, and what lies over it."""
    over = [name for name, shown in _over(stage) if shown]
    return " + ".join([_page(stage), *over])


def _page(stage: Stage) -> str:
    stack = stage.window._stack
    if stack.currentWidget() is not stage.window.workspace:
        return f"welcome {getattr(stack.currentWidget(), 'step', '')}".strip()
    shown = stage.window.workspace._pages.currentWidget()
    if shown is None or shown is stage.window.workspace.chat:
        return "chat"
    return shown.accessibleName() or type(shown).__name__


def _over(stage: Stage) -> tuple[tuple[str, bool], ...]:
    from desktop_app.ui.overlay import Overlay

    overlays = [one for one in stage.window.findChildren(Overlay) if one.isVisible()]
    return (
        *((type(one).__name__, True) for one in overlays),
        ("menu", QApplication.activePopupWidget() is not None),
    )
