"""The statistics of the gate, standard library only and the same for the same seed on every machine."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

DRAWS = 2000


def mean(values: Sequence[float]) -> float:
    """0 for no values."""
    return math.fsum(values) / len(values) if values else 0.0


def deviation(values: Sequence[float]) -> float:
    """Sample standard deviation; 0 for fewer than two values."""
    if len(values) < 2:
        return 0.0
    middle = mean(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def auc(scores: Sequence[float], liked: Sequence[bool]) -> float:
    """How often a liked answer scores above one that was not (ties half); 0.5 when there is only one kind."""
    good = [score for score, label in zip(scores, liked, strict=True) if label]
    bad = [score for score, label in zip(scores, liked, strict=True) if not label]
    if not good or not bad:
        return 0.5
    wins = sum((g > b) + (g == b) / 2 for g in good for b in bad)
    return wins / (len(good) * len(bad))


def luck_auc(scores: Sequence[float], liked: Sequence[bool], level: float, seed: int = 0) -> float:
    """The area that shuffled labels reach or exceed in a share `level` of cases at most; 1 when no area would do."""
    chance, labels = random.Random(seed), list(liked)
    drawn = []
    for _ in range(DRAWS):
        chance.shuffle(labels)
        drawn.append(auc(scores, labels))
    drawn.sort()
    return drawn[min(len(drawn) - 1, math.ceil((1 - level) * len(drawn)))]


def bootstrap(
    count: int, statistic: Callable[[Sequence[int]], float], level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Percentile interval of `statistic(indices)` over resamples of `count` cases. (0, 0) without cases."""
    if not count:
        return 0.0, 0.0
    chance, places = random.Random(seed), range(count)
    drawn = sorted(statistic(chance.choices(places, k=count)) for _ in range(DRAWS // 2))
    tail = (1 - level) / 2
    return drawn[int(tail * len(drawn))], drawn[min(len(drawn) - 1, int((1 - tail) * len(drawn)))]


def auc_gain(
    candidate: Sequence[float], other: Sequence[float], liked: Sequence[bool], level: float = 0.95, seed: int = 0
) -> tuple[float, float, float]:
    """(gain, low, high) in area of one scorer over another on the same answers: a paired bootstrap."""

    def gain(places: Sequence[int]) -> float:
        labels = [liked[k] for k in places]
        return auc([candidate[k] for k in places], labels) - auc([other[k] for k in places], labels)

    low, high = bootstrap(len(liked), gain, level, seed)
    return gain(range(len(liked))), low, high


def divergence(base: Sequence[float], candidate: Sequence[float]) -> float:
    """KL(base, candidate) in nats a token, from log-probabilities of text that the base wrote at temperature 1.

    Schulman's low-variance estimator: the mean of r - 1 - log r with r = candidate / base; never negative.
    """
    gaps = [min(20.0, c - b) for b, c in zip(base, candidate, strict=True)]
    return max(0.0, mean([math.expm1(gap) - gap for gap in gaps]))


def growth_bound(control: Sequence[float], count: int, z: float, spread: float = 0.0) -> float:
    """How far the mean of `count` changes may lie above nothing when the change is only noise.

    `control` are the same changes where only something irrelevant was swapped; `spread` is the deviation among the
    judged ones, when it is larger.
    """
    if not control or not count:
        return 0.0
    noise = max(deviation(control), spread)
    return max(0.0, mean(control)) + z * noise * math.sqrt(1 / len(control) + 1 / count)
