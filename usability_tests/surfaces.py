"""Every surface of the window, and how one comes to it. Pages are taken from the registry, so a new one is audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.ui.onboarding.view import Onboarding
from desktop_app.ui.pages import pages
from usability_tests.driver import Driver
from usability_tests.scenario import Start, Talk

LONG = "A conversation with a title that is long enough to be cut off somewhere"
TALKS = (
    Talk(title=LONG, turns=(("Is it so?", "It **is** so.\n\n```python\nprint(1)\n```"),)),
    Talk(title="Another", turns=(("Why?", "Because the lamp is on."),), days_ago=3),
)
EMPTY = Start(talks=TALKS, answers=(("Basil", " wants", " light.", "<hold>"),))
OPENED = Start(talks=TALKS, open=LONG, answers=(("Basil", " wants", " light.", "<hold>"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """`come` leads from the started window to it."""

    name: str
    start: Start
    come: Callable[[Driver], None]


def surfaces() -> tuple[Surface, ...]:
    return (
        Surface(name="empty conversation", start=EMPTY, come=_stay),
        Surface(name="conversation", start=OPENED, come=_stay),
        Surface(name="why this answer", start=OPENED, come=_action("chat.why")),
        Surface(name="editing a question", start=OPENED, come=_action("chat.edit_last")),
        Surface(name="answer being written", start=OPENED, come=_writing),
        Surface(name="search", start=OPENED, come=_searching),
        Surface(name="recording", start=OPENED, come=_recording),
        Surface(name="talking hands-free", start=OPENED, come=_talking),
        Surface(name="notice", start=OPENED, come=_notice),
        Surface(name="command palette", start=OPENED, come=_action("window.palette")),
        Surface(name="keyboard shortcuts", start=OPENED, come=_action("window.shortcuts")),
        *(Surface(name=f"welcome, step {step + 1}", start=EMPTY, come=_welcome(step)) for step in range(3)),
        *(Surface(name=f"page {page.id}", start=OPENED, come=_action(f"page.{page.id}")) for page in pages()),
    )


def _stay(_driver: Driver) -> None:
    """As it starts."""


def _action(action_id: str) -> Callable[[Driver], None]:
    return lambda driver: driver.stage.window.actions_registry.run(action_id)


def _welcome(step: int) -> Callable[[Driver], None]:
    def come(driver: Driver) -> None:
        driver.stage.window.open_onboarding()
        page = driver.stage.window.findChild(Onboarding)
        assert page is not None
        for _ in range(step):
            page.onward.click()

    return come


def _writing(driver: Driver) -> None:
    chat = driver.stage.window.workspace.chat
    chat.composer.set_words("What does basil need?")
    chat.composer.try_send()
    driver.wait_for("writing")


def _searching(driver: Driver) -> None:
    work = driver.stage.window.workspace
    work.focus_search()
    QTest.keyClicks(work.sidebar.search, "lamp")
    driver.wait_for("Another: *")


def _recording(driver: Driver) -> None:
    driver.stage.window.actions_registry.run("voice.talk")
    driver.wait_for("recording")


def _talking(driver: Driver) -> None:
    driver.stage.window.actions_registry.run("voice.hands_free")
    driver.wait_for("idle")


def _notice(driver: Driver) -> None:
    work = driver.stage.window.workspace
    work.notices.info("“Another” was deleted.", "Undo", lambda: None)


def ready(driver: Driver, surface: Surface) -> None:
    """Come to the surface and let it settle, as far as it does."""
    driver.settle()
    surface.come(driver)
    for _ in range(4):
        driver.watch.turn()
    if surface.name != "answer being written":
        driver.settle()


def press_tab(driver: Driver) -> None:
    QTest.keyClick(driver.stage.window.windowHandle(), Qt.Key.Key_Tab)
    driver.watch.turn()
