"""Rules that a person's edits, picks and reasons speak for. Proposed only on repeated, one-sided evidence.

A thumb alone proposes nothing: it says that an answer was liked, not what for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from desktop_app.domain import text_traits as traits
from desktop_app.domain.feedback import AnyOpinion, Pick, Rating, ReasonKind
from desktop_app.domain.rules import Proposal

LEAST = 3
"""So many edits, picks or reasons must speak for a rule."""
LEAST_SHARE = 0.3
"""Of the edits that could have shown it, at least this share must."""
CONFIDENT = 1.645
"""One-sided 95 %: the share of votes for a rule must be above one half with this confidence (Wilson's lower bound)."""
VERY_CONFIDENT = 2.326
"""One-sided 99 %, for rules about length: any edit changes that, one way or the other."""
SAME_WORDS = 0.6
"""Two sentences that share this part of the shorter one's words are the same one, rewritten."""
_LONG_WORDS = 20

Vote = Callable[[str, str], int | None]
"""From the worse and the better answer: 1 for the rule, -1 against it, 0 could have shown it, None could not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """A rule and how it shows. `said_by` is the reason that asks for it, `denied_by` the one that asks for less."""

    key: str
    text: str
    vote: Vote
    said_by: ReasonKind | None = None
    denied_by: ReasonKind | None = None
    confidence: float = CONFIDENT


def propose(opinions: Sequence[AnyOpinion], *, known: Iterable[str] = ()) -> tuple[Proposal, ...]:
    """Rules that the opinions speak for, the best supported first, without the `known` keys."""
    left_out = frozenset(known)
    found = [each for trait in TRAITS if trait.key not in left_out and (each := _proposal(trait, opinions))]
    return tuple(sorted(found, key=lambda each: -len(each.opinions)))


def text_for(key: str) -> str:
    return next((trait.text for trait in TRAITS if trait.key == key), "")


def _proposal(trait: Trait, opinions: Sequence[AnyOpinion]) -> Proposal | None:
    shown = [(opinion.id, trait.vote(*pair)) for opinion in opinions if (pair := _pair(opinion))]
    said = [(opinion.id, vote) for opinion in opinions if (vote := _said(trait, opinion))]
    could_show = [vote for _, vote in shown if vote is not None]
    speak_for = [id_ for id_, vote in (*shown, *said) if vote == 1]
    against = sum(1 for _, vote in (*shown, *said) if vote == -1)
    usual = len(speak_for) >= LEAST_SHARE * len(could_show)
    sure = lower_bound(len(speak_for), len(speak_for) + against, trait.confidence) > 0.5
    if len(speak_for) < LEAST or not (usual and sure):
        return None
    ordered = tuple(opinion.id for opinion in opinions if opinion.id in speak_for)
    return Proposal(key=trait.key, text=trait.text, opinions=ordered, against=against)


def lower_bound(wins: int, trials: int, z: float) -> float:
    """Wilson's lower bound of the share of wins; 0 for no trials."""
    if not trials:
        return 0.0
    share, square = wins / trials, z * z
    middle = share + square / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    return (middle - spread) / (1 + square / trials)


def _pair(opinion: AnyOpinion) -> tuple[str, str] | None:
    """The worse and the better answer, where there are two."""
    if isinstance(opinion, Pick):
        return opinion.worse, opinion.answer
    return (opinion.answer, opinion.better) if isinstance(opinion, Rating) and opinion.better else None


def _said(trait: Trait, opinion: AnyOpinion) -> int:
    kinds = {reason.kind for reason in opinion.reasons} if isinstance(opinion, Rating) else set()
    return int(trait.said_by in kinds) - int(trait.denied_by in kinds)


def _shorter(worse: str, better: str) -> int | None:
    long, short = traits.word_count(worse), traits.word_count(better)
    if max(long, short) < _LONG_WORDS:
        return None
    return 1 if short <= 0.6 * long else -1 if short >= 1.5 * long else 0


def _longer(worse: str, better: str) -> int | None:
    vote = _shorter(worse, better)
    return None if vote is None else -vote


def _more(measure: Callable[[str], int], least: int = 1) -> Vote:
    """The better answer has at least `least` of something and the worse had less."""

    def vote(worse: str, better: str) -> int | None:
        before, after = measure(worse) >= least, measure(better) >= least
        return None if before and after else int(after) - int(before)

    return vote


def _less(measure: Callable[[str], int]) -> Vote:
    """A sentence that had something now stands without it, and nothing else has it.

    Leaving the sentence out altogether is no evidence: it may have gone for any reason.
    """

    def vote(worse: str, better: str) -> int | None:
        before = [unit for unit in traits.sentences(worse) if measure(unit)]
        if measure(better):
            return -1 if measure(better) > measure(worse) else 0
        if not before:
            return None
        after = [traits.vocabulary(unit) for unit in traits.sentences(better)]
        return int(any(_kept(traits.vocabulary(unit), each) for unit in before for each in after))

    return vote


def _kept(words: frozenset[str], others: frozenset[str]) -> bool:
    return len(words & others) >= max(2, SAME_WORDS * min(len(words), len(others)))


def _instead(measure: Callable[[str], int], other: Callable[[str], int]) -> Vote:
    """Only the other thing stands where something, or nothing of the kind, stood."""

    def vote(worse: str, better: str) -> int | None:
        before, after = (other(text) > 0 and not measure(text) for text in (worse, better))
        none_at_all = not any(found(text) for found in (measure, other) for text in (worse, better))
        if none_at_all or (before and after):
            return None
        return 1 if after else -1 if before or measure(better) > measure(worse) else 0

    return vote


TRAITS: tuple[Trait, ...] = (
    Trait(
        key="short",
        text="Keep answers short: one or two sentences.",
        vote=_shorter,
        said_by="too_long",
        denied_by="too_short",
        confidence=VERY_CONFIDENT,
    ),
    Trait(
        key="long",
        text="Answer in detail: explain the reasons and the steps.",
        vote=_longer,
        said_by="too_short",
        denied_by="too_long",
        confidence=VERY_CONFIDENT,
    ),
    Trait(
        key="bullets",
        text='Write answers as a list of points; begin each line with "- ".',
        vote=_more(traits.bullets, 2),
    ),
    Trait(
        key="steps",
        text='Write answers as numbered steps: "1.", "2.", "3.", each on its own line.',
        vote=_more(traits.steps, 2),
    ),
    Trait(
        key="plain",
        text="Write plain paragraphs: no lists, no headings, no bold words.",
        vote=_less(lambda text: int(not traits.is_plain(text))),
    ),
    Trait(
        key="formal",
        text='Write formally: no contractions, no exclamation marks, and never address the reader as "you".',
        vote=_less(traits.informal_marks),
    ),
    Trait(key="no_emoji", text="Never use emoji.", vote=_less(traits.emoji)),
    Trait(
        key="metric",
        text="Use metric units only: metres, kilometres, kilograms, litres, degrees Celsius.",
        vote=_instead(traits.imperial_units, traits.metric_units),
    ),
    Trait(
        key="british",
        text="Use British spelling: colour, centre, organise, favourite, litre.",
        vote=_instead(traits.american_words, traits.british_words),
    ),
    Trait(
        key="doubt",
        text='Say how sure you are, for example "I am not certain, but" or "probably".',
        vote=_more(traits.doubts),
    ),
    Trait(
        key="examples",
        text='Give an example in every answer: "For example, ...".',
        vote=_more(lambda text: int(traits.gives_example(text))),
    ),
)
