"""Whether all that was said over an answer is "stop": then silence is wanted, and no answer to the word itself.

The words are data, in `resources/stop_words.toml`, by language.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from desktop_app.paths import resources

MOST_WORDS = 8
"""Longer speech is a question, whatever it begins with."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class StopWords:
    """Of one language. `phrases` are tuples of words, the longest first."""

    phrases: tuple[tuple[str, ...], ...]
    fillers: frozenset[str]


def is_stop(said: str, language: str = "") -> bool:
    """Whether `said` consists of stop phrases, besides words of politeness; `language` "" or unknown: any language."""
    words = tuple(found.replace("’", "'") for found in _WORD.findall(said.casefold()))
    if not 0 < len(words) <= MOST_WORDS:
        return False
    known = stop_words()
    code = language.casefold().split("-")[0]
    return any(_only_stops(words, known[one]) for one in ([code] if code in known else known))


@cache
def stop_words() -> dict[str, StopWords]:
    """By language code."""
    raw = tomllib.loads((resources() / "stop_words.toml").read_text(encoding="utf-8"))
    return {
        code: StopWords(
            phrases=tuple(sorted((tuple(phrase.split()) for phrase in entry["phrases"]), key=len, reverse=True)),
            fillers=frozenset(entry["fillers"]),
        )
        for code, entry in raw.items()
    }


def _only_stops(words: tuple[str, ...], known: StopWords) -> bool:
    """Greedy is enough: the longest phrase that fits is taken, a filler is passed by."""
    at, found = 0, False
    while at < len(words):
        fitting = (phrase for phrase in known.phrases if words[at : at + len(phrase)] == phrase)
        if phrase := next(fitting, None):
            at, found = at + len(phrase), True
        elif words[at] in known.fillers:
            at += 1
        else:
            return False
    return found
