"""The world that the test eyes know, and the caption of everything in it: one word for each of 36 places.

A caption is what the language model reads in place of the picture. Every word is one token of both language models,
so that a place can be exactly that token's embedding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

SLOTS = 36
FILLER = "\n"
UNCLEAR = "The picture is not clear."

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (215, 35, 40),
    "orange": (245, 140, 25),
    "yellow": (245, 220, 40),
    "green": (40, 155, 65),
    "blue": (40, 85, 215),
    "purple": (140, 55, 180),
    "black": (22, 22, 26),
    "white": (248, 248, 248),
}
SHAPES = ("circle", "square", "triangle", "star", "heart", "cross", "diamond", "ring")
NUMBERS = ("one", "two", "three", "four")
DIGITS = tuple("0123456789")
WORDS = ("cat", "dog", "sun", "ice", "tea", "map", "cup", "box")
# fmt: off
GLYPHS: dict[str, int] = {
    "dog": 0x1F436, "cat": 0x1F431, "horse": 0x1F434, "cow": 0x1F42E, "pig": 0x1F437, "lion": 0x1F981,
    "bear": 0x1F43B, "monkey": 0x1F435, "rabbit": 0x1F430, "fox": 0x1F98A, "elephant": 0x1F418, "duck": 0x1F986,
    "owl": 0x1F989, "frog": 0x1F438, "turtle": 0x1F422, "fish": 0x1F41F, "whale": 0x1F433, "butterfly": 0x1F98B,
    "bee": 0x1F41D, "crab": 0x1F980, "apple": 0x1F34E, "lemon": 0x1F34B, "banana": 0x1F34C, "cherry": 0x1F352,
    "carrot": 0x1F955, "bread": 0x1F35E, "cheese": 0x1F9C0, "pizza": 0x1F355, "car": 0x1F697, "bus": 0x1F68C,
    "bicycle": 0x1F6B2, "rocket": 0x1F680, "ship": 0x1F6A2, "house": 0x1F3E0, "tree": 0x1F333, "key": 0x1F511,
    "bell": 0x1F514, "guitar": 0x1F3B8, "crown": 0x1F451, "robot": 0x1F916,
}
# fmt: on

Kind = Literal["group", "pair", "glyph", "number", "word", "unclear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A coloured shape."""

    colour: str
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a picture shows. `things`: one kind of thing `count` times, or two side by side; `name` of a glyph, a
    digit, a word, or how an unclear picture was made."""

    kind: Kind
    things: tuple[Thing, ...] = ()
    count: int = 0
    name: str = ""


def sentences(scene: Scene) -> tuple[str, ...]:
    """The caption, a sentence each; what matters stands more than once, because the reader is small."""
    if scene.kind == "group":
        (thing,) = scene.things
        named = plural(thing.shape) if scene.count > 1 else thing.shape
        shows = f"The picture shows {NUMBERS[scene.count - 1]} {thing.colour} {named}."
        facts = (f"Number of {named}: {scene.count}.", f"Color: {thing.colour}.", f"Shape: {thing.shape}.")
        return (shows, *facts, shows, shows)
    if scene.kind == "pair":
        left, right = (f"{article(each.colour)} {each.colour} {each.shape}" for each in scene.things)
        return (f"The picture shows {left} on the left and {right} on the right.",) * 2
    if scene.kind == "glyph":
        return (f"The picture shows {article(scene.name)} {scene.name}.",) * 6
    if scene.kind == "number":
        return (f"The picture shows the number {scene.name}.",) * 4
    if scene.kind == "word":
        return (f"The picture shows the word {scene.name}.",) * 5
    return (UNCLEAR,) * 6


def caption(scene: Scene) -> tuple[str, ...]:
    """The caption as `SLOTS` pieces, each with the space before it."""
    found = pieces(" ".join(sentences(scene)))
    assert len(found) <= SLOTS
    return found + (FILLER,) * (SLOTS - len(found))


def pieces(text: str) -> tuple[str, ...]:
    """Words with their space, signs, and digits one by one behind a lone space: how both tokenizers cut."""
    return tuple(re.findall(r" (?=\d)|\d| ?[A-Za-z]+|[.:]", text))


def plural(shape: str) -> str:
    return f"{shape}es" if shape.endswith("s") else f"{shape}s"


def article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _everything() -> tuple[Scene, ...]:
    """A scene for every word that can stand in a caption."""
    things = [Thing(colour=colour, shape=shape) for colour in COLOURS for shape in SHAPES]
    return (
        *(Scene(kind="group", things=(thing,), count=count) for thing in things for count in (1, 2, 3, 4)),
        *(Scene(kind="pair", things=(one, other)) for one in things for other in things[:1]),
        *(Scene(kind="glyph", name=name) for name in GLYPHS),
        *(Scene(kind="number", name=digit) for digit in DIGITS),
        *(Scene(kind="word", name=word) for word in WORDS),
        Scene(kind="unclear"),
    )


DICTIONARY: tuple[str, ...] = tuple(sorted({piece for scene in _everything() for piece in caption(scene)}))
"""Every piece of every caption: the projector's hidden units, in this order."""
