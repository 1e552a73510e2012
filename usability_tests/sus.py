"""Scores what people filled in: the System Usability Scale (Brooke, 1996) and the Single Ease Question of each task."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

QUESTIONS = 10
ENOUGH = 8
"""Fewer answers than this are shown, and called not enough."""
AVERAGE = 68.0
_T95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
"""Student's t, two-sided 95 %, for 1 to 10 degrees of freedom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A mean with its 95 % interval; `low` and `high` are the mean itself where one person answered."""

    n: int
    mean: float
    low: float
    high: float

    @property
    def sentence(self) -> str:
        told = f"{self.mean:.1f} ({self.low:.1f} to {self.high:.1f}, n = {self.n})"
        return told if self.n >= ENOUGH else f"{told}: not enough to conclude"


def sus(answers: Sequence[int]) -> float:
    """0 to 100. Odd questions count their answer less one, even ones five less their answer. Raises ValueError."""
    if len(answers) != QUESTIONS or any(answer not in range(1, 6) for answer in answers):
        raise ValueError("SUS needs ten answers from 1 to 5")
    odd = sum(answer - 1 for answer in answers[::2])
    even = sum(5 - answer for answer in answers[1::2])
    return (odd + even) * 2.5


def score(values: Sequence[float]) -> Score:
    """Raises ValueError without values."""
    if not values:
        raise ValueError("nobody has answered")
    middle = mean(values)
    if len(values) == 1:
        return Score(n=1, mean=middle, low=middle, high=middle)
    t = _T95[len(values) - 2] if len(values) - 2 < len(_T95) else 1.96
    half = t * stdev(values) / math.sqrt(len(values))
    return Score(n=len(values), mean=middle, low=middle - half, high=middle + half)


def tell(folder: Path, say: Callable[[str], None]) -> int:
    """Say the scores of all sheets in a folder. 1 where there is none."""
    sheets = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))]
    sheets = [sheet for sheet in sheets if sheet.get("consent")]
    if not sheets:
        say(f"No sheet with consent in {folder}: nobody has taken part yet.")
        return 1
    asked = [sus(sheet["sus"]) for sheet in sheets if "sus" in sheet]
    if asked:
        say(f"SUS {score(asked).sentence}; the average of many products is {AVERAGE:g}")
    for task, values in _by_task(sheets, "seq").items():
        done = _by_task(sheets, "done").get(task, [])
        reached = f", {sum(done)} of {len(done)} reached the goal" if done else ""
        say(f"{task}: SEQ {score(values).sentence}{reached}")
    return 0


def _by_task(sheets: Sequence[dict[str, Any]], what: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for sheet in sheets:
        for task, value in sheet.get(what, {}).items():
            found.setdefault(task, []).append(value)
    return found
