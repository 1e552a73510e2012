"""The three questionnaires: their items, how they are scored, and when one may be asked. Pure rules.

SEQ: one item after a task, 1 to 7 (Sauro and Dumas, 2009). UMUX-Lite: two items, 1 to 7 (Lewis, Utesch and Maher,
2013). SUS: ten items, 1 to 5 (Brooke, 1996).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Instrument = Literal["seq", "umux_lite", "sus"]
Outcome = Literal["answered", "later", "never"]
UMUX_EVERY_DAYS = 90
UMUX_SESSIONS = 5
POINTS: dict[Instrument, int] = {"seq": 7, "umux_lite": 7, "sus": 5}
ITEMS: dict[Instrument, tuple[str, ...]] = {
    "seq": ("Overall, this task was",),
    "umux_lite": ("Stonechat's capabilities meet my requirements.", "Stonechat is easy to use."),
    "sus": (
        "I think that I would like to use Stonechat frequently.",
        "I found Stonechat unnecessarily complex.",
        "I thought Stonechat was easy to use.",
        "I think that I would need the support of a technical person to be able to use Stonechat.",
        "I found the various functions in Stonechat were well integrated.",
        "I thought there was too much inconsistency in Stonechat.",
        "I would imagine that most people would learn to use Stonechat very quickly.",
        "I found Stonechat very awkward to use.",
        "I felt very confident using Stonechat.",
        "I needed to learn a lot of things before I could get going with Stonechat.",
    ),
}
"""The published wording, with the name of the product: other words would not be the same instrument."""
SCALES: dict[Instrument, tuple[float, float]] = {"seq": (1, 7), "umux_lite": (0, 100), "sus": (0, 100)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One time that a questionnaire was put: `day` is a day's ordinal, `task` what it was about, "" for the whole.

    `items` and `score` are there only for an answer.
    """

    instrument: Instrument
    day: int
    outcome: Outcome
    task: str = ""
    items: tuple[int, ...] = ()
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Now: the day's ordinal, sessions so far, the task just done ("" for none), whether nothing else goes on."""

    day: int
    sessions: int
    idle: bool
    task: str = ""


def score(instrument: Instrument, items: Sequence[int]) -> float:
    """SEQ: the point itself; UMUX-Lite and SUS: 0 to 100. Raises ValueError for answers off the scale."""
    points = POINTS[instrument]
    if len(items) != len(ITEMS[instrument]) or not all(1 <= item <= points for item in items):
        raise ValueError(f"{instrument} has {len(ITEMS[instrument])} items from 1 to {points}")
    if instrument == "seq":
        return float(items[0])
    if instrument == "umux_lite":
        return (sum(items) - 2) * 100 / 12
    return sum(item - 1 if place % 2 == 0 else 5 - item for place, item in enumerate(items)) * 2.5


def due(moment: Moment, asked: Iterable[Asked]) -> Instrument | None:
    """What may be asked now, if anything. A day that is still to come (the clock went back) counts as today."""
    history = [(each, max(0, moment.day - each.day)) for each in asked]
    if not moment.idle or any(age == 0 for _, age in history):
        return None
    if moment.task and not any(each.instrument == "seq" and each.task == moment.task for each, _ in history):
        return "seq"
    pulses = [age for each, age in history if each.instrument == "umux_lite"]
    if moment.sessions >= UMUX_SESSIONS and all(age >= UMUX_EVERY_DAYS for age in pulses):
        return "umux_lite"
    return None
