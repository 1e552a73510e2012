"""Questions about scenes, and whether an answer is right: looked for are the words that it must say, and say first."""

from __future__ import annotations

import random
import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

from desktop_app.engines.eyes.world import COLOURS, DIGITS, NUMBERS, SHAPES, Scene, plural

Topic = Literal["color", "shape", "count", "describe", "side", "color of", "emoji", "number", "word", "not clear"]
READING: tuple[Topic, ...] = ("number", "word")
SIDES = ("left", "right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`wanted` are the words that a right answer has."""

    topic: Topic
    text: str
    wanted: tuple[str, ...]


def question_about(scene: Scene, draw: random.Random) -> Question:
    """One question that the scene can answer."""
    if scene.kind == "group":
        return draw.choice(_about_group(scene))
    if scene.kind == "pair":
        return draw.choice(_about_pair(scene))
    if scene.kind == "glyph":
        return Question(topic="emoji", text="What is in the picture?", wanted=(scene.name,))
    if scene.kind == "number":
        return Question(topic="number", text="What number is in the picture?", wanted=(scene.name,))
    if scene.kind == "word":
        return Question(topic="word", text="What word is in the picture?", wanted=(scene.name,))
    return Question(topic="not clear", text="What is in the picture?", wanted=("not clear",))


def is_right(question: Question, answer: str) -> bool:
    """For a color the first color said counts, for a number the first number; for the rest, that it is said."""
    text = answer.lower()
    words = re.findall(r"[a-z]+|\d+", text)
    if question.topic in ("color", "color of"):
        return _first(words, COLOURS) == question.wanted[0]
    if question.topic == "number":
        return next((word for word in words if word.isdigit()), "") == question.wanted[0]
    if question.topic == "count":
        return _first(words, (*NUMBERS, *DIGITS)) in question.wanted
    if question.topic == "shape":
        return _SINGULAR.get(_first(words, _SINGULAR)) == question.wanted[0]
    if question.topic == "side":
        return _on_side(text, *question.wanted)
    return all(word in text for word in question.wanted)


def _about_group(scene: Scene) -> tuple[Question, ...]:
    (thing,) = scene.things
    many = scene.count > 1
    return (
        Question(topic="color", text=f"What color {'are they' if many else 'is it'}?", wanted=(thing.colour,)),
        Question(topic="shape", text="What shape is in the picture?", wanted=(thing.shape,)),
        Question(topic="count", text="How many shapes are there?", wanted=(NUMBERS[scene.count - 1], str(scene.count))),
        Question(topic="describe", text="What does the picture show?", wanted=(thing.colour, thing.shape)),
    )


def _about_pair(scene: Scene) -> tuple[Question, ...]:
    left, right = scene.things
    sides = [
        Question(topic="side", text=f"What is on the {side}?", wanted=(one.shape, other.shape, side))
        for side, one, other in zip(SIDES, (left, right), (right, left), strict=True)
    ]
    colours = [
        Question(topic="color of", text=f"What color is the {each.shape}?", wanted=(each.colour,))
        for each in scene.things
    ]
    return (
        *sides,
        *colours,
        Question(topic="describe", text="What does the picture show?", wanted=(left.shape, right.shape)),
    )


def _on_side(text: str, wanted: str, other: str, side: str) -> bool:
    """The wanted shape alone, or both of which the wanted one is said to be on this side."""
    if wanted not in text:
        return False
    return other not in text or re.search(rf"{wanted} (is )?on the {side}", text) is not None


def _first(words: list[str], known: Container[str]) -> str:
    return next((word for word in words if word in known), "")


_SINGULAR = {named: shape for shape in SHAPES for named in (shape, plural(shape))}
