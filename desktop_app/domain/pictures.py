"""What can be known about a picture without eyes: text found in it, labels, colours. Pure values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

MAX_PIXELS = 40_000_000
MAX_FILE_BYTES = 64 * 1024 * 1024
STORED_SIDE = 2048
SURE_BESIDE_TEXT = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFound:
    """A line of text in a picture. `box` is (left, top, right, bottom) in pixels; `confidence` is 0..1."""

    text: str
    confidence: float
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the picture may show. `confidence` is a softmax probability, 0..1."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """A dominant colour: a plain name, `#rrggbb`, and its share of the pixels, 0..1."""

    name: str
    hex: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the picture reader found in one picture. Text is untrusted: it is quoted, never obeyed."""

    width: int
    height: int
    text: tuple[TextFound, ...] = ()
    labels: tuple[Label, ...] = ()
    colours: tuple[Colour, ...] = ()

    @property
    def sure_labels(self) -> tuple[Label, ...]:
        """Beside text only what is nearly certain: posters and screens look like nothing the labeller was taught."""
        return tuple(each for each in self.labels if not self.text or each.confidence >= SURE_BESIDE_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCost:
    """What looking costs: the pixels that are seen, and tokens (a model with eyes) or seconds (the reader)."""

    width: int
    height: int
    tokens: int | None = None
    seconds: float | None = None
    seen_by: Literal["model", "reader"] = "reader"


_MOST_QUOTED = 2_000
_BRACKET_MARK = re.compile(r"\[(/?[A-Z_]{3,})\]")  # [INST] and its like open a turn in some chat templates


def reading_order(lines: Iterable[TextFound]) -> tuple[TextFound, ...]:
    """Row by row from the top, each from the left. A line belongs to a row when its middle is level with it."""
    rows: list[list[TextFound]] = []
    for line in sorted(lines, key=lambda each: (each.box[1] + each.box[3], each.box[0])):
        first = rows[-1][0].box if rows else (0, 0, 0, 0)
        if rows and first[1] <= (line.box[1] + line.box[3]) / 2 < first[3]:
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda each: each.box[0]))


def evidence_text(evidence: Evidence) -> str:
    """The notes of the picture reader as quoted data. What a picture says cannot end the quotation."""
    lines = [f"A picture of {evidence.width} x {evidence.height} pixels."]
    if evidence.text:
        found = " / ".join(_quoted(line.text) for line in evidence.text)[:_MOST_QUOTED]
        lines.append(f"Text in the picture: {found}")
    if labels := evidence.sure_labels:
        lines.append("It may show: " + ", ".join(f"{_quoted(each.name)} ({each.confidence:.0%})" for each in labels))
    if evidence.colours:
        lines.append("Main colours: " + ", ".join(f"{each.name} ({each.share:.0%})" for each in evidence.colours))
    if not evidence.text and not evidence.labels:
        lines.append("No text and no known object was found.")
    return "<picture>\n" + "\n".join(lines) + "\n</picture>"


def _quoted(text: str) -> str:
    """One line without control and direction characters, and without anything that looks like markup."""
    kept = "".join(char if char.isprintable() else " " if char.isspace() else "" for char in text)
    return _BRACKET_MARK.sub(r"(\1)", kept).replace("<", "‹").replace(">", "›")
