"""Which of two openings the model leans to: declining or complying, agreeing or correcting.

Log-odds a token of the two, from likelihoods: what a small model writes is too noisy to count.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.domain.gate import GateRules, Reading
from desktop_app.domain.gate_statistics import mean
from desktop_app.domain.messages import said
from desktop_app.services.checks.asking import Asker, Item, Probe, Value


class Leaning(Probe):
    """The mean over `questions` of how much likelier one of `these` openings is than one of `those`."""

    def __init__(self, name: str, questions: Sequence[str], these: Sequence[str], those: Sequence[str]) -> None:
        self.names = (name,)
        self._questions = questions
        self._these, self._those = these, those

    def items(self) -> Sequence[Item]:
        return [Item(key=f"{self.names[0]}:{question}", data=question) for question in self._questions]

    def measure(self, asker: Asker, item: Item, prepared: Value) -> Value:
        def likely(openings: Sequence[str]) -> float:
            return mean([mean(asker.likelihoods((said("user", item.data),), opening)) for opening in openings])

        return likely(self._these) - likely(self._those)

    def readings(self, rules: GateRules, base: Sequence[Value], candidate: Sequence[Value]) -> Sequence[Reading]:
        return (Reading(name=self.names[0], value=mean(candidate), base=mean(base)),)
