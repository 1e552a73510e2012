"""The world of the test eyes: captions that fit, pictures that are always the same, answers judged fairly."""

from __future__ import annotations

import random

import pytest

from desktop_app.engines.eyes import unclear
from desktop_app.engines.eyes.camera import BARS, SIDE, letterbox
from desktop_app.engines.eyes.glyphs import strange
from desktop_app.engines.eyes.questions import Question, is_right, question_about
from desktop_app.engines.eyes.recipe import load_recipe
from desktop_app.engines.eyes.scenes import EVALUATION, SHARES, TRAINING, VALIDATION, example, scene_of
from desktop_app.engines.eyes.world import DICTIONARY, SLOTS, UNCLEAR, Scene, Thing, caption, sentences


def test_a_caption_says_everything_in_36_known_pieces() -> None:
    scene = Scene(kind="group", things=(Thing(colour="blue", shape="cross"),), count=3)
    assert sentences(scene)[0] == "The picture shows three blue crosses."
    assert " ".join(sentences(scene)).startswith(
        "The picture shows three blue crosses. Number of crosses: 3. Color: blue."
    )
    draw = random.Random(1)
    for kind in SHARES:
        for _ in range(40):
            scene = scene_of(draw, kind)
            said = caption(scene)
            assert len(said) == SLOTS and set(said) <= set(DICTIONARY)
            assert "".join(said).rstrip("\n") == " ".join(sentences(scene))


def test_a_number_of_a_picture_is_that_picture() -> None:
    (scene, one), (again, other) = example(7), example(7)
    assert scene == again and one.tobytes() == other.tobytes() and one.size == (SIDE, SIDE)
    assert example(8)[1].tobytes() != one.tobytes()
    assert any(example(number, harder=True)[0].name == "altered" for number in range(60))


def test_training_never_meets_what_is_kept_for_the_evaluation() -> None:
    plan = load_recipe().training
    assert TRAINING + plan.steps * plan.batch < VALIDATION < VALIDATION + plan.check_pictures < EVALUATION
    seen, unseen = strange()
    assert len(unseen) > 100 and not set(seen) & set(unseen)


@pytest.mark.parametrize("way", sorted(set(unclear.HARDER)))
def test_what_is_not_clear_can_be_drawn(way: str) -> None:
    page = unclear.paint(way, random.Random(3), 80, 60, unseen=True)
    assert page.size == (80, 60) and page.mode == "RGB"
    assert caption(Scene(kind="unclear", name=way))[:6] == tuple(_cut(UNCLEAR))


def test_bars_lie_around_a_wide_picture() -> None:
    from PIL import Image

    boxed = letterbox(Image.new("RGB", (200, 100), "red"))
    assert boxed.size == (SIDE, SIDE)
    assert boxed.getpixel((48, 2)) == boxed.getpixel((48, 93)) == BARS
    assert boxed.getpixel((2, 48)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("topic", "wanted", "answer", "right"),
    [
        ("color", ("blue",), "The stars are blue.", True),
        ("color", ("blue",), "They are red and blue.", False),
        ("count", ("three", "3"), "There are three stars.", True),
        ("count", ("three", "3"), "There are 5 stars.", False),
        ("shape", ("cross",), "Crosses.", True),
        ("number", ("7",), "The number is 47.", False),
        ("side", ("star", "ring", "left"), "A star.", True),
        ("side", ("star", "ring", "left"), "A ring on the left and a star on the right.", False),
        ("side", ("star", "ring", "left"), "A red star on the left and a blue ring on the right.", True),
        ("not clear", ("not clear",), "The picture is not clear.", True),
    ],
)
def test_an_answer_is_judged(topic: str, wanted: tuple[str, ...], answer: str, right: bool) -> None:
    assert is_right(Question(topic=topic, text="?", wanted=wanted), answer) is right  # type: ignore[arg-type]


def test_the_caption_itself_answers_every_question_about_it() -> None:
    draw = random.Random(2)
    for kind in SHARES:
        for _ in range(30):
            scene = scene_of(draw, kind)
            question = question_about(scene, draw)
            if question.topic != "color of":
                assert is_right(question, sentences(scene)[0]), (scene, question)


def _cut(text: str) -> list[str]:
    first, *rest = text.removesuffix(".").split(" ")
    return [first, *(f" {word}" for word in rest), "."]
