"""The last report of the scripted usability tests, where there is one: `usability_tests` writes it, this reads it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop_app.domain.insights import JourneyResult

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyReport:
    """`day` is when it was made, as written in it."""

    day: str = ""
    journeys: tuple[JourneyResult, ...] = ()


def last_report(candidates: Iterable[Path]) -> JourneyReport:
    """The newest report among `candidates`; an empty one where none can be read."""
    there = [path for path in candidates if path.is_file()]
    for path in sorted(there, key=lambda each: each.stat().st_mtime, reverse=True):
        try:
            return _report(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("the report of the usability tests could not be read: %s", error)
    return JourneyReport()


def _report(raw: Any) -> JourneyReport:
    found = raw["scenarios"]
    each = found.values() if isinstance(found, dict) else found
    return JourneyReport(day=str(raw.get("made_at", ""))[:10], journeys=tuple(map(_journey, each)))


def _journey(raw: Any) -> JourneyResult:
    stalls = raw.get("stalls", 0)
    return JourneyResult(
        name=str(raw.get("title") or raw["name"])[:80],
        way=str(raw.get("way", ""))[:20],
        klm_s=float(raw.get("klm_s", 0)),
        success=bool(raw["success"]),
        steps=int(raw["steps"]),
        optimum_steps=int(raw["optimum_steps"]),
        stalls=len(stalls) if isinstance(stalls, list) else int(stalls),
    )
