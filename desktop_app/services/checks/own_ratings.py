"""Whether the adapter knows what the person likes: its reward for answers that were rated but not learned from.

The reward of an answer is by how much the adapter makes it likelier, a token, than the base does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from desktop_app.domain.feedback import TrainingExample
from desktop_app.domain.gate import GateRules, Reading
from desktop_app.domain.gate_statistics import auc, auc_gain, bootstrap, luck_auc, mean
from desktop_app.services.checks.asking import MOST_ANSWER_CHARACTERS, Asker, Item, Probe, Value, shortened


def rated_answers(examples: Sequence[TrainingExample]) -> list[tuple[TrainingExample, str, bool]]:
    """(example, answer, liked), each answer of an opinion once; a pair gives two."""
    found: dict[tuple[str, str], tuple[TrainingExample, str, bool]] = {}
    for each in examples:
        found.setdefault((each.feedback_id, each.answer), (each, each.answer, each.liked))
        if each.rather_than:
            found.setdefault((each.feedback_id, each.rather_than), (each, each.rather_than, False))
    return list(found.values())


class _Rated(Probe):
    """What both checks on rated answers share: an answer's mean log-probability a token."""

    private = True

    def __init__(self, rated: Sequence[tuple[TrainingExample, str, bool]]) -> None:
        self._rated = list(rated)

    def items(self) -> Sequence[Item]:
        return [
            Item(
                key=hashlib.sha256(f"{each.feedback_id}\0{answer}".encode()).hexdigest(),
                data=(shortened(each.prompt), answer[:MOST_ANSWER_CHARACTERS]),
            )
            for each, answer, _ in self._rated
        ]

    def measure(self, asker: Asker, item: Item, prepared: Value) -> Value:
        prompt, answer = item.data
        return mean(asker.likelihoods(prompt, answer))


class HeldOut(_Rated):
    """`current` are the rewards of the adapter in use for the same items, None without one."""

    names = ("held_out", "no_worse_than_current")

    def __init__(self, held_out: Sequence[TrainingExample], most: int, seed: int) -> None:
        newest = sorted(held_out, key=lambda each: -each.created_at)
        super().__init__(rated_answers(newest)[:most])
        self.current: list[float] | None = None
        self._seed = seed

    def readings(self, rules: GateRules, base: Sequence[Value], candidate: Sequence[Value]) -> Sequence[Reading]:
        rule = rules.rule("held_out")
        liked = [label for _, _, label in self._rated]
        rewards = [c - b for b, c in zip(base, candidate, strict=True)]
        area = auc(rewards, liked)
        low = max(rule.low or 0.0, luck_auc(rewards, liked, rule.level, self._seed))
        before = [c - b for b, c in zip(base, self.current, strict=True)] if self.current else [0.0] * len(rewards)
        gain, least, most = auc_gain(rewards, before, liked, seed=self._seed)
        good = sum(liked)
        note = f"{good} liked and {len(liked) - good} disliked answers; 95 % interval {_range(rewards, liked)}."
        against = "the adapter in use" if self.current else "no adapter"
        return (
            Reading(name="held_out", value=area, base=0.5, low=low, note=note),
            Reading(
                name="no_worse_than_current",
                value=area,
                base=area - gain,
                note=f"Compared with {against}: {gain:+.2f}, 95 % interval {least:+.2f} to {most:+.2f}.",
            ),
        )


class Accepted(_Rated):
    """Answers that were liked must stay about as likely."""

    names = ("accepted",)

    def __init__(self, examples: Sequence[TrainingExample], most: int) -> None:
        liked = sorted((each for each in examples if each.liked), key=lambda each: each.created_at)
        step = max(1, len(liked) // most) if most else 1
        super().__init__([(each, each.answer, True) for each in liked[::step][:most]])

    def readings(self, rules: GateRules, base: Sequence[Value], candidate: Sequence[Value]) -> Sequence[Reading]:
        kept = [c - b >= -0.1 for b, c in zip(base, candidate, strict=True)]
        return (Reading(name="accepted", value=mean([float(each) for each in kept]) if kept else 1.0, base=1.0),)


def _range(rewards: Sequence[float], liked: Sequence[bool]) -> str:
    low, high = bootstrap(len(liked), lambda at: auc([rewards[k] for k in at], [liked[k] for k in at]))
    return f"{low:.2f} to {high:.2f}"
