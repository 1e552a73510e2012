"""Data sets: nothing twice, the newest word counts, held out is apart and stays so, and what is missing is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.dataset import (
    LEAST_HELD_OUT,
    LEAST_OF_RARER,
    Dataset,
    question,
    same_words,
    snapshot,
    split,
)
from desktop_app.domain.feedback import TrainingExample
from desktop_app.domain.messages import said
from desktop_app.errors import UserCanFix
from desktop_app.services.dataset import check_ready, missing_sentence


def example(
    number: int, *, conversation: str = "", asked: str = "", answer: str = "", liked: bool | None = None, at: float = -1
) -> TrainingExample:
    return TrainingExample(
        feedback_id=f"f{number:05}",
        conversation_id=conversation or f"c{number}",
        answer_id=f"a{number}",
        prompt=(said("user", asked or f"Question {number}?"),),
        answer=answer or f"Answer {number}.",
        liked=number % 2 == 0 if liked is None else liked,
        weight=1.0,
        source="rating",
        created_at=float(number) if at < 0 else at,
    )


_EXAMPLES = st.lists(
    st.builds(
        lambda number, conversation, asked, answer, liked, source, at: replace(
            example(number, conversation=f"c{conversation}", asked=f"Question {asked}?", liked=liked, at=at),
            answer=answer,
            source=source,
        ),
        st.integers(0, 10_000),
        st.integers(0, 12),
        st.integers(0, 40),
        st.sampled_from(["yes", "no", "maybe", "it depends", ""]),
        st.booleans(),
        st.sampled_from(["rating", "edit", "pick", "signal"]),
        st.integers(0, 1000).map(float),
    ),
    max_size=80,
)


@settings(max_examples=40)
@given(_EXAMPLES)
def test_the_parts_are_apart(examples: list[TrainingExample]) -> None:
    data = snapshot(examples)
    both = (*data.train, *data.held_out)
    asked = [{same_words(question(each)) for each in side} for side in (data.train, data.held_out)]
    assert not asked[0] & asked[1]
    assert len({(same_words(question(each)), each.answer) for each in both}) == len(both)
    assert len(data.held_out) <= len(both) // 2
    assert {each.feedback_id for each in both} <= {each.feedback_id for each in examples}


@settings(max_examples=40)
@given(_EXAMPLES, st.randoms())
def test_the_order_in_which_they_come_does_not_matter(examples: list[TrainingExample], chance) -> None:
    unique = list({each.feedback_id: each for each in examples}.values())
    mixed = list(unique)
    chance.shuffle(mixed)
    assert snapshot(mixed) == snapshot(unique)
    assert snapshot(mixed).fingerprint == snapshot(unique).fingerprint


@settings(max_examples=40)
@given(_EXAMPLES)
def test_what_is_removed_is_as_if_it_had_never_been(examples: list[TrainingExample]) -> None:
    gone = frozenset(each.feedback_id for each in examples[::3])
    assert snapshot(examples, removed=gone) == snapshot([e for e in examples if e.feedback_id not in gone])


def test_the_newest_word_about_an_answer_counts() -> None:
    first = example(1, answer="Same.", asked="Why?", liked=True, at=1)
    later = example(2, answer="Same. ", asked="why", liked=False, at=2)
    data = snapshot([first, later])
    assert [each.feedback_id for each in (*data.train, *data.held_out)] == ["f00002"]


def test_the_newest_conversations_are_held_out_whole() -> None:
    examples = [example(number, conversation=f"c{number // 4}") for number in range(80)]
    train, held_out = split(examples)
    assert {each.conversation_id for each in held_out} == {f"c{number}" for number in range(15, 20)}
    assert not {each.conversation_id for each in train} & {each.conversation_id for each in held_out}


def test_both_kinds_are_held_out_where_there_are_any() -> None:
    examples = [example(number, liked=number >= 8) for number in range(40)]
    held_out = snapshot(examples).held_out
    assert len(held_out) >= LEAST_HELD_OUT
    assert sum(not each.liked for each in held_out) >= 3


def test_one_long_conversation_is_split_by_question() -> None:
    data = snapshot([example(number, conversation="only") for number in range(40)])
    assert len(data.held_out) == LEAST_HELD_OUT


@pytest.mark.parametrize(
    ("liked", "disliked", "sentence"),
    [
        (10, 10, "10 more rated answers are needed."),
        (28, 4, "4 more disliked answers are needed: without both, there is nothing to tell apart."),
        (22, LEAST_OF_RARER, ""),
    ],
)
def test_what_is_missing_is_said(liked: int, disliked: int, sentence: str) -> None:
    data = snapshot([example(number, liked=number < liked) for number in range(liked + disliked)])
    assert missing_sentence(data.readiness) == sentence
    if sentence:
        with pytest.raises(UserCanFix) as refused:
            check_ready(data, force_small=False)
        assert refused.value.message == sentence
        check_ready(data, force_small=True)
    else:
        check_ready(data, force_small=False)


def test_an_old_rating_counts_as_one_and_a_signal_as_its_weight() -> None:
    old = replace(example(1), weight=0.2)
    signal = replace(example(2), weight=0.3, source="signal")
    assert snapshot([old, signal]).readiness.effective == pytest.approx(1.3)


def test_nothing_gives_nothing() -> None:
    data = snapshot([])
    assert isinstance(data, Dataset) and not data.train and not data.held_out
    with pytest.raises(UserCanFix):
        check_ready(data, force_small=True)
