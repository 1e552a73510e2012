"""How the machine is now, for the rule that begins a training by itself."""

from __future__ import annotations

import time

from desktop_app.domain.idle import IdleRule, Moment
from desktop_app.settings import Settings


def rule_of(settings: Settings) -> IdleRule:
    return IdleRule(
        enabled=settings.personalize_idle,
        charger=settings.personalize_charger,
        quiet_minutes=settings.personalize_quiet_minutes,
        from_hour=settings.personalize_from_hour,
        to_hour=settings.personalize_to_hour,
        cap_minutes=settings.personalize_cap_minutes,
    )


def moment(*, quiet_s: float, running_s: float = 0.0) -> Moment:
    return Moment(plugged=plugged(), quiet_s=quiet_s, hour=time.localtime().tm_hour, running_s=running_s)


def plugged() -> bool | None:
    """None where there is no battery, or nobody can tell."""
    import psutil

    look = getattr(psutil, "sensors_battery", None)
    battery = look() if look else None
    return None if battery is None else bool(battery.power_plugged)
