"""Compares a run with an earlier one, and keeps the numbers of all runs of a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_WORSE = 0.10
COMPARED = ("klm_s", "steps", "backtracks", "dead_clicks")
"""Times of the machine are left out: they depend on what else it is doing."""
KEPT_RUNS = 30
_KEPT = ("name", "way", "klm_s", "steps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A number that became worse by more than is allowed."""

    name: str
    way: str
    what: str
    before: float
    after: float

    @property
    def sentence(self) -> str:
        return f"{self.name}, {self.way}: {self.what} was {self.before:g} and is {self.after:g}"


def worse(told: dict[str, Any], baseline: dict[str, Any]) -> tuple[Change, ...]:
    """What is more than a tenth worse than in the baseline, scenario by scenario; new scenarios have no past."""
    past = {(one["name"], one["way"]): one for one in baseline["scenarios"] if not one.get("real")}
    found = []
    for one in told["scenarios"]:
        before = past.get((one["name"], one["way"]))
        for what in COMPARED if before and not one["real"] else ():
            if one[what] > before[what] * (1 + MOST_WORSE):  # type: ignore[index]
                found.append(Change(name=one["name"], way=one["way"], what=what, before=before[what], after=one[what]))  # type: ignore[index]
    return tuple(found)


class history:
    """`history.jsonl` of a report folder: one line a run."""

    @staticmethod
    def add(folder: Path, told: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        """Append this run; gives all kept runs, oldest first. Lines that cannot be read are left out."""
        path = folder / "history.jsonl"
        runs = [*_lines(path), {"made_at": told["made_at"], "scenarios": [_short(one) for one in told["scenarios"]]}]
        kept = runs[-KEPT_RUNS:]
        path.write_text("".join(json.dumps(run) + "\n" for run in kept), encoding="utf-8")
        return tuple(kept)

    @staticmethod
    def of(runs: Sequence[dict[str, Any]], name: str, way: str) -> tuple[float, ...]:
        """The seconds of one way over the runs."""
        return tuple(
            one["klm_s"] for run in runs for one in run["scenarios"] if (one["name"], one["way"]) == (name, way)
        )


def _short(one: dict[str, Any]) -> dict[str, Any]:
    return {key: one[key] for key in _KEPT}


def _lines(path: Path) -> list[dict[str, Any]]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found
