"""What changed from one text to another, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MOST_WORDS = 2000
_PIECE = re.compile(r"\s+|[^\W_]+(?:['’][^\W_]+)*|.", re.DOTALL)

Change = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    change: Change
    text: str


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces in reading order, what is gone before what is new. Very long texts are taken as wholly changed."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    if before == after:
        return (Piece(change="same", text=after),) if after else ()
    if len(old) + len(new) > 2 * MOST_WORDS:
        return Piece(change="gone", text=before), Piece(change="new", text=after)
    return tuple(_pieces(old, new))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(change="same", text="".join(new[j1:j2]))
            continue
        if i2 > i1:
            yield Piece(change="gone", text="".join(old[i1:i2]))
        if j2 > j1:
            yield Piece(change="new", text="".join(new[j1:j2]))
