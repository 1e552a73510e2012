"""Scenarios as they are written in `scenarios/*.toml`: a task in a person's words, where it starts, ways to do it.

A way is a list of lines, each one thing that a person does: `click NAME`, `hover NAME`, `press KEYS`, `type WORDS`.
Beside these stand `wait CONDITION` (the person waits) and `see WORDS` (what must be readable now). Names are accessible
names; `*` stands for anything.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "scenarios"
HUMAN = ("click", "hover", "press", "type")
SILENT = ("wait", "see")
MODELS = ("language", "hearing", "voice", "labels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`verb` and what it is about, as written; `line` is both."""

    verb: str
    what: str

    @property
    def line(self) -> str:
        return f"{self.verb} {self.what}"

    @property
    def counts(self) -> bool:
        """Whether the person has to do something."""
        return self.verb in HUMAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way through: `mouse` or `keyboard`. `optimum` is the least number of steps that the design allows."""

    name: str
    steps: tuple[Step, ...]
    optimum: int
    budget_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation that is there already: questions and answers in turn."""

    title: str
    turns: tuple[tuple[str, str], ...]
    days_ago: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How the window is found. `answers` are said one after the other, `files` is what a file dialog gives,
    `recording` how much of the use the person allowed to be recorded."""

    models: tuple[str, ...] = MODELS
    talks: tuple[Talk, ...] = ()
    open: str = ""
    answers: tuple[tuple[str, ...], ...] = ()
    hears: str = ""
    files: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    size: tuple[int, int] = (1180, 820)
    first: bool = False
    recording: str = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`success` are the predicates that hold when the task is done. `real`: also tried with the starter models."""

    id: str
    title: str
    task: str
    start: Start
    ways: tuple[Way, ...]
    success: tuple[str, ...]
    real: bool = False


def all_scenarios(folder: Path = FOLDER) -> tuple[Scenario, ...]:
    """In the order of their file names. Raises ValueError with the file and what is wrong in it."""
    return tuple(read(path) for path in sorted(folder.glob("*.toml")))


def read(path: Path) -> Scenario:
    try:
        return _scenario(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def _scenario(name: str, found: dict[str, Any]) -> Scenario:
    ways = tuple(_way(way, found.pop(way)) for way in ("mouse", "keyboard") if way in found)
    if not ways:
        raise ValueError("no way through it")
    return Scenario(
        id=name.split("-", 1)[1] if name[:2].isdigit() else name,
        ways=ways,
        start=_start(found.pop("start", {})),
        success=tuple(found.pop("success")),
        **found,
    )


def _way(name: str, found: dict[str, Any]) -> Way:
    steps = tuple(_step(line) for line in found["steps"])
    return Way(name=name, steps=steps, optimum=found["optimum"], budget_s=found["budget_s"])


def _step(line: str) -> Step:
    verb, _, what = line.partition(" ")
    if verb not in (*HUMAN, *SILENT) or not what:
        raise ValueError(f"“{line}” is no step")
    return Step(verb=verb, what=what)


def _start(found: dict[str, Any]) -> Start:
    talks = tuple(
        Talk(
            title=talk["title"],
            turns=tuple((asked, answered) for asked, answered in talk["turns"]),
            days_ago=talk.get("days_ago", 0.0),
        )
        for talk in found.pop("talks", ())
    )
    tuples = {key: tuple(found.pop(key)) for key in ("models", "files", "size") if key in found}
    answers = tuple(tuple(pieces) for pieces in found.pop("answers", ()))
    return Start(talks=talks, answers=answers, **tuples, **found)  # type: ignore[arg-type]
