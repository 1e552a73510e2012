"""Opinions as training examples: what counts as liked, what as not, and how much.

Explicit opinions weigh most; what a person merely did (signals) never outweighs what they said, and alone it teaches
nothing. Everything fades with `HALF_LIFE_DAYS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from desktop_app.domain.feedback import AnyOpinion, Pick, Rating, Signal, SignalKind, Source, TrainingExample
from desktop_app.domain.messages import Message

HALF_LIFE_DAYS = 60.0
LEAST_WEIGHT = 0.01
RATING, EDIT, PICK = 1.0, 1.0, 0.7
SIGNALS: dict[SignalKind, float] = {
    "copied": 0.3,
    "stopped": -0.2,
    "interrupted": -0.2,
    "regenerated": -0.2,
    "reasked": -0.4,
}
"""Below 0: not liked. A changed question says nothing about the answer, so it teaches nothing."""

PromptOf = Callable[[AnyOpinion], tuple[Message, ...]]


def examples_of(opinions: Sequence[AnyOpinion], prompt_of: PromptOf, *, now: float) -> tuple[TrainingExample, ...]:
    """In the order of the opinions. `now` is in seconds since the epoch."""
    explicit = [made for each in opinions for made in _explicit(each, prompt_of, now)]
    rated = {each.answer_id for each in opinions if not isinstance(each, Signal)}
    rated |= {each.worse_id for each in opinions if isinstance(each, Pick)}
    silent = (each for each in opinions if isinstance(each, Signal) and each.answer_id not in rated)
    implicit = [made for each in silent for made in _implicit(each, prompt_of, now)]
    return (*explicit, *_at_most(implicit, sum(each.weight for each in explicit)))


def _explicit(opinion: AnyOpinion, prompt_of: PromptOf, now: float) -> Iterable[TrainingExample]:
    if isinstance(opinion, Pick):
        yield _example(opinion, opinion.answer, True, PICK, "pick", prompt_of, now, rather_than=opinion.worse)
    elif isinstance(opinion, Rating):
        if opinion.better:
            yield _example(opinion, opinion.better, True, EDIT, "edit", prompt_of, now, rather_than=opinion.answer)
        if opinion.liked is False or (opinion.liked and not opinion.better):
            yield _example(opinion, opinion.answer, opinion.liked, RATING, "rating", prompt_of, now)


def _implicit(signal: Signal, prompt_of: PromptOf, now: float) -> Iterable[TrainingExample]:
    weight = SIGNALS.get(signal.kind, 0.0)
    if weight and signal.answer:
        yield _example(signal, signal.answer, weight > 0, abs(weight), "signal", prompt_of, now)


def _at_most(implicit: list[TrainingExample], total: float) -> Iterable[TrainingExample]:
    """Together they weigh no more than `total`; without that, nothing."""
    asked = sum(each.weight for each in implicit)
    share = min(1.0, total / asked) if asked else 0.0
    return (replace(each, weight=each.weight * share) for each in implicit if each.weight * share > 0)


def _example(
    opinion: AnyOpinion,
    answer: str,
    liked: bool,
    weight: float,
    source: Source,
    prompt_of: PromptOf,
    now: float,
    *,
    rather_than: str = "",
) -> TrainingExample:
    age_days = max(0.0, now - opinion.changed_at) / 86400
    return TrainingExample(
        feedback_id=opinion.id,
        conversation_id=opinion.conversation_id,
        answer_id=opinion.answer_id,
        prompt=prompt_of(opinion),
        answer=answer,
        liked=liked,
        weight=max(LEAST_WEIGHT, weight * 0.5 ** (age_days / HALF_LIFE_DAYS)),
        source=source,
        created_at=opinion.created_at,
        rather_than=rather_than,
    )
