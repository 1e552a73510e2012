"""Whether a training may begin by itself, and whether it must stop: charger, silence, night, time. Pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Obstacle = Literal["", "off", "battery", "busy", "hour", "time_cap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleRule:
    """Each part can be switched off: `quiet_minutes` 0, the same hour twice, `cap_minutes` 0."""

    enabled: bool = False
    charger: bool = True
    quiet_minutes: int = 10
    from_hour: int = 22
    to_hour: int = 7
    cap_minutes: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How things are now. `plugged` None: there is no battery. `quiet_s`: since the person did something."""

    plugged: bool | None
    quiet_s: float
    hour: int
    running_s: float = 0.0


def obstacle(rule: IdleRule, now: Moment) -> Obstacle:
    """Why not now; "" when nothing stands in the way."""
    if not rule.enabled:
        return "off"
    if rule.charger and now.plugged is False:
        return "battery"
    if now.quiet_s < rule.quiet_minutes * 60:
        return "busy"
    if not _in_window(now.hour, rule.from_hour, rule.to_hour):
        return "hour"
    if rule.cap_minutes and now.running_s > rule.cap_minutes * 60:
        return "time_cap"
    return ""


def _in_window(hour: int, begin: int, end: int) -> bool:
    """Hours from `begin` up to `end`, over midnight too; the same hour twice is always."""
    if begin == end:
        return True
    return begin <= hour < end if begin < end else hour >= begin or hour < end
