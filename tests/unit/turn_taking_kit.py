"""A room for the tests of turn-taking: a person, a machine that takes turns, and a clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from desktop_app.domain.turn_taking import step
from desktop_app.domain.turn_taking_state import Talk
from desktop_app.domain.turn_taking_values import (
    Action,
    AskFinal,
    AskPartial,
    BlockHeard,
    FinalHeard,
    Input,
    PartialHeard,
    SendTurn,
    Timing,
)

BLOCK_S = 0.04
TIMING = Timing()
A = TypeVar("A", bound=Action)


class Room:
    """A person, a machine that takes turns, and a clock. Nothing answers by itself."""

    def __init__(self, timing: Timing = TIMING) -> None:
        self.timing = timing
        self.now = 100.0
        self.talk = Talk()
        self.done: list[tuple[float, Action]] = []

    def happens(self, make: Callable[..., Input], **what: object) -> tuple[Action, ...]:
        self.talk, actions = step(self.talk, make(at=self.now, **what), self.timing)
        self.done += [(self.now, action) for action in actions]
        return actions

    def sound(self, seconds: float, *, speech: bool) -> Room:
        for _ in range(round(seconds / BLOCK_S)):
            self.now += BLOCK_S
            self.happens(BlockHeard, speech=speech)
        return self

    def speech(self, seconds: float) -> Room:
        return self.sound(seconds, speech=True)

    def silence(self, seconds: float) -> Room:
        return self.sound(seconds, speech=False)

    def partial(self, text: str, *, stops: bool = False) -> Room:
        self.happens(PartialHeard, number=self.all(AskPartial)[-1].number, text=text, stops=stops)
        return self

    def final(self, text: str, which: int = -1, *, stops: bool = False) -> Room:
        self.happens(FinalHeard, number=self.all(AskFinal)[which].number, text=text, stops=stops)
        return self

    def all(self, kind: type[A]) -> list[A]:
        return [action for _, action in self.done if isinstance(action, kind)]

    def when(self, kind: type[Action]) -> list[float]:
        return [at for at, action in self.done if isinstance(action, kind)]

    @property
    def phase(self) -> str:
        return self.talk.phase

    @property
    def sent(self) -> list[str]:
        return [turn.text for turn in self.all(SendTurn)]
