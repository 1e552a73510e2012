"""Which rules opinions speak for, and that chance speaks for none."""

from __future__ import annotations

import random

import pytest

from desktop_app.domain.examples import Examples, LikedAnswer
from desktop_app.domain.feedback import REASON_KINDS, Rating, Reason
from desktop_app.domain.rule_proposals import propose
from desktop_app.domain.similarity import Similarity
from desktop_app.domain.word_diff import word_diff

LONG = (
    "Tea isn't hard to make, you know! Heat about 2 cups of water until it is warm. Put the tea in the center of the "
    "cup. **Wait** a little. The color tells you when it is done."
)


def rating(number: int, answer: str = LONG, **said: object) -> Rating:
    values = {"liked": None, **said}
    return Rating(
        id=str(number), conversation_id="c", answer_id=str(number), question=f"q{number}", answer=answer,
        created_at=1.0, changed_at=1.0, **values,
    )  # type: ignore[arg-type]  # fmt: skip


def keys(*opinions: Rating) -> list[str]:
    return [each.key for each in propose(opinions)]


@pytest.mark.parametrize(
    ("better", "key"),
    [
        ("- Heat the water.\n- Put the tea in.\n- Wait a little while until it is done and then enjoy it.", "bullets"),
        ("1. Heat the water.\n2. Put the tea in.\n3. Wait a little while, it takes some minutes.", "steps"),
        (LONG + " I am not certain about that.", "doubt"),
        (LONG + " For example, green tea.", "examples"),
        (LONG.replace("center", "centre").replace("color", "colour"), "british"),
        (LONG.replace("2 cups", "500 ml").replace("warm", "at 90 degrees Celsius"), "metric"),
        (LONG.replace("**", ""), "plain"),
        (LONG.replace("isn't", "is not").replace(", you know!", ".").replace("you when", "when"), "formal"),
    ],
)
def test_three_edits_in_one_direction_propose_a_rule(better: str, key: str) -> None:
    edits = [rating(number, better=better) for number in range(3)]
    assert key in keys(*edits)
    assert keys(*edits[:2]) == []


def test_reasons_count_and_their_opposite_counts_against_them() -> None:
    long = [rating(number, liked=False, reasons=(Reason(kind="too_long"),)) for number in range(6)]
    assert keys(*long) == ["short"]
    short = [rating(number, liked=False, reasons=(Reason(kind="too_short"),)) for number in range(10, 14)]
    assert keys(*long, *short) == []


def test_thumbs_alone_and_decided_keys_propose_nothing() -> None:
    assert keys(*(rating(number, liked=number % 2 == 0) for number in range(40))) == []
    edits = [rating(number, better="- a point\n- a point") for number in range(5)]
    assert propose(edits, known=("bullets", "plain", "short")) == ()


def test_raters_at_random_are_hardly_ever_proposed_a_rule() -> None:
    """Any thumb, any reasons, and edits that leave lines out or say them twice."""
    dice, proposed = random.Random(7), 0
    lines = LONG.split(". ")
    for _ in range(100):
        ratings = []
        for number in range(10):
            kept = dice.sample(lines, len(lines) // 2) if dice.random() < 0.5 else [*lines, *lines]
            better = ". ".join(kept) if dice.random() < 0.4 else ""
            reasons = tuple(Reason(kind=kind) for kind in dice.sample(REASON_KINDS[:-1], dice.randint(0, 2)))
            ratings.append(rating(number, liked=dice.random() < 0.5, reasons=reasons, better=better))
        proposed += bool(propose(ratings))
    assert proposed <= 5


def test_the_most_similar_text_scores_highest() -> None:
    scores = Similarity(["How do I make tea?", "How do I clean a bicycle?", "Why is the sky blue?"]).scores(
        "clean bikes"
    )
    assert scores.index(max(scores)) == 1
    assert scores[2] == 0


def test_long_examples_are_cut_at_a_sentence_and_one_without_an_end_is_left_out() -> None:
    def liked(number: int, answer: str) -> LikedAnswer:
        return LikedAnswer(
            id=str(number), conversation_id="", question="How do I make tea?", answer=answer, edited=True
        )

    (found,) = Examples([liked(1, "Boil the water first. " * 60)]).for_question("tea")
    assert found.tokens <= 150
    assert found.answer.endswith("first.")
    assert Examples([liked(1, "word " * 500)]).for_question("tea") == ()


def test_a_diff_gives_back_both_texts() -> None:
    before, after = "The cat sat on the mat.", "The dog sat quietly on a mat."
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.change != "new") == before
    assert "".join(piece.text for piece in pieces if piece.change != "gone") == after
