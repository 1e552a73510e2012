"""What can be known about a picture without eyes: text found in it, labels, colours. Pure values."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PIXELS = 40_000_000
MAX_FILE_BYTES = 64 * 1024 * 1024
STORED_SIDE = 2048


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
