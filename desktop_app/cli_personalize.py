"""`personalize` and `adapters`: from ratings to an adapter, and everything that can be done with one."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.cli_turn import stoppable
from desktop_app.domain.personalizing import Paused, Personalized, StageProgress
from desktop_app.errors import UserCanFix
from desktop_app.services.adapter_card import report_lines, report_object

if TYPE_CHECKING:
    from desktop_app.domain.adapters import Adapter
    from desktop_app.services.services import Services

_HOW = "list|use ID|off|report ID|compare ID PROMPT...|export ID FILE|import FILE|remove ID [--strength S]"


def personalize(services: Services, arguments: argparse.Namespace) -> int:
    """Exit code 0 whatever the verdict: "no update" is a result."""
    ended: Personalized | None = None
    last = ""
    with stoppable() as cancel:
        for event in services.personalization.personalize(
            recipe_id=arguments.recipe or "",
            force_small=arguments.force_small,
            dry_run=arguments.dry_run,
            cancel=cancel,
        ):
            if isinstance(event, Personalized):
                ended = event
            elif not arguments.json:
                last = _show(event, last)
    assert ended is not None
    if arguments.json:
        print(json.dumps(personalized_object(ended), indent=2))
    else:
        _tell(ended)
    return 0


def personalized_object(ended: Personalized) -> dict[str, Any]:
    """What `personalize --json` prints."""
    verdict = ended.verdict
    return {
        "adapter_id": ended.adapter_id,
        "verdict": ended.outcome,
        "checks": report_object(verdict)["checks"] if verdict else [],
        "examples": {"train": ended.train, "held_out": ended.held_out},
        "seconds": {
            name: round(ended.seconds.get(name, 0.0), 2) for name in ("dataset", "cache", "train", "export", "gate")
        },
        "tokens_per_second": round(ended.tokens_per_second, 1),
        "peak_memory_mb": round(ended.peak_memory_mb, 1),
    }


def adapters(services: Services, arguments: argparse.Namespace) -> int:
    words = arguments.words or ["list"]
    action, rest = words[0], words[1:]
    if action == "list" and not rest:
        return _list(services, arguments)
    if action == "off" and not rest:
        return _done([_adapter_object(each) for each in services.adapters.off()], arguments, "No adapter is in use.")
    if action == "use" and len(rest) == 1:
        return _use(services, arguments, rest[0])
    if action == "report" and len(rest) == 1:
        return _report(services, arguments, rest[0])
    if action == "compare" and len(rest) >= 2:
        return _compare(services, arguments, rest[0], rest[1:])
    if action == "export" and len(rest) == 2:
        made = services.personalization.export(rest[0], Path(rest[1]))
        return _done({"done": "export", "id": made.id, "file": rest[1]}, arguments, f"Written: {rest[1]}")
    if action == "import" and len(rest) == 1:
        return _import(services, arguments, Path(rest[0]))
    if action == "remove" and len(rest) == 1:
        services.adapters.remove(rest[0])
        return _done({"done": "remove", "id": rest[0]}, arguments, "Removed.")
    error = UserCanFix("cli.usage", "This command is not complete.", remedy=f"Write: stonechat adapters {_HOW}")
    error.exit_code = 2
    raise error


def _list(services: Services, arguments: argparse.Namespace) -> int:
    found = services.adapters.list(all_states=arguments.json)
    lines = [
        f"{each.id}  {each.state:10} {each.strength:4.0%}  {each.lineage.base_name},"
        f" {each.lineage.recipe or each.lineage.origin}, {len(each.lineage.learned_from)} ratings"
        for each in found
    ]
    return _done([_adapter_object(each) for each in found], arguments, "\n".join(lines) or "There are no adapters yet.")


def _use(services: Services, arguments: argparse.Namespace, adapter_id: str) -> int:
    base = services.library.chosen("language")
    strength = 1.0 if arguments.strength is None else arguments.strength
    used = services.adapters.use(adapter_id, base.sha256, strength=strength)
    return _done(_adapter_object(used), arguments, f"In use: {used.id} at {used.strength:.0%}.")


def _report(services: Services, arguments: argparse.Namespace, adapter_id: str) -> int:
    verdict = services.adapters.report(adapter_id)
    found = {"adapter_id": services.adapters.find(adapter_id).id, **report_object(verdict)}
    return _done(found, arguments, "\n".join([f"Verdict: {verdict.outcome}", *report_lines(verdict)]))


def _compare(services: Services, arguments: argparse.Namespace, adapter_id: str, prompts: list[str]) -> int:
    strength = 1.0 if arguments.strength is None else arguments.strength
    pairs = []
    with stoppable() as cancel:
        for prompt in prompts:
            base, adapted = services.blind.answers(adapter_id, prompt, cancel, seed=1, strength=strength)
            pairs.append({"prompt": prompt, "base": base, "adapter": adapted})
    lines = [f"{each['prompt']}\n\nwithout: {each['base']}\n\nwith:    {each['adapter']}\n" for each in pairs]
    return _done(pairs, arguments, "\n".join(lines))


def _import(services: Services, arguments: argparse.Namespace, source: Path) -> int:
    with stoppable() as cancel:
        taken, verdict = services.personalization.take_in(source, cancel)
    found = {"adapter_id": taken.id, **report_object(verdict)}
    return _done(found, arguments, "\n".join([f"{taken.id}: {verdict.outcome}", *report_lines(verdict)]))


def _adapter_object(adapter: Adapter) -> dict[str, Any]:
    made = adapter.lineage
    return {
        "id": adapter.id,
        "state": adapter.state,
        "active": adapter.state == "active",
        "strength": adapter.strength,
        "origin": made.origin,
        "base": made.base_name,
        "base_sha256": made.base_sha256,
        "recipe": made.recipe,
        "seed": made.seed,
        "parent_id": made.parent_id,
        "learned_from": len(made.learned_from),
        "judged_on": len(made.judged_on),
        "created_at": adapter.created_at,
    }


def _done(found: Any, arguments: argparse.Namespace, text: str) -> int:
    print(json.dumps(found, indent=2) if arguments.json else text)
    return 0


def _show(event: StageProgress | Paused, last: str) -> str:
    """One line a step for a terminal; gives the line, so that it is not said twice."""
    if isinstance(event, Paused):
        line = f"{event.stage}: paused"
    else:
        left = f", {event.seconds_left:.0f} s left" if event.seconds_left >= 0 else ""
        line = f"{event.stage}: {event.words or 'started'}{left}"
        if not sys.stdout.isatty():
            line = f"{event.stage}: {event.words or 'started'}"
    if line != last:
        print(line, flush=True)
    return line


def _tell(ended: Personalized) -> None:
    if ended.verdict is None:
        print(f"{ended.train} examples would be learned from, {ended.held_out} would judge. Nothing was done.")
        return
    for line in report_lines(ended.verdict):
        print(line)
    if ended.outcome == "passed":
        print(f"\nThe adapter {ended.adapter_id} passed. Use it with: stonechat adapters use {ended.adapter_id}")
    else:
        print("\nNo update: the adapter did not pass. Nothing has changed.")


def add_commands(add: Any) -> None:
    """Declare both commands. `add(name, command, help)` gives their parser."""
    made = add("personalize", personalize, "make an adapter from the ratings and judge it")
    made.add_argument("--recipe", metavar="R")
    made.add_argument("--dry-run", action="store_true", help="only say what would be used")
    made.add_argument("--force-small", action="store_true", help="with fewer ratings than advisable")
    many = add("adapters", adapters, _HOW)
    many.add_argument("words", nargs="*")
    many.add_argument("--strength", type=float, metavar="S")
