"""Whether anything else was lost: how well neutral prose is read, and how far the model has moved from its base."""

from __future__ import annotations

import math
from collections.abc import Sequence

from desktop_app.domain.gate import GateRules, Reading
from desktop_app.domain.gate_statistics import divergence, mean
from desktop_app.domain.messages import said
from desktop_app.services.checks.asking import Asker, Item, Probe, Value


class PlainText(Probe):
    names = ("plain_text",)

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def items(self) -> Sequence[Item]:
        return [Item(key=f"text:{text}", data=text) for text in self._texts]

    def measure(self, asker: Asker, item: Item, prepared: Value) -> Value:
        return list(asker.likelihoods((), item.data))

    def readings(self, rules: GateRules, base: Sequence[Value], candidate: Sequence[Value]) -> Sequence[Reading]:
        before, after = (math.exp(-mean([each for text in side for each in text])) for side in (base, candidate))
        return (Reading(name="plain_text", value=after, base=before),)


class Distance(Probe):
    """Text that the base wrote itself at temperature 1, so that the mean log-ratio is the divergence."""

    names = ("distance",)

    def __init__(self, questions: Sequence[str], tokens: int) -> None:
        self._questions = questions
        self._tokens = tokens

    def items(self) -> Sequence[Item]:
        return [Item(key=f"own {self._tokens}:{question}", data=question) for question in self._questions]

    def prepare(self, asker: Asker, item: Item) -> Value:
        return asker.answer(item.data, most=self._tokens, temperature=1.0, seed=1)

    def measure(self, asker: Asker, item: Item, prepared: Value) -> Value:
        return list(asker.likelihoods((said("user", item.data),), prepared))

    def readings(self, rules: GateRules, base: Sequence[Value], candidate: Sequence[Value]) -> Sequence[Reading]:
        before, after = ([each for text in side for each in text] for side in (base, candidate))
        return (Reading(name="distance", value=divergence(before, after), base=0.0),)
