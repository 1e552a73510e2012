"""What a person said yes to, and what follows from it for each metric.

A yes counts for the metrics as they were described when it was given: a newer or changed one stays off until asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from desktop_app.domain.metrics import Metric, Registry

Level = Literal["off", "counters", "events", "surveys"]
LEVELS: tuple[Level, ...] = ("off", "counters", "events", "surveys")
"""In this order: each records what the one before it does, and more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One entry of the log. `metrics` maps each name to its fingerprint; `wording_sha256` is of the question asked.

    `at` is in seconds since the epoch.
    """

    at: float
    level: Level
    metrics: dict[str, str] = field(default_factory=dict)
    registry_sha256: str = ""
    wording_sha256: str = ""
    version: str = ""


NOTHING = Consent(at=0.0, level="off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What may be kept now: daily counts of `metrics`, single events too if `events`, opinions if `surveys`."""

    metrics: dict[str, Metric] = field(default_factory=dict)
    events: bool = False
    surveys: bool = False


def permission(consent: Consent, registry: Registry, today: date) -> Permission:
    """Unexpired metrics that are exactly as they were when the person said yes."""
    if consent.level == "off":
        return Permission()
    surveys = consent.level == "surveys"
    known = {
        name: metric
        for name, metric in registry.metrics.items()
        if consent.metrics.get(name) == metric.fingerprint
        and today <= metric.expires
        and (surveys or not metric.surveys_only)
    }
    return Permission(metrics=known, events=consent.level != "counters", surveys=surveys)


def not_asked_about(consent: Consent, registry: Registry) -> tuple[str, ...]:
    """Names of metrics that are new or described differently since the yes; none while nothing is recorded."""
    if consent.level == "off":
        return ()
    return tuple(name for name, print_ in registry.fingerprints.items() if consent.metrics.get(name) != print_)
