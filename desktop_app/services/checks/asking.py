"""How a check asks the model: short questions, short answers, and how likely given answers are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop_app.domain.gate import GateRules, Reading
from desktop_app.domain.generation import ModelRequest, Sampling, TextDelta
from desktop_app.domain.messages import Message, said
from desktop_app.ports import CancelToken, LanguageModel

MOST_PROMPT_CHARACTERS = 600
MOST_ANSWER_CHARACTERS = 240

Value = Any
"""What is measured of one item: numbers, texts, lists of them; what JSON can hold."""


class Asker:
    """One model as it is now (with or without an adapter). Every call may raise Cancelled."""

    def __init__(self, model: LanguageModel, cancel: CancelToken) -> None:
        self._model = model
        self._cancel = cancel

    def likelihoods(self, prompt: Sequence[Message], answer: str) -> tuple[float, ...]:
        """Log-probability of each token of `answer`."""
        self._cancel.raise_if_cancelled()
        return self._model.score(ModelRequest(messages=tuple(prompt), cache_key="gate"), answer).token_log_probs

    def log_prob(self, question: str, answer: str) -> float:
        return sum(self.likelihoods((said("user", question),), answer))

    def answer(self, question: str, *, most: int, temperature: float = 0.0, seed: int = 0) -> str:
        """At temperature 1 nothing is cut from the distribution, so that the text is a sample of the model itself."""
        sampling = Sampling(temperature=temperature, top_p=1.0, top_k=0, min_p=0.0, seed=seed, max_tokens=most)
        request = ModelRequest(messages=(said("user", question),), sampling=sampling, cache_key="gate")
        text = [event.text for event in self._model.stream(request, self._cancel) if isinstance(event, TextDelta)]
        self._cancel.raise_if_cancelled()
        return "".join(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to ask. `key` is the same as long as the question is: base values are kept under it."""

    key: str
    data: Any


class Probe:
    """One concern of the gate. `names` are the rules it gives readings for.

    `private`: about the person's own data, so its base values are not kept.
    """

    names: tuple[str, ...] = ()
    private = False

    def items(self) -> Sequence[Item]:
        raise NotImplementedError

    def prepare(self, asker: Asker, item: Item) -> Value:
        """What only the base can say, asked once and kept; handed to `measure`."""
        return None

    def measure(self, asker: Asker, item: Item, prepared: Value) -> Value:
        raise NotImplementedError

    def readings(self, rules: GateRules, base: Sequence[Value], candidate: Sequence[Value]) -> Sequence[Reading]:
        raise NotImplementedError


def shortened(prompt: Sequence[Message]) -> tuple[Message, ...]:
    """Instructions and the latest messages, as far as they are short; always the last one."""
    kept: list[Message] = []
    room = MOST_PROMPT_CHARACTERS
    for message in reversed(prompt):
        text = message.text[-MOST_PROMPT_CHARACTERS:]
        if kept and len(text) > room:
            continue
        kept.append(said(message.role, text))
        room -= len(text)
    return tuple(reversed(kept))
