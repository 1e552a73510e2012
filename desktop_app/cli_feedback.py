"""`rate`, `prefer`, `feedback` and `rules`: what the window does with ratings, without a window."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.cli_words import usage
from desktop_app.domain.feedback import AnyOpinion, Pick, Rating, Reason, kind_of, reason_from

if TYPE_CHECKING:
    from desktop_app.services.services import Services

Command = Callable[["Services", argparse.Namespace], int]
AddCommand = Callable[[str, Command, str], argparse.ArgumentParser]
FEEDBACK_USE = "stonechat feedback list|export FILE|import FILE.jsonl|withdraw ID"
RULES_USE = "stonechat rules list|propose|accept KEY|refuse KEY|add TEXT|edit ID TEXT|remove ID"


def register(add: AddCommand) -> None:
    rating = add("rate", rate, "say what an answer was like")
    rating.add_argument("answer_id", metavar="ANSWER_ID")
    thumb = rating.add_mutually_exclusive_group()
    thumb.add_argument("--up", dest="liked", action="store_true", default=None, help="it was good")
    thumb.add_argument("--down", dest="liked", action="store_false", default=None, help="it was not")
    rating.add_argument("--reason", action="append", metavar="R", help="too_long, tone, ... or words of your own")
    rating.add_argument("--better", metavar="TEXT", help="the answer as it should have been")
    rating.add_argument("--comment", metavar="TEXT")
    pick = add("prefer", prefer, "of two answers to one question, this one")
    pick.add_argument("answer_id", metavar="ANSWER_ID")
    pick.add_argument("over", metavar="OVER_ANSWER_ID")
    add("feedback", feedback, "list, export FILE, import FILE.jsonl, withdraw ID").add_argument("words", nargs="*")
    add("rules", rules, "list, propose, accept KEY, refuse KEY, add TEXT, edit ID TEXT, remove ID").add_argument(
        "words", nargs="*"
    )


def rate(services: Services, arguments: argparse.Namespace) -> int:
    kept = services.feedback.rate(
        arguments.answer_id,
        liked=arguments.liked,
        reasons=None if arguments.reason is None else [reason_from(text) for text in arguments.reason],
        comment=arguments.comment,
        better=arguments.better,
    )
    _say(shown(kept), f"Kept as {kept.id}.", as_json=arguments.json)
    return 0


def prefer(services: Services, arguments: argparse.Namespace) -> int:
    kept = services.feedback.prefer(arguments.answer_id, arguments.over)
    _say(shown(kept), f"Kept as {kept.id}.", as_json=arguments.json)
    return 0


def feedback(services: Services, arguments: argparse.Namespace) -> int:
    from desktop_app.services.feedback_files import export_to, import_from

    action, rest = (arguments.words[0], arguments.words[1:]) if arguments.words else ("list", [])
    kept = services.feedback
    if action == "list" and not rest:
        found = kept.list()
        _say([shown(each) for each in found], "\n".join(map(_line, found)), as_json=arguments.json)
    elif action == "export" and len(rest) == 1:
        count = export_to(kept, Path(rest[0]))
        _say({"done": "export", "count": count}, f"{count} written.", as_json=arguments.json)
    elif action == "import" and len(rest) == 1:
        count = import_from(kept, Path(rest[0]))
        _say({"done": "import", "count": count}, f"{count} new.", as_json=arguments.json)
    elif action == "withdraw" and len(rest) == 1:
        kept.withdraw(rest[0])
        _say({"done": "withdraw", "id": rest[0]}, "Withdrawn.", as_json=arguments.json)
    else:
        raise usage(FEEDBACK_USE)
    return 0


def rules(services: Services, arguments: argparse.Namespace) -> int:
    words: Sequence[str] = arguments.words or ["list"]
    action, rest, learned = words[0], words[1:], services.learned
    if action in ("list", "propose") and not rest:
        listed: Sequence[Any] = learned.rules() if action == "list" else learned.proposals()
        lines = [f"{getattr(each, 'id', '') or each.key}  {each.text}" for each in listed]
        _say([dataclasses.asdict(each) for each in listed], "\n".join(lines), as_json=arguments.json)
        return 0
    made: object = None
    if action == "accept" and rest:
        made = learned.accept(rest[0], " ".join(rest[1:]))
    elif action == "refuse" and len(rest) == 1:
        learned.refuse(rest[0])
    elif action == "add" and rest:
        made = learned.add(" ".join(rest))
    elif action == "edit" and len(rest) > 1:
        made = learned.edit(rest[0], " ".join(rest[1:]))
    elif action == "remove" and len(rest) == 1:
        learned.remove(rest[0])
    else:
        raise usage(RULES_USE)
    done = dataclasses.asdict(made) if made is not None else {"done": action}  # type: ignore[call-overload]
    _say(done, "Done.", as_json=arguments.json)
    return 0


def shown(opinion: AnyOpinion) -> dict[str, Any]:
    """What `--json` prints of an opinion."""
    found: dict[str, Any] = {
        "id": opinion.id,
        "kind": kind_of(opinion),
        "conversation_id": opinion.conversation_id,
        "answer_id": opinion.answer_id,
        "prompt": opinion.question,
        "answer": opinion.answer,
        "created_at": opinion.created_at,
        "model": opinion.provenance.model,
        "adapter": opinion.provenance.adapter,
        "seed": opinion.provenance.seed,
        "rules": opinion.provenance.rules,
        "examples": opinion.provenance.examples,
        "timings": dataclasses.asdict(opinion.timings),
    }
    if isinstance(opinion, Rating):
        reasons = [reason.text for reason in opinion.reasons]
        thumb = None if opinion.liked is None else "up" if opinion.liked else "down"
        return found | {"rating": thumb, "reasons": reasons, "comment": opinion.comment, "better": opinion.better}
    if isinstance(opinion, Pick):
        return found | {"over": opinion.worse_id, "over_text": opinion.worse}
    return found | {"signal": opinion.kind}


def _line(opinion: AnyOpinion) -> str:
    if isinstance(opinion, Rating):
        thumb = {True: "up", False: "down", None: "-"}[opinion.liked]
        said = ", ".join(filter(None, (*map(_words, opinion.reasons), "rewritten" if opinion.better else "")))
        what = f"{thumb:5}{said}"
    else:
        what = "picked" if isinstance(opinion, Pick) else opinion.kind
    return f"{opinion.id}  {what:30}  {' '.join(opinion.question.split())[:60]}"


def _words(reason: Reason) -> str:
    return reason.text.replace("_", " ")


def _say(value: object, text: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(value, indent=2))
    elif text:
        print(text)
