"""Turns what happens in the window into events of the registry: pages, presses, trouble, settings, visits.

Given plain words and numbers only, on the GUI thread; what a person wrote or said never comes here. Turns, recordings
and talking are told to `usage_turns.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol

from desktop_app.domain.behaviour import UNDONE_S, RageClicks, Tasks, Wandering

CONVERSATION = "conversation"
STALL_MS = 100.0
Words = dict[str, frozenset[str]]
ASLEEP_MS = 60_000.0
"""A gap as long as this is a machine that slept, not a window that was stuck."""


class Record(Protocol):
    def __call__(self, name: str, **extras: object) -> None: ...


@dataclass(slots=True)
class Visit:
    """What this session came to."""

    began: float
    answers: int = 0
    errors: int = 0


class UsageWatch:
    """`on`: whether anything is recorded now. `words`: what the registry knows as "surfaces", "families" and "actions";
    everything else becomes "other".

    `task_done` is told the name of every task that came out well.
    """

    def __init__(
        self,
        record: Record,
        *,
        on: Callable[[], bool],
        words: Callable[[], Words],
        now: Callable[[], float] = time.monotonic,
        task_done: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self.record, self.now, self._on = record, now, on
        self.tasks = Tasks()
        self.visit = Visit(now())
        self._words, self._task_done = words, task_done
        self._lists: Words | None = None
        self._rage, self._wandering = RageClicks(), Wandering()
        self._page, self._page_since = CONVERSATION, now()
        self._wandering.go(CONVERSATION, now())
        self._deleted_at: float | None = None

    @property
    def page(self) -> str:
        """Where the person is."""
        return self._page

    # -- visits --------------------------------------------------------------------------------------------------

    def started(self, *, scheme: str, reduced_motion: bool, text_scale: int) -> None:
        motion = "reduced" if reduced_motion else "full"
        self.record("app.started", scheme=scheme, motion=motion, text_scale=text_scale)

    def closing(self) -> None:
        minutes = (self.now() - self.visit.began) / 60
        self.record("app.closed", minutes=minutes, answers=self.visit.answers, errors=self.visit.errors)

    # -- pages and presses ---------------------------------------------------------------------------------------

    def page_shown(self, page: str) -> None:
        """A page of the window, or the conversation."""
        at = self.now()
        if page == self._page:
            return
        left, since = self._page, self._page_since
        self._page, self._page_since = page, at
        if left != CONVERSATION:
            self.record("page.left", page=self._known("surfaces", left), ms=(at - since) * 1000)
            self.tasks.forget("change_setting")
        if page != CONVERSATION:
            self.record("page.opened", page=self._known("surfaces", page))
        if page == "settings":
            self.tasks.begin("change_setting", at)
        how = self._wandering.go(page, at)
        if how is not None and left != CONVERSATION:
            self.record("ui.backtrack", surface=self._known("surfaces", left), how=how)

    def pressed(self, place: Hashable, surface: str) -> None:
        """A press on a place that is not made for pressing often."""
        if self._rage.press(place, self.now()):
            self.record("ui.rage_click", surface=self._known("surfaces", surface))

    def pressed_in_vain(self, surface: str, *, enabled: bool) -> None:
        self.record("ui.dead_click", surface=self._known("surfaces", surface), enabled=enabled)

    def did(self, action_id: str) -> None:
        """An action of the window was run."""
        if not action_id.startswith("page."):
            self._wandering.did_something()
        self.record("action.run", action=self._known("actions", action_id))

    def stalled(self, ms: float) -> None:
        """The event loop was away for this long."""
        if STALL_MS < ms < ASLEEP_MS:
            self.record("ui.stall", surface=self._known("surfaces", self._page), ms=ms)

    # -- trouble and change --------------------------------------------------------------------------------------

    def error_shown(self, code: str) -> None:
        """Only the part before the dot is kept, and only where the registry knows it."""
        family = code.partition(".")[0]
        self.visit.errors += 1
        self.tasks.error()
        place = self._known("surfaces", self._page)
        self.record("error.shown", family=self._known("families", family), surface=place)

    def setting_changed(self, group: str) -> None:
        """`group` is the settings page's heading."""
        known = group.casefold()
        self._wandering.did_something()
        self.record("setting.changed", group=known if known in _GROUPS else "other")
        self.finish("change_setting", success=True)

    def deleted(self) -> None:
        self._wandering.did_something()
        self._deleted_at = self.now()

    def restored(self) -> None:
        """A deletion was taken back."""
        deleted, self._deleted_at = self._deleted_at, None
        if deleted is not None and self.now() - deleted <= UNDONE_S:
            self.record("ui.backtrack", surface="sidebar", how="undone")

    # -- finding -------------------------------------------------------------------------------------------------

    def searching(self) -> None:
        """The first letters of a search."""
        self.tasks.begin("find_conversation", self.now())

    def searched(self, hits: int) -> None:
        """The hits are shown; waiting for more letters is not counted as another search."""
        self.record("search.used", hits=hits)

    def hit_opened(self) -> None:
        self.record("search.opened")
        self.finish("find_conversation", success=True)

    def search_left(self) -> None:
        """The words were taken back and nothing was opened."""
        if self.tasks.under_way("find_conversation"):
            self.tasks.forget("find_conversation")
            self.record("task.abandoned", task="find_conversation", how="cleared")

    # -- tasks ---------------------------------------------------------------------------------------------------

    def finish(self, task: str, *, success: bool) -> None:
        """The task has come to its end, if it was under way."""
        ended = self.tasks.end(task, self.now(), success=success)
        if ended is None:
            return
        self.record(
            "task.done",
            task=ended.task,
            success=ended.success,
            person_ms=ended.person_ms,
            model_ms=ended.model_ms,
            errors=ended.errors,
        )
        if success:
            self._task_done(task)

    def _known(self, kind: str, word: str) -> str:
        """Nothing is asked of the registry while nothing is recorded: reading it costs a start its time."""
        if not self._on():
            return "other"
        if self._lists is None:
            self._lists = self._words()
        return word if word in self._lists[kind] else "other"


_GROUPS = frozenset({"appearance", "conversation", "learning", "models", "voice"})
