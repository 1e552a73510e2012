"""The model library as commands: what is here, what could be fetched, whether it fits, bringing and removing it."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.cli_turn import stoppable
from desktop_app.cli_words import say, usage
from desktop_app.domain.model_fit import Fit
from desktop_app.domain.model_specs import FetchProgress
from desktop_app.ports import CancelToken
from desktop_app.services.model_import import Wanted
from desktop_app.services.teaching import MOST_LESSONS

if TYPE_CHECKING:
    from desktop_app.services.services import Services

GRAMMAR = (
    "stonechat models list|show ID|fit ID [TOKENS]|fetch ID...|pause ID|add FILE [MMPROJ] "
    "[--copy|--in-place]|remove ID|use ROLE ID|measure ID|quantize ID FORM|"
    "distil TEACHER STUDENT [MOST]"
)
VERDICTS = {"fits": "Fits", "slow": "May be slow", "wont_fit": "Won't fit"}


def models(services: Services, arguments: argparse.Namespace) -> int:
    action, *words = arguments.words or ["list"]
    known: dict[str, tuple[range, Callable[..., int]]] = {
        "list": (range(1), _list),
        "show": (range(1, 2), _show),
        "fit": (range(1, 3), _fit),
        "fetch": (range(1, 100), lambda s, a, *ids: fetch(s, ids, a)),
        "pause": (range(1, 2), _pause),
        "add": (range(1, 3), _add),
        "remove": (range(1, 2), _remove),
        "use": (range(2, 3), _use),
        "measure": (range(1, 2), _measure),
        "quantize": (range(2, 3), _quantize),
        "distil": (range(2, 4), _distil),
    }
    if action not in known or len(words) not in known[action][0]:
        raise usage(GRAMMAR)
    return known[action][1](services, arguments, *words)


def fetch(services: Services, ids: Sequence[str], arguments: argparse.Namespace) -> int:
    """Bring these models, with progress."""
    last = ""
    for progress in services.library.fetch(ids, CancelToken()):
        if arguments.json:
            print(json.dumps({"event": "progress", **dataclasses.asdict(progress)}), flush=True)
            continue
        share = progress.done / progress.total if progress.total else 1.0
        line = f"{progress.model_id:22} {progress.stage:10} {share:4.0%}  [{'#' * int(share * 30):30}]"
        if sys.stdout.isatty():
            print("\r" + line, end="", flush=True)
        elif (mark := f"{progress.model_id} {progress.stage}") != last:
            last = mark
            print(line, flush=True)
    if not arguments.json:
        print("\nAll of it is here.")
    return 0


def _list(services: Services, arguments: argparse.Namespace) -> int:
    installed = services.library.installed()
    here = {model.id for model in installed}
    offered = [spec for spec in services.library.catalog() if spec.id not in here]
    if arguments.json:
        rows: list[dict[str, Any]] = [{**dataclasses.asdict(model), "installed": True} for model in installed]
        rows += [{**_card(spec), "installed": False} for spec in offered]
        print(json.dumps(rows, indent=2))
        return 0
    for model in installed:
        print(f"{model.id:24} {model.role:10} {model.bytes / 1e6:8.0f} MB  {model.title}")
    machine = services.fits.machine()
    print("\nCan be fetched with: stonechat models fetch ID")
    for spec in offered:
        fit = VERDICTS[services.fits.offered(spec, machine).verdict]
        print(f"{spec.id:24} {spec.role:10} {spec.bytes / 1e6:8.0f} MB  {fit:12} {spec.title}")
    return 0


def _show(services: Services, arguments: argparse.Namespace, model_id: str) -> int:
    from desktop_app.services.model_cards import card_text

    installed = [dataclasses.asdict(model) for model in services.library.installed() if model.id == model_id]
    known = [spec for spec in services.library.catalog() if spec.id == model_id]
    if not installed and not known:
        services.library.spec(model_id)
    text = card_text(known[0]) if known else ""
    if arguments.json:
        facts = _card(known[0]) if known else {}
        print(json.dumps({**facts, **(installed[0] if installed else {}), "installed": bool(installed), "card": text}))
    else:
        print(text or "\n".join(f"{name}: {value}" for name, value in installed[0].items()))
        print("\nInstalled." if installed else f"\nNot installed: stonechat models fetch {model_id}")
    return 0


def _fit(services: Services, arguments: argparse.Namespace, model_id: str, tokens: str = "0") -> int:
    if not tokens.isdecimal():
        raise usage(GRAMMAR)
    fit = services.fits.of(model_id, context_tokens=int(tokens))
    if arguments.json:
        print(json.dumps({**dataclasses.asdict(fit), "needed": fit.needed}))
    else:
        print(f"{VERDICTS[fit.verdict]}.")
        for name, value in arithmetic(fit):
            print(f"  {name:24} {value / 1e6:9,.0f} MB")
        if fit.tokens_per_s:
            print(f"  about {fit.tokens_per_s:.0f} tokens a second, estimated")
    return 0


def arithmetic(fit: Fit) -> tuple[tuple[str, int], ...]:
    """The sum, line by line, in bytes."""
    return (
        ("weights", fit.weights),
        ("eyes", fit.projector),
        ("memory of the context", fit.cache),
        ("program and buffers", fit.overhead),
        ("together", fit.needed),
        ("free on this machine", fit.free),
    )


def _pause(services: Services, arguments: argparse.Namespace, model_id: str) -> int:
    services.library.pause(model_id)
    return say(arguments, "Paused; fetch it again to go on.", done="pause", id=model_id)


def _add(services: Services, arguments: argparse.Namespace, file: str, projector: str = "") -> int:
    wanted = Wanted(path=Path(file), projector=Path(projector) if projector else None, place=arguments.place)
    with stoppable() as cancel:
        added = services.library.add(wanted, cancel=cancel)
    return say(arguments, f"Added {added.id}.", **dataclasses.asdict(added))


def _remove(services: Services, arguments: argparse.Namespace, model_id: str) -> int:
    services.library.remove(model_id)
    return say(arguments, "Done.", done="remove", id=model_id)


def _use(services: Services, arguments: argparse.Namespace, role: str, model_id: str) -> int:
    services.library.use(role, model_id)  # type: ignore[arg-type]
    return say(arguments, "Done.", done="use", id=model_id)


def _measure(services: Services, arguments: argparse.Namespace, model_id: str) -> int:
    found = services.measure.measure(model_id, CancelToken())
    sentence = (
        f"Reads {found.prompt_per_s:.0f} and writes {found.answer_per_s:.0f} tokens a second; first token after "
        f"{found.first_token_ms:.0f} ms; {found.memory_bytes / 1e6:.0f} MB; perplexity {found.perplexity:.2f}."
    )
    return say(arguments, sentence, id=model_id, **dataclasses.asdict(found))


def _quantize(services: Services, arguments: argparse.Namespace, model_id: str, kind: str) -> int:
    """Make the smaller form, then measure both, so that what it cost is known."""
    for step in services.shrink.shrink(model_id, kind.upper(), CancelToken()):
        if isinstance(step, FetchProgress):
            if sys.stdout.isatty() and not arguments.json:
                print(f"\r{step.done / 1e6:8.0f} MB", end="", flush=True)
            continue
        before, after = (services.measure.measure(each, CancelToken()) for each in (model_id, step.id))
        old = services.library.find(model_id)
        sentence = (
            f"\nAdded {step.id}: {step.bytes / 1e6:.0f} instead of {old.bytes / 1e6:.0f} MB, perplexity "
            f"{after.perplexity:.2f} instead of {before.perplexity:.2f}, {after.answer_per_s:.0f} instead of "
            f"{before.answer_per_s:.0f} tokens a second."
        )
        facts = {"before": dataclasses.asdict(before), "after": dataclasses.asdict(after)}
        return say(arguments, sentence, id=step.id, bytes=step.bytes, **facts)
    return 0


def _distil(services: Services, arguments: argparse.Namespace, teacher: str, student: str, most: str = "") -> int:
    """The teacher answers the person's own questions; `personalize` learns from that as from ratings."""
    if most and not most.isdecimal():
        raise usage(GRAMMAR)
    done = total = 0
    with stoppable() as cancel:
        for step in services.teaching.teach(teacher, student, cancel, most=int(most or MOST_LESSONS)):
            done, total = step.done, step.total
            if sys.stdout.isatty() and not arguments.json:
                print(f"\r{done} of {total} questions", end="", flush=True)
    lessons = sum(each.student_sha256 == services.library.find(student).sha256 for each in services.teaching.lessons())
    sentence = f"\n{lessons} answers wait to be learned from, with your ratings: stonechat personalize"
    return say(arguments, sentence, id=student, teacher=teacher, questions=total, lessons=lessons)


def _card(spec: Any) -> dict[str, Any]:
    names = ("id", "role", "title", "licence", "origin", "summary", "languages", "context_tokens", "series", "size")
    return {**{name: getattr(spec, name) for name in names}, "bytes": spec.bytes, "sees_pictures": bool(spec.projector)}
