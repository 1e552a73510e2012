"""`recordings` and `words`: what is kept of the person's voice, and what the recogniser was taught, as commands."""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from typing import TYPE_CHECKING

from desktop_app.cli_words import usage
from desktop_app.domain.corrections import with_words

if TYPE_CHECKING:
    from desktop_app.services.services import Services


def recordings(services: Services, arguments: argparse.Namespace) -> int:
    """list, delete ID, delete all."""
    words, kept = arguments.words or ["list"], services.recordings
    if words == ["list"]:
        found = kept.all()
        if arguments.json:
            print(json.dumps([dataclasses.asdict(one) for one in found], indent=2))
        for one in () if arguments.json else found:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.made_at))
            print(f"{one.id}  {when}  {one.seconds:6.1f} s  {one.bytes / 1000:8.0f} kB  {one.words}")
        return 0
    if words == ["delete", "all"]:
        count = kept.delete_all()
    elif len(words) == 2 and words[0] == "delete":
        kept.delete(words[1])
        count = 1
    else:
        raise usage("stonechat recordings [list|delete ID|delete all]")
    print(json.dumps({"done": "delete", "count": count}) if arguments.json else f"Deleted {count}.")
    return 0


def expected_words(services: Services, arguments: argparse.Namespace) -> int:
    """list, add WORD, remove WORD, clear."""
    preferences, words = services.preferences, arguments.words or ["list"]
    listed = preferences.current.expected_words
    if words[0] == "add" and len(words) > 1:
        listed = with_words(listed, (" ".join(words[1:]),))
    elif words[0] == "remove" and len(words) > 1:
        gone = " ".join(words[1:]).casefold()
        listed = ", ".join(word for word in _split(listed) if word.casefold() != gone)
    elif words == ["clear"]:
        listed = ""
    elif words != ["list"]:
        raise usage("stonechat words [list|add WORD|remove WORD|clear]")
    if listed != preferences.current.expected_words:
        preferences.change(expected_words=listed)
    print(json.dumps(_split(listed)) if arguments.json else "\n".join(_split(listed)))
    return 0


def _split(listed: str) -> list[str]:
    return [word.strip() for word in listed.split(",") if word.strip()]
