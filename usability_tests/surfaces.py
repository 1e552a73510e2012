"""Every surface of the window, and how one comes to it. Pages are taken from the registry, so a new one is audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.ui.feedback.use_note import UseNote
from desktop_app.ui.onboarding.view import Onboarding
from desktop_app.ui.pages import pages
from desktop_app.ui.usage.view import UsagePage
from usability_tests.driver import Driver
from usability_tests.scenario import Start, Talk

LONG = "A conversation with a title that is long enough to be cut off somewhere"
TALKS = (
    Talk(title=LONG, turns=(("Is it so?", "It **is** so.\n\n```python\nprint(1)\n```"),)),
    Talk(title="Another", turns=(("Why?", "Because the lamp is on."),), days_ago=3),
)
EMPTY = Start(talks=TALKS, answers=(("Basil", " wants", " light.", "<hold>"),))
OPENED = Start(talks=TALKS, open=LONG, answers=(("Basil", " wants", " light.", "<hold>"),))
ASKS = Start(talks=TALKS, open=LONG, settings={"usage_asked": False})

AGAIN = Start(talks=TALKS, open=LONG, answers=(("It", " is not so."),))


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
        Surface(name="what a rating is for", start=OPENED, come=_action("feedback.bad")),
        Surface(name="rating an answer", start=OPENED, come=_rating),
        Surface(name="writing the better answer", start=OPENED, come=_action("feedback.better")),
        Surface(name="the better of two", start=AGAIN, come=_picking),
        Surface(name="answer being written", start=OPENED, come=_writing),
        Surface(name="search", start=OPENED, come=_searching),
        Surface(name="recording", start=OPENED, come=_recording),
        Surface(name="talking hands-free", start=OPENED, come=_talking),
        Surface(name="notice", start=OPENED, come=_notice),
        Surface(name="command palette", start=OPENED, come=_action("window.palette")),
        Surface(name="keyboard shortcuts", start=OPENED, come=_action("window.shortcuts")),
        *(Surface(name=f"welcome, step {step + 1}", start=EMPTY, come=_welcome(step)) for step in range(3)),
        Surface(name="may it record", start=ASKS, come=_may_it_record),
        Surface(name="what is recorded, all of it", start=OPENED, come=_recorded),
        Surface(name="insights with numbers", start=OPENED, come=_insights),
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


def _may_it_record(driver: Driver) -> None:
    chat = driver.stage.window.workspace.chat
    chat.composer.set_words("What does basil need?")
    chat.composer.try_send()
    driver.wait_for("May Stonechat record how it is used?")


def _use(driver: Driver) -> None:
    """Simulated use: a little of everything."""
    services = driver.stage.services
    services.usage.agree("surveys")
    for number in range(10):
        for way in ("typed", "spoken"):
            services.usage.record("chat.answered", way=way, ended="end", first_token_ms=90 * number, total_ms=4000)
        services.usage.record("ui.rage_click", surface="sidebar")
        services.usage.record("task.done", task="ask", success=True, person_ms=3000, model_ms=900 * number, errors=0)
    services.usage.flush()
    services.surveys.answer("seq", (6,), "ask")


def _recorded(driver: Driver) -> None:
    _use(driver)
    driver.stage.window.actions_registry.run("page.usage")
    driver.wait_for("Show everything")
    page = driver.stage.window.findChild(UsagePage)
    assert page is not None
    page.export.look.click()
    driver.wait_for("Every line of the export")


def _insights(driver: Driver) -> None:
    _use(driver)
    driver.stage.window.actions_registry.run("page.insights")
    driver.wait_for("Show as a table")


def _writing(driver: Driver) -> None:
    chat = driver.stage.window.workspace.chat
    chat.composer.set_words("What does basil need?")
    chat.composer.try_send()
    driver.wait_for("writing")


def _rating(driver: Driver) -> None:
    driver.stage.window.actions_registry.run("feedback.bad")
    note = driver.window.findChild(UseNote)
    assert note is not None
    note.agree.click()
    driver.wait_for("What was it like?")


def _picking(driver: Driver) -> None:
    driver.stage.window.actions_registry.run("chat.regenerate")
    driver.wait_for("The earlier answer to this question")


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
