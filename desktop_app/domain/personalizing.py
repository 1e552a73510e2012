"""A personalization as it goes: its stages, what is told meanwhile, what comes out. Pure values and rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from desktop_app.domain.dataset import Readiness
from desktop_app.domain.gate import Verdict
from desktop_app.domain.training import Phase

Stage = Literal["dataset", "cache", "train", "export", "gate", "done"]
STAGES: tuple[Stage, ...] = ("dataset", "cache", "train", "export", "gate")
Outcome = Literal["passed", "rejected", "dry_run"]

STAGE_OF: dict[Phase, Stage] = {
    "checking": "cache",
    "weights": "cache",
    "words": "cache",
    "replay": "cache",
    "cache": "cache",
    "training": "train",
    "export": "export",
}
"""The stage in which each phase of the trainer falls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One line of the journal. `removed` are feedback ids that the person left out; `small` ignores the least count."""

    adapter_id: str
    model_id: str
    base_sha256: str
    recipe: str
    stage: str
    removed: frozenset[str]
    small: bool
    started_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be used, before anything begins. `refusal` says why the model cannot be trained here, "" if it can.

    `counts` is by source: rating, edit, pick, signal. `seconds` is about how long it takes.
    """

    readiness: Readiness
    train: int
    held_out: int
    counts: dict[str, int]
    seconds: float
    model_title: str = ""
    base_sha256: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageProgress:
    """`done` of `total` of this stage; `seconds_left` of everything, below 0 while unknown. `words` name the step."""

    stage: Stage
    done: int
    total: int
    seconds_left: float = -1.0
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Personalized:
    """The end. `adapter_id` is "" for a dry run."""

    adapter_id: str
    outcome: Outcome
    train: int
    held_out: int
    verdict: Verdict | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    tokens_per_second: float = 0.0
    peak_memory_mb: float = 0.0


PersonalizeEvent = StageProgress | Paused | Personalized


def seconds_expected(characters: int, tokens_per_second: float = 0.0, epochs: int = 3) -> float:
    """About how long it takes: four characters a token, each seen once to prepare and `epochs` times to learn.

    Without a measured speed, that of a small model on one core is taken; the checks take about a minute.
    """
    tokens = characters / 4
    return 75.0 + tokens * (epochs + 1) / (tokens_per_second or 250.0)
