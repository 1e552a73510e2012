"""The steps of a training: which examples each takes, their gradients one by one, the update.

An example's gradient counts only when all of it is there, so that it can be interrupted anywhere and done again.
The same plan, recipe and threads give the same adapter to the bit, interrupted or not.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from desktop_app.domain.training import Recipe
from desktop_app.engines import objectives
from desktop_app.engines.checkpoints import Item, Plan
from desktop_app.engines.hidden_cache import Lessons
from desktop_app.engines.policy import Policy
from desktop_app.engines.training_plan import most_disliked

T = TypeVar("T")
HELD_OUT_EVERY = 3
"""Every third replay lesson is never trained on: the finished adapter's drift is measured there."""
STRENGTHS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)


class TrainingLoop:
    def __init__(self, policy: Policy, lessons: Lessons, plan: Plan, recipe: Recipe) -> None:
        import torch

        self._torch = torch
        self._policy = policy
        self._lessons = lessons
        self._plan = plan
        self._recipe = recipe
        self._parameters = list(policy.parameters.values())
        self._optimizer = torch.optim.AdamW(self._parameters, lr=recipe.learning_rate, weight_decay=0.0)
        self._shift = objectives.Shift(recipe.shift_memory)
        self._batches = batches(plan.items, recipe)
        self._usual = sum(len(plan.lessons[item.lesson].learned) for item in plan.items) / max(1, len(plan.items))
        replay = range(lessons.ratings, len(lessons))
        self._replay = [index for place, index in enumerate(replay) if place % HELD_OUT_EVERY != HELD_OUT_EVERY - 1]
        self._held_out = [index for index in replay if index not in self._replay]
        self.step = 0
        self.tokens = 0
        self.losses: dict[str, float] = {}
        self._begin()

    @property
    def steps(self) -> int:
        return len(self._batches)

    def parts(self) -> Iterator[Callable[[], None]]:
        """What the next step computes, in pieces that may raise and be called again. Then comes `update`."""
        for item in self._batches[self.step]:
            yield partial(self._learn, item)
        for place in range(self._recipe.replay_batch if self._recipe.kl_weight > 0 and self._replay else 0):
            index = self._replay[(self.step * self._recipe.replay_batch + place) % len(self._replay)]
            yield partial(self._hold, index)

    def update(self) -> None:
        for parameter, gradient in zip(self._parameters, self._gradients, strict=True):
            parameter.grad = gradient
        self._torch.nn.utils.clip_grad_norm_(self._parameters, self._recipe.gradient_limit)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(self._recipe, self.step, self.steps)
        self._optimizer.step()
        self._shift.learn(self._liked, self._disliked, self._drift)
        self.losses = {name: sum(values) / len(values) for name, values in self._seen.items()}
        self.step += 1
        self._begin()

    def state(self) -> dict[str, Any]:
        return {
            "parameters": {name: value.detach().clone() for name, value in self._policy.parameters.items()},
            "optimizer": self._optimizer.state_dict(),
            "shift": [self._shift.liked, self._shift.disliked, self._shift.drift],
            "step": self.step,
            "tokens": self.tokens,
            "losses": self.losses,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Raises KeyError, RuntimeError, ValueError for a state of something else, possibly half restored."""
        with self._torch.no_grad():
            for name, value in self._policy.parameters.items():
                value.copy_(state["parameters"][name])
        self._optimizer.load_state_dict(state["optimizer"])
        self._shift.liked, self._shift.disliked, self._shift.drift = state["shift"]
        self.step, self.tokens, self.losses = state["step"], state["tokens"], state["losses"]

    def drift(self, strength: float) -> Iterator[Callable[[], tuple[float, float]]]:
        """At this strength, on each of the neutral lessons that were not trained on: drift, and how much less likely a
        token became (in nats), to be called.
        """
        for index in self._held_out:
            yield partial(self._drift_of, index, strength)

    def _begin(self) -> None:
        self._gradients = [self._torch.zeros_like(parameter) for parameter in self._parameters]
        self._seen: dict[str, list[float]] = {}
        self._liked: list[float] = []
        self._disliked: list[float] = []
        self._drift: list[float] = []

    def _learn(self, item: Item) -> None:
        recipe, lessons = self._recipe, self._lessons
        now = lessons.now(item.lesson)
        rewarded = objectives.reward(recipe, now, lessons.base(item.lesson), self._usual)
        terms: dict[str, Any] = {}
        if recipe.objective in ("bco", "kto"):
            loss = objectives.rating_loss(recipe, rewarded, item.liked, item.smoothing, self._shift)
            terms["rating"] = item.balance * loss
        if item.liked:
            terms["likelihood"] = self._nll_weight * objectives.likelihood_loss(recipe, now)
        worse = None
        if item.worse >= 0 and (self._pair_weight > 0 or item.worse_rated):
            worse = objectives.reward(recipe, lessons.now(item.worse), lessons.base(item.worse), self._usual)
            terms["pair"] = self._pair_weight * objectives.pair_loss(rewarded, worse, item.smoothing)
            if item.worse_rated:
                terms["disliked"] = objectives.rating_loss(recipe, worse, False, item.smoothing, self._shift)
        drift = self._mismatched(item)
        self._add(terms, item.weight / len(self._batches[self.step]))
        (self._liked if item.liked else self._disliked).append(float(rewarded.detach()))
        if worse is not None and item.worse_rated:
            self._disliked.append(float(worse.detach()))
        self._drift += drift
        self.tokens += sum(lessons.tokens(index) for index in (item.lesson, item.worse) if index >= 0)

    def _hold(self, index: int) -> None:
        whole, told = self._lessons.replay_now(index)
        drift = objectives.drift_loss(whole, *self._lessons.replay_base(index))
        strange = objectives.estrangement(told, self._lessons.base(index))
        self._add({"drift": drift, "estrangement": strange}, self._recipe.kl_weight / self._recipe.replay_batch)

    def _add(self, terms: dict[str, Any], weight: float) -> None:
        """Nothing is changed until the whole gradient is there."""
        if not terms:
            return
        gradients = self._torch.autograd.grad(weight * sum(terms.values()), self._parameters)
        for total, gradient in zip(self._gradients, gradients, strict=True):
            total += gradient
        for name, value in terms.items():
            self._seen.setdefault(name, []).append(float(value.detach()))

    def _mismatched(self, item: Item) -> list[float]:
        if item.mismatched < 0:
            return []
        with self._torch.no_grad():
            now = self._lessons.now(item.mismatched)
            return [float(objectives.reward(self._recipe, now, self._lessons.base(item.mismatched), self._usual))]

    def _drift_of(self, index: int, strength: float) -> tuple[float, float]:
        self._policy.set_strength(strength)
        try:
            with self._torch.no_grad():
                whole, told = self._lessons.replay_now(index)
                drift = objectives.drift_loss(whole, *self._lessons.replay_base(index))
                return float(drift), float((self._lessons.base(index) - told).mean())
        finally:
            self._policy.set_strength(1.0)

    @property
    def _nll_weight(self) -> float:
        return 1.0 if self._recipe.objective == "sft" else self._recipe.nll_weight

    @property
    def _pair_weight(self) -> float:
        return {"dpo": 1.0, "sft": 0.0}.get(self._recipe.objective, self._recipe.pair_weight)


def batches(items: Sequence[Item], recipe: Recipe) -> list[list[Item]]:
    """Every epoch in another order, liked and disliked evenly mixed; surplus dislikes take turns."""
    planned: list[list[Item]] = []
    for epoch in range(recipe.epochs):
        order = random.Random(f"{recipe.seed} {epoch}")
        placed: list[tuple[float, int, Item]] = []
        for liked in (True, False):
            group = [(index, item) for index, item in enumerate(items) if item.liked is liked]
            if not liked:
                group = taking_turns(group, most_disliked(items, recipe), epoch)
            order.shuffle(group)
            placed += [((place + 0.5) / len(group), index, item) for place, (index, item) in enumerate(group)]
        mixed = [item for _, _, item in sorted(placed, key=lambda each: each[:2])]
        planned += [mixed[start : start + recipe.batch] for start in range(0, len(mixed), recipe.batch)]
    return planned[: recipe.most_steps]


def taking_turns(group: list[T], most: int, turn: int) -> list[T]:
    """`most` of the group, others each turn until all had theirs."""
    start = turn * most % max(1, len(group))
    return (group + group)[start : start + most] if most < len(group) else group


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """A short warm-up, then half a cosine down to a tenth."""
    if step < recipe.warmup_steps:
        return recipe.learning_rate * (step + 1) / recipe.warmup_steps
    done = (step - recipe.warmup_steps) / max(1, steps - recipe.warmup_steps)
    return recipe.learning_rate * (0.1 + 0.9 * (1 + math.cos(math.pi * done)) / 2)
