"""What the model writes now: fresh answers to everyday questions, looked at for collapse, loops and language."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from desktop_app.domain.answer_health import drifted, empty, looping, words
from desktop_app.domain.feedback import TrainingExample
from desktop_app.domain.gate import GateRules, Reading, length_bounds
from desktop_app.domain.gate_statistics import mean
from desktop_app.services.checks.asking import Asker, Item, Probe, Value
from desktop_app.services.checks.own_ratings import rated_answers
from desktop_app.services.gates import FormatProbe

_FENCE = re.compile(r"```\w*\n?(.*?)(```|\Z)", re.DOTALL)
_ENTRY = re.compile(r"^\s*([-*•]|\d+[.)])\s+\S", re.MULTILINE)


class FreshAnswers(Probe):
    names = ("empty", "looping", "language", "length")

    def __init__(self, questions: Sequence[str], tokens: int, examples: Sequence[TrainingExample]) -> None:
        self._questions = questions
        self._tokens = tokens
        self._examples = examples

    def items(self) -> Sequence[Item]:
        return [Item(key=f"answer {self._tokens}:{question}", data=question) for question in self._questions]

    def measure(self, asker: Asker, item: Item, prepared: Value) -> Value:
        return asker.answer(item.data, most=self._tokens)

    def readings(self, rules: GateRules, base: Sequence[Value], candidate: Sequence[Value]) -> Sequence[Reading]:
        low, high = length_bounds(rules.rule("length"), *self._lengths()) if rules.has("length") else (None, None)
        before, after = (mean([len(words(text)) for text in side]) for side in (base, candidate))
        return (
            *(
                Reading(name=name, value=mean(signs(candidate)), base=mean(signs(base)))
                for name, signs in (("empty", _empty), ("looping", _looping), ("language", self._drifted))
            ),
            Reading(name="length", value=after, base=before, low=low, high=high, note=f"Words; {before:.0f} before."),
        )

    def _drifted(self, texts: Sequence[str]) -> list[float]:
        return [float(drifted(text, asked)) for text, asked in zip(texts, self._questions, strict=True)]

    def _lengths(self) -> tuple[list[int], list[int]]:
        rated = rated_answers(self._examples)
        liked, disliked = ([len(words(answer)) for _, answer, good in rated if good is kind] for kind in (True, False))
        return liked, disliked


class Formats(Probe):
    names = ("formats",)

    def __init__(self, probes: Sequence[FormatProbe], tokens: int) -> None:
        self._probes = probes
        self._tokens = tokens

    def items(self) -> Sequence[Item]:
        return [Item(key=f"format {self._tokens}:{probe.ask}", data=probe) for probe in self._probes]

    def measure(self, asker: Asker, item: Item, prepared: Value) -> Value:
        return float(well_formed(item.data.kind, asker.answer(item.data.ask, most=self._tokens)))

    def readings(self, rules: GateRules, base: Sequence[Value], candidate: Sequence[Value]) -> Sequence[Reading]:
        note = f"{sum(candidate):.0f} of {len(candidate)} well formed, {sum(base):.0f} before."
        return (Reading(name="formats", value=mean(candidate), base=mean(base), note=note),)


def well_formed(kind: str, text: str) -> bool:
    """Whether a (perhaps cut) answer is of the kind: one JSON value, code, or at least two entries of a list."""
    if kind == "list":
        return len(_ENTRY.findall(text)) >= 2
    fenced = _FENCE.search(text)
    inner = fenced.group(1) if fenced else text
    if kind == "code":
        return bool(fenced) or "def " in inner or "return " in inner
    try:
        json.loads(inner.strip())
    except ValueError:
        return False
    return True


def _empty(texts: Sequence[str]) -> list[float]:
    return [float(empty(text)) for text in texts]


def _looping(texts: Sequence[str]) -> list[float]:
    return [float(looping(text)) for text in texts]
