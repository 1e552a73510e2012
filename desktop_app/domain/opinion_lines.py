"""Opinions as JSON lines: `prompt answer rating better reason source ts`, one line each.

`answer` is what was rated and `better` what is preferred to it, so a pick is a line whose `better` won. Files come from
anywhere: what does not fit is refused with the number of its line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from desktop_app.domain.feedback import SIGNAL_KINDS, AnyOpinion, Pick, Rating, Signal, reason_from
from desktop_app.errors import UserCanFix

MOST_LINES = 100_000
MOST_CHARACTERS = 100_000
MOST_REASONS = 20
_UP, _DOWN = ("up", "good", "1", "true"), ("down", "bad", "-1", "0", "false")


def line_of(opinion: AnyOpinion) -> str:
    line: dict[str, object] = {
        "prompt": opinion.question,
        "answer": opinion.answer,
        "rating": None,
        "better": "",
        "reason": [],
        "source": "rating",
        "ts": round(opinion.created_at, 3),
    }
    if isinstance(opinion, Rating):
        line["rating"] = None if opinion.liked is None else "up" if opinion.liked else "down"
        line |= {"better": opinion.better, "reason": [reason.text for reason in opinion.reasons]}
        line["source"] = "edit" if opinion.better else "rating"
        line |= {"comment": opinion.comment} if opinion.comment else {}
    elif isinstance(opinion, Pick):
        line |= {"answer": opinion.worse, "better": opinion.answer, "source": "pick"}
    else:
        line |= {"reason": [opinion.kind], "source": "signal"}
    return json.dumps(line, ensure_ascii=False)


def opinions_in(untrusted_lines: Iterable[str]) -> tuple[AnyOpinion, ...]:
    """The opinions of a file, without ids. Raises UserCanFix("feedback.bad_file")."""
    found: list[AnyOpinion] = []
    for number, line in enumerate(untrusted_lines, 1):
        if number > MOST_LINES:
            raise _bad(number, f"there are more than {MOST_LINES} lines")
        if line.strip():
            found.append(_opinion(line, number))
    return tuple(found)


def _opinion(line: str, number: int) -> AnyOpinion:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _bad(number, "it is not JSON") from error
    if not isinstance(raw, dict):
        raise _bad(number, "it is not an object")
    source, ts = raw.get("source", "rating"), _seconds(raw.get("ts", 0), number)
    reasons = raw.get("reason", [])
    reasons = [reasons] if isinstance(reasons, str) and reasons else reasons or []
    if not isinstance(reasons, list) or len(reasons) > MOST_REASONS:
        raise _bad(number, '"reason" must be a word or a short list of words')
    words = [_text(each, "reason", number) for each in reasons]
    better = _text(raw.get("better", ""), "better", number)
    common: dict[str, Any] = {
        "id": "",
        "conversation_id": "",
        "answer_id": "",
        "question": _text(raw.get("prompt"), "prompt", number),
        "answer": _text(raw.get("answer"), "answer", number),
        "created_at": ts,
        "changed_at": ts,
    }
    if source == "pick":
        return Pick(**(common | {"answer": better}), worse_id="", worse=common["answer"])
    if source == "signal":
        kind = next((kind for kind in SIGNAL_KINDS if words == [kind]), None)
        if kind is None:
            raise _bad(number, '"reason" of a signal must name it')
        return Signal(**common, kind=kind)
    rating = Rating(
        **common,
        liked=_liked(raw.get("rating"), number),
        reasons=tuple(reason_from(each) for each in words if each.strip()),
        comment=_text(raw.get("comment", ""), "comment", number),
        better=better,
    )
    if not rating.says_something:
        raise _bad(number, "it says nothing")
    return rating


def _text(value: object, name: str, number: int) -> str:
    """Without control characters and lone surrogates."""
    if value is None and name in ("better", "comment"):
        return ""
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise _bad(number, f'"{name}" must be a text of at most {MOST_CHARACTERS} characters')
    kept = "".join(char for char in value if char >= " " or char in "\n\t")
    return kept.encode("utf-8", "replace").decode("utf-8").strip()


def _liked(value: object, number: int) -> bool | None:
    plain = str(value).lower()
    if value is None or value == "":
        return None
    if plain not in (*_UP, *_DOWN):
        raise _bad(number, '"rating" must be "up", "down" or null')
    return plain in _UP


def _seconds(value: object, number: int) -> float:
    """Seconds since the epoch, or a date as ISO 8601."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value).timestamp()
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11:
            return float(value)
    except (ValueError, OverflowError, OSError) as error:
        raise _bad(number, '"ts" is no time') from error
    raise _bad(number, '"ts" is no time')


def _bad(number: int, why: str) -> UserCanFix:
    return UserCanFix(
        "feedback.bad_file",
        f"Line {number} of this file cannot be read: {why}. Nothing was imported.",
        remedy="Each line must be a JSON object with prompt, answer, rating, better, reason, source and ts.",
    )
