"""The gate: what a new adapter must show before it may be offered, and the report card that says it in plain words.

Thresholds are data (`models/gates/*.toml`), each with its reason. How the numbers are got is `services/evaluation.py`'s
business. A gate that cannot measure something does not let it pass.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Outcome = Literal["passed", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One threshold. `compare`: the number itself, its difference to the base's, or its ratio to it.

    `level` is the error rate or the number of deviations of rules that depend on chance. A `hard` rule that fails ends
    the evaluation. `good` and `bad` are said when it passes and when it fails.
    """

    name: str
    title: str
    reason: str
    good: str
    bad: str
    compare: Literal["value", "difference", "ratio"] = "value"
    low: float | None = None
    high: float | None = None
    level: float = 0.0
    hard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured; drawn by the run's seed where there is more."""

    held_out: int = 24
    neutral_texts: int = 4
    base_texts: int = 8
    base_text_tokens: int = 24
    answers: int = 6
    answer_tokens: int = 40
    formats: int = 5
    refusals: int = 8
    opinions: int = 8
    pairs_per_axis: int = 5
    control_pairs: int = 20
    accepted: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """One file of `models/gates`. `version` also names the probes: base values of another version are not used."""

    name: str
    version: int
    check: tuple[Rule, ...]
    sizes: Sizes = field(default_factory=Sizes)

    def has(self, name: str) -> bool:
        return any(rule.name == name for rule in self.check)

    def rule(self, name: str) -> Rule:
        """Raises KeyError."""
        for rule in self.check:
            if rule.name == name:
                return rule
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was measured for one rule. `low` and `high` replace the rule's own where chance sets them.

    `note` is said after the rule's sentence.
    """

    name: str
    value: float
    base: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the report card. `passed` None: not run, because something before it had failed."""

    name: str
    title: str
    words: str
    reason: str
    value: float | None = None
    base: float | None = None
    bound: tuple[float | None, float | None] = (None, None)
    passed: bool | None = None
    hard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    outcome: Outcome
    checks: tuple[Check, ...]
    gate: str = ""
    gate_version: int = 0
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.passed is False)


def judge(rule: Rule, reading: Reading) -> Check:
    """Compare one measurement with its bound. What is not a finite number fails."""
    low = rule.low if reading.low is None else reading.low
    high = rule.high if reading.high is None else reading.high
    shown = _compared(rule, reading)
    passed = math.isfinite(shown) and (low is None or shown >= low) and (high is None or shown <= high)
    words = rule.good if passed else rule.bad
    return Check(
        name=rule.name,
        title=rule.title,
        words=f"{words} {reading.note}".strip(),
        reason=rule.reason,
        value=_finite(reading.value),
        base=_finite(reading.base),
        bound=_as_values(rule, reading, low, high),
        passed=passed,
        hard=rule.hard,
    )


def not_run(rule: Rule, why: str) -> Check:
    return Check(
        name=rule.name,
        title=rule.title,
        words=why,
        reason=rule.reason,
        bound=(rule.low, rule.high),
        hard=rule.hard,
    )


def decide(
    rules: GateRules,
    checks: Mapping[str, Check],
    *,
    seconds: float = 0.0,
    why: str = "",
    optional: Mapping[str, str] = MappingProxyType({}),
) -> Verdict:
    """The verdict over every rule, in the file's order: passed only when every single one was run and passed.

    `optional` names those that need not be run, and says why.
    """
    lines = tuple(
        checks.get(rule.name) or not_run(rule, optional.get(rule.name) or why or "Not run.") for rule in rules.check
    )
    good = bool(checks) and all(line.passed or (line.passed is None and line.name in optional) for line in lines)
    return Verdict(
        outcome="passed" if good else "rejected",
        checks=lines,
        gate=rules.name,
        gate_version=rules.version,
        seconds=seconds,
    )


def length_bounds(rule: Rule, liked_words: Sequence[int], disliked_words: Sequence[int]) -> tuple[float, float]:
    """The allowed ratio of answer lengths, opened towards the lengths that the person likes.

    Someone who likes short answers and dislikes long ones may get shorter ones, but never less than half of what that
    wish explains.
    """
    low, high = rule.low or 0.0, rule.high or math.inf
    if len(liked_words) < 3 or len(disliked_words) < 3:
        return low, high
    wish = (_middle(liked_words) + 1) / (_middle(disliked_words) + 1)
    return max(0.1, min(low, low * wish)), min(8.0, max(high, high * wish))


def _compared(rule: Rule, reading: Reading) -> float:
    if rule.compare == "value":
        return reading.value
    if reading.base is None:
        return math.nan
    if rule.compare == "difference":
        return reading.value - reading.base
    return reading.value / reading.base if reading.base else math.nan


def _as_values(
    rule: Rule, reading: Reading, low: float | None, high: float | None
) -> tuple[float | None, float | None]:
    """The bounds in the unit of the value, so that value and bound can be compared at a glance."""

    def turned(bound: float | None) -> float | None:
        if bound is None or rule.compare == "value" or reading.base is None:
            return bound
        return bound + reading.base if rule.compare == "difference" else bound * reading.base

    return turned(low), turned(high)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _middle(values: Sequence[int]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
