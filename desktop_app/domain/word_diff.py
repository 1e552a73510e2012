"""What changed from one text to another, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MOST_WORDS = 2000
LEAST_SAME = 3
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
    return tuple(_joined(_pieces(old, new)))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """A word or two that happen to be the same between changes would only break what is read into crumbs."""
    gone = new = held = ""
    for piece in pieces:
        if piece.change == "same":
            held = piece.text
            continue
        if len(held.split()) < LEAST_SAME and (gone or new):
            gone, new = gone + held, new + held
        else:
            yield from _changed(gone, new, held)
            gone = new = ""
        held = ""
        gone += piece.text if piece.change == "gone" else ""
        new += piece.text if piece.change == "new" else ""
    yield from _changed(gone, new, held)


def _changed(gone: str, new: str, after: str) -> Iterator[Piece]:
    if gone:
        yield Piece(change="gone", text=gone)
    if new:
        yield Piece(change="new", text=new)
    if after:
        yield Piece(change="same", text=after)


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(change="same", text="".join(new[j1:j2]))
            continue
        if i2 > i1:
            yield Piece(change="gone", text="".join(old[i1:i2]))
        if j2 > j1:
            yield Piece(change="new", text="".join(new[j1:j2]))
