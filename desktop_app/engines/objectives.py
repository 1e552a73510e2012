"""The losses, one example at a time, as functions of log probabilities. Formulas: DECISIONS.md, "The objective".

Rewards are `beta` times the difference of the answer's log probability to that of the base. Every loss may be averaged
over a batch in any order, because what the examples share (the shift) is a number of the steps before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop_app.domain.training import Recipe

EDGE_TOKENS = 4


@dataclass(slots=True)
class Shift:
    """The running middle between liked and disliked rewards (BCO), or the running drift (KTO)."""

    memory: float
    liked: float = 0.0
    disliked: float = 0.0
    drift: float = 0.0

    @property
    def middle(self) -> float:
        return (self.liked + self.disliked) / 2

    def learn(self, liked: Sequence[float], disliked: Sequence[float], drift: Sequence[float]) -> None:
        """The rewards of one batch."""
        self.liked = self._mixed(self.liked, liked)
        self.disliked = self._mixed(self.disliked, disliked)
        self.drift = max(0.0, self._mixed(self.drift, drift))

    def _mixed(self, old: float, new: Sequence[float]) -> float:
        return self.memory * old + (1 - self.memory) * sum(new) / len(new) if new else old


def reward(recipe: Recipe, now: Any, base: Any, usual_tokens: float) -> Any:
    """`usual_tokens` is the data's mean length of an answer, to which others are brought by `length_power`."""
    scale = (usual_tokens / max(1, len(now))) ** recipe.length_power
    return recipe.beta * scale * (now.sum() - base.sum())


def rating_loss(recipe: Recipe, rewarded: Any, liked: bool, smoothing: float, shift: Shift) -> Any:
    """BCO: is the answer liked, by how far its reward is from the middle (arXiv 2404.04656). KTO: arXiv 2402.01306."""
    sign = 1.0 if liked else -1.0
    if recipe.objective == "kto":
        return 1 - (sign * (rewarded - shift.drift)).sigmoid()
    import torch

    off = torch.nn.functional.softplus
    margin = sign * (rewarded - shift.middle)
    return (1 - smoothing) * off(-margin) + smoothing * off(margin)


def pair_loss(better: Any, worse: Any, smoothing: float) -> Any:
    """DPO with label smoothing (arXiv 2305.18290)."""
    import torch

    off = torch.nn.functional.softplus
    margin = better - worse
    return (1 - smoothing) * off(-margin) + smoothing * off(margin)


def likelihood_loss(recipe: Recipe, now: Any) -> Any:
    """Mean per token, so that long answers do not count more.

    How an answer begins and where it ends decide its form, and are a few tokens among many: they weigh more.
    """
    import torch

    weights = torch.ones_like(now)
    weights[:EDGE_TOKENS] = recipe.edge_weight
    weights[-1:] = recipe.edge_weight
    return -(weights * now).sum() / weights.sum()


def drift_loss(now: Any, top_ids: Any, top_log_probs: Any) -> Any:
    """Mean KL(base || now) per token over the base's likeliest words, the rest taken as one word."""
    ours = now.gather(1, top_ids)
    kept = (top_log_probs.exp() * (top_log_probs - ours)).sum(1)
    rest = (1 - top_log_probs.exp().sum(1)).clamp_min(1e-6)
    ours_rest = (1 - ours.exp().sum(1)).clamp_min(1e-6)
    return (kept + rest * (rest.log() - ours_rest.log())).mean()


def estrangement(now: Any, base: Any) -> Any:
    """How much the log probability of the words that a text has changed, likely ones or not; small changes squared.

    Rare words lie outside of the kept ones: without this they are lost together, and perplexity with them.
    """
    import torch

    return torch.nn.functional.smooth_l1_loss(now, base, beta=0.1)
