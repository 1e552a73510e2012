"""The blind comparison: base against candidate on the person's own new questions, sides by lot, votes counted fairly.

It may be looked at after every vote. Enough evidence promotes or rejects; 60 votes without it keep the base.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from desktop_app.domain.adapters import check_usable
from desktop_app.domain.blind_comparison import Standing, Tally, Vote, candidate_is_left, evidence, standing, tally
from desktop_app.domain.generation import ModelRequest, Sampling, TextDelta
from desktop_app.domain.messages import said
from desktop_app.errors import UserCanFix
from desktop_app.ports import CancelToken, LanguageModel
from desktop_app.services.adapters import AdapterService

Side = Literal["left", "right", "tie"]
MOST_TOKENS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindPair:
    """Two answers to one question. Which is the candidate's is not in it."""

    adapter_id: str
    question: str
    left: str
    right: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Where the comparison stands. `evidence` is for the candidate, `against` for the base: 20 decides."""

    tally: Tally
    standing: Standing
    evidence: float
    against: float


class BlindService:
    """`judge` gives a model of its own for a base (by its hash), so that conversations are not disturbed."""

    def __init__(
        self, adapters: AdapterService, judge: Callable[[str], LanguageModel], instructions: Callable[[], str]
    ) -> None:
        self._adapters = adapters
        self._judge = judge
        self._instructions = instructions

    def pair(self, adapter_id: str, question: str, cancel: CancelToken) -> BlindPair:
        """Answer `question` twice. Raises UserCanFix, Cancelled."""
        if not question.strip():
            raise UserCanFix("chat.empty", "There is no question.", remedy="Type something to ask both of them.")
        adapter = self._adapters.find(adapter_id)
        number = len(self._adapters.registry.votes(adapter.id))
        base, candidate = self.answers(adapter.id, question, cancel)
        left = candidate_is_left(adapter.id, number)
        return BlindPair(
            adapter_id=adapter.id,
            question=question,
            left=candidate if left else base,
            right=base if left else candidate,
            number=number,
        )

    def answers(
        self, adapter_id: str, question: str, cancel: CancelToken, *, seed: int | None = None, strength: float = 1.0
    ) -> tuple[str, str]:
        """(without, with) the adapter, drawn with the same seed. Raises UserCanFix, Cancelled."""
        adapter = self._adapters.find(adapter_id)
        check_usable(adapter, adapter.lineage.base_sha256)
        model = self._judge(adapter.lineage.base_sha256)
        chosen = secrets.randbits(31) if seed is None else seed
        try:
            model.use_adapter("")
            base = self._answer(model, question, chosen, cancel)
            model.use_adapter(str(self._adapters.registry.file(adapter.id)), strength)
            return base, self._answer(model, question, chosen, cancel)
        finally:
            model.use_adapter("")

    def vote(self, pair: BlindPair, better: Side) -> Result:
        """Keep the vote, once a pair; act when there is enough evidence."""
        adapter = self._adapters.find(pair.adapter_id)
        registry = self._adapters.registry
        if len(registry.votes(adapter.id)) != pair.number:
            return self.result(adapter.id)
        left = candidate_is_left(adapter.id, pair.number)
        choice: Vote = "tie" if better == "tie" else "candidate" if (better == "left") is left else "base"
        registry.vote(adapter.id, choice)
        result = self.result(adapter.id)
        if result.standing == "candidate_better" and adapter.state != "active":
            self._adapters.use(adapter.id, adapter.lineage.base_sha256, strength=adapter.strength, reason="won")
        elif result.standing in ("base_better", "no_evidence"):
            if adapter.state == "active":
                self._adapters.off(adapter.lineage.base_sha256, result.standing)
            elif adapter.state == "offered":
                registry.move(adapter.id, "resting", result.standing)
        return result

    def result(self, adapter_id: str) -> Result:
        votes = tally(self._adapters.registry.votes(self._adapters.find(adapter_id).id))
        wins, losses = votes.candidate + votes.ties / 2, votes.base + votes.ties / 2
        return Result(
            tally=votes, standing=standing(votes), evidence=evidence(wins, losses), against=evidence(losses, wins)
        )

    def _answer(self, model: LanguageModel, question: str, seed: int, cancel: CancelToken) -> str:
        request = ModelRequest(
            messages=(said("system", self._instructions()), said("user", question)),
            sampling=Sampling(seed=seed, max_tokens=MOST_TOKENS),
            cache_key="blind",
        )
        text = "".join(event.text for event in model.stream(request, cancel) if isinstance(event, TextDelta))
        cancel.raise_if_cancelled()
        return text
