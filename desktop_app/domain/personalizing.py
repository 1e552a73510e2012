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

USUAL_BYTES = 100_000_000
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


def seconds_expected(characters: int, model_bytes: int, epochs: int = 3) -> float:
    """About how long it takes on one free core: four characters a token, each seen once to prepare, then to learn.

    A model of `USUAL_BYTES` read 250 tokens a second when this was set, and was judged in about a minute; larger ones
    take longer in proportion.
    """
    size = max(1.0, model_bytes / USUAL_BYTES)
    return size * (75.0 + characters / 4 * (epochs + 1) / 250.0)
