"""Signs of struggle, told from what a person does: rage clicks, backtracks, tasks begun and not brought to an end.

Pure state machines. Times are seconds on a clock that never goes back; places are opaque.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal

RAGE_PRESSES = 3
RAGE_S = 1.0
DEAD_S = 0.5
CLOSED_S = 3.0
RETURNED_S = 10.0
UNDONE_S = 10.0
RESENT_S = 30.0
TASK_S = 1800.0
"""A task that nobody came back to for this long is forgotten, neither done nor given up."""
Backtrack = Literal["closed", "returned"]


class RageClicks:
    """At least three presses within a second on the same place; each burst is told once, by its third press."""

    def __init__(self) -> None:
        self._place: Hashable = None
        self._presses: deque[float] = deque(maxlen=RAGE_PRESSES)

    def press(self, place: Hashable, at: float) -> bool:
        """Whether this press makes it a burst."""
        if place != self._place or (self._presses and at - self._presses[-1] > RAGE_S):
            self._presses.clear()
        told = len(self._presses) == RAGE_PRESSES
        self._place = place
        self._presses.append(at)
        full = len(self._presses) == RAGE_PRESSES
        return full and not told and self._presses[-1] - self._presses[0] <= RAGE_S


class Wandering:
    """Pages opened and left again with nothing done there: within three seconds ("closed"), within ten ("returned")."""

    def __init__(self) -> None:
        self._here = ""
        self._before = ""
        self._since = 0.0
        self._did = True

    def did_something(self) -> None:
        self._did = True

    def go(self, page: str, at: float) -> Backtrack | None:
        """Turn to `page`. Gives how it was a step back from the page that is left, if it was one."""
        if page == self._here:
            return None
        found: Backtrack | None = None
        if page == self._before and not self._did:
            away = at - self._since
            found = "closed" if away <= CLOSED_S else "returned" if away <= RETURNED_S else None
        self._before, self._here, self._since, self._did = self._here, page, at, False
        return found


@dataclass(slots=True, kw_only=True)
class Task:
    """What a person set out to do. `model_s` is time spent waiting for a model, which is not theirs."""

    name: str
    began: float
    model_s: float = 0.0
    errors: int = 0
    waiting_since: float | None = None

    def wait(self, at: float) -> None:
        """The model has the floor now."""
        if self.waiting_since is None:
            self.waiting_since = at

    def resume(self, at: float) -> None:
        if self.waiting_since is not None:
            self.model_s += at - self.waiting_since
            self.waiting_since = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a task ended, its time divided between person and model."""

    task: str
    success: bool
    person_ms: float
    model_ms: float
    errors: int


@dataclass(slots=True)
class Tasks:
    """Tasks under way, each at most once."""

    _open: dict[str, Task] = field(default_factory=dict)

    def begin(self, name: str, at: float) -> None:
        """The first input towards it; again while it is under way changes nothing."""
        known = self._open.get(name)
        if known is None or at - known.began > TASK_S:
            self._open[name] = Task(name=name, began=at)

    def under_way(self, name: str) -> bool:
        return name in self._open

    def wait(self, name: str, at: float) -> None:
        if task := self._open.get(name):
            task.wait(at)

    def resume(self, name: str, at: float) -> None:
        if task := self._open.get(name):
            task.resume(at)

    def error(self) -> None:
        """It counts for everything under way: nobody knows better."""
        for task in self._open.values():
            task.errors += 1

    def end(self, name: str, at: float, *, success: bool) -> Outcome | None:
        """None where it was not under way, or so long ago that it says nothing."""
        task = self._open.pop(name, None)
        if task is None or at - task.began > TASK_S:
            return None
        task.resume(at)
        person_ms = max(0.0, at - task.began - task.model_s) * 1000
        return Outcome(
            task=name, success=success, person_ms=person_ms, model_ms=task.model_s * 1000, errors=task.errors
        )

    def forget(self, name: str) -> None:
        self._open.pop(name, None)


def changed_words(heard: str, meant: str) -> tuple[int, int]:
    """How many words were heard, and how many edits (put in, taken out, replaced) made of them what was meant."""
    first, second = heard.casefold().split(), meant.casefold().split()
    row = list(range(len(second) + 1))
    for place, word in enumerate(first, 1):
        diagonal, row[0] = row[0], place
        for other, wanted in enumerate(second, 1):
            keep = diagonal + (word != wanted)
            diagonal, row[other] = row[other], min(keep, row[other] + 1, row[other - 1] + 1)
    return len(first), row[-1]
