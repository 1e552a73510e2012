"""What a person's correction of a transcript teaches: names and terms that the recogniser mishears."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

MOST_WORDS = 40
LONGEST_SWAP = 3
ALIKE = 0.4
"""Least similarity of letters between what was heard and what was meant: less is a change of mind."""

_EDGE = re.compile(r"^\W+|\W+$")


def corrected_words(heard: str, meant: str) -> tuple[str, ...]:
    """Names and terms in `meant` that stand where `heard` has something that sounds like them.

    A name or term has a capital letter or a digit that is not due to the beginning of a sentence.
    """
    before, after = heard.split(), meant.split()
    matcher = SequenceMatcher(None, [_bare(word) for word in before], [_bare(word) for word in after], autojunk=False)
    found: list[str] = []
    for kind, old, old_end, new, new_end in matcher.get_opcodes():
        swapped, put = before[old:old_end], after[new:new_end]
        if kind == "replace" and len(swapped) <= LONGEST_SWAP and len(put) <= LONGEST_SWAP and _alike(swapped, put):
            names = [_EDGE.sub("", word) for at, word in enumerate(put, new) if _is_name(word, _begins(after, at))]
            found.extend(word for word in names if word not in found)
    return tuple(found)


def with_words(listed: str, words: tuple[str, ...]) -> str:
    """The comma-separated list with new words at its end, each once, the oldest dropped beyond `MOST_WORDS`."""
    known = [word.strip() for word in listed.split(",") if word.strip()]
    casefolded = {word.casefold() for word in known}
    known += [word for word in words if word.casefold() not in casefolded]
    return ", ".join(known[-MOST_WORDS:])


def _alike(one: list[str], other: list[str]) -> bool:
    """Without the spaces: "stone chat" sounds like "Stonechat"."""
    heard, meant = ("".join(map(_bare, words)) for words in (one, other))
    return SequenceMatcher(None, heard, meant, autojunk=False).ratio() >= ALIKE


def _is_name(word: str, begins_sentence: bool) -> bool:
    bare = _EDGE.sub("", word)
    telling = bare[1:] if begins_sentence else bare
    return len(bare) >= 2 and any(char.isupper() or char.isdigit() for char in telling)


def _begins(words: list[str], at: int) -> bool:
    return at == 0 or words[at - 1][-1] in ".!?:"


def _bare(word: str) -> str:
    return _EDGE.sub("", word).casefold()
