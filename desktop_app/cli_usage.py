"""`usage` and `insights`: what is recorded, what it says, and how to be rid of it, without a window."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from desktop_app.cli_words import say
from desktop_app.cli_words import usage as usage_error
from desktop_app.domain.consent import LEVELS, Level
from desktop_app.files import disk_errors

if TYPE_CHECKING:
    from desktop_app.services.services import Services
    from desktop_app.services.telemetry import UsageState

HOW = "stonechat usage status|on counters|events|surveys|off|pause|resume|show|metrics|export FILE|delete"
WORDING = "stonechat usage on {level}: a yes to every metric that `stonechat usage metrics` lists"


def usage(services: Services, arguments: argparse.Namespace) -> int:
    kept, as_json = services.usage, arguments.json
    match arguments.words or ["status"]:
        case ["status"]:
            _tell_status(kept.state(), as_json=as_json)
        case ["on", level] if level in LEVELS[1:]:
            kept.agree(cast(Level, level), WORDING.format(level=level))
            say(arguments, f"Recording {level}, on this device only.", level=level)
        case ["off"]:
            kept.agree("off")
            say(arguments, "Nothing is recorded, and what was recorded is erased.", level="off")
        case ["pause"]:
            kept.pause()
            _tell_status(kept.state(), as_json=as_json)
        case ["resume"]:
            kept.resume()
            _tell_status(kept.state(), as_json=as_json)
        case ["show"]:
            sys.stdout.buffer.write(kept.export())
            sys.stdout.flush()
        case ["metrics"]:
            _tell_metrics(services, as_json=as_json)
        case ["export", name]:
            shown = kept.export()
            digest = kept.save_export(shown, Path(name))
            say(arguments, f"Wrote {len(shown)} bytes, SHA-256 {digest}.", bytes=len(shown), sha256=digest)
        case ["delete"]:
            kept.delete()
            say(arguments, "Everything that was recorded is erased.", done="delete")
        case _:
            raise usage_error(HOW)
    return 0


def insights(services: Services, arguments: argparse.Namespace) -> int:
    if arguments.note:
        services.insights.note(arguments.note)
    found = services.insights.gather(arguments.days)
    if arguments.html:
        from desktop_app.services.insights_html import page

        path = Path(arguments.html)
        with disk_errors(path.parent):
            path.write_text(page(found), encoding="utf-8")
    if arguments.json:
        print(json.dumps(dataclasses.asdict(found), indent=2, default=_plain))
    elif arguments.html:
        print(f"Wrote {arguments.html}.")
    else:
        _tell_insights(found)
    return 0


def _tell_insights(found: Any) -> None:
    from desktop_app.services.insights_html import headline

    print(headline(found))
    for section in found.sections:
        print(f"\n{section.title}")
        for chart in section.charts:
            print(f"  {chart.title}: {chart.summary.told()}")
    print("\nWhat changed")
    for change in found.changes:
        print(f"  {change.day.isoformat()}  {change.text}")


def _tell_status(state: UsageState, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(dataclasses.asdict(state)))
        return
    print(f"Recording: {state.level}")
    if state.paused_until:
        print(f"Paused until {_moment(state.paused_until)}")
    if state.level != "off":
        print(f"Since {_moment(state.since)}: {state.events} events in {state.sessions} sessions, {state.bytes} bytes")
    if state.news:
        print(f"New or changed, off until you say yes again: {', '.join(state.news)}")


def _tell_metrics(services: Services, *, as_json: bool) -> None:
    metrics = services.usage.registry.metrics.values()
    if as_json:
        print(json.dumps([metric.as_dict() for metric in metrics], indent=2))
        return
    for metric in metrics:
        print(f"{metric.name}\n    {metric.about} {metric.purpose}")
        for extra in metric.extras:
            words = f": {', '.join(extra.choices)}" if extra.choices else ""
            print(f"    {extra.name} ({extra.type}{words}). {extra.about}")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
