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

LEAST_SHOWN = 3
"""So many edits or picks must show a rule."""
LEAST_SAID = 4
"""So many reasons must name it, where no edit shows it."""
LEAST_SHARE = 0.3
"""Of the edits that could have shown it, at least this share must."""
Z = 1.645
"""One-sided 95 %: the share of votes for a rule must be above one half with this confidence (Wilson's lower bound)."""
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
    for_shown = {id_ for id_, vote in shown if vote == 1}
    for_said = {id_ for id_, vote in said if vote == 1}
    against = {id_ for id_, vote in (*shown, *said) if vote == -1}
    supporters = for_shown | for_said
    often = len(for_shown) >= LEAST_SHOWN and len(for_shown) >= LEAST_SHARE * len(could_show)
    if not (often or len(for_said) >= LEAST_SAID) or lower_bound(len(supporters), len(supporters | against)) <= 0.5:
        return None
    ordered = tuple(opinion.id for opinion in opinions if opinion.id in supporters)
    return Proposal(key=trait.key, text=trait.text, opinions=ordered, against=len(against))


def lower_bound(wins: int, trials: int) -> float:
    """Wilson's lower bound of the share of wins; 0 for no trials."""
    if not trials:
        return 0.0
    share, square = wins / trials, Z * Z
    middle = share + square / (2 * trials)
    spread = Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
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
    """Something the worse answer had is gone from the better one."""

    def vote(worse: str, better: str) -> int | None:
        before, after = measure(worse), measure(better)
        if not before and not after:
            return None
        return 1 if before and not after else -1 if after > before else 0

    return vote


def _instead(measure: Callable[[str], int], other: Callable[[str], int]) -> Vote:
    """Something has been replaced by something else."""

    def vote(worse: str, better: str) -> int | None:
        lost, won = measure(worse) - measure(better), other(better) - other(worse)
        if not any((measure(worse), measure(better), other(worse), other(better))):
            return None
        return 1 if lost > 0 and won > 0 else -1 if lost < 0 and won < 0 else 0

    return vote


def _plainer(worse: str, better: str) -> int | None:
    before, after = traits.is_plain(worse), traits.is_plain(better)
    return None if before and after else int(after) - int(before)


TRAITS: tuple[Trait, ...] = (
    Trait(
        key="short",
        text="Keep answers short: one or two sentences.",
        vote=_shorter,
        said_by="too_long",
        denied_by="too_short",
    ),
    Trait(
        key="long",
        text="Answer in detail: explain the reasons and the steps.",
        vote=_longer,
        said_by="too_short",
        denied_by="too_long",
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
    Trait(key="plain", text="Write plain paragraphs: no lists, no headings, no bold words.", vote=_plainer),
    Trait(
        key="formal",
        text='Use formal language: no contractions ("do not", never "don\'t") and no casual words.',
        vote=_less(traits.casual_words),
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
