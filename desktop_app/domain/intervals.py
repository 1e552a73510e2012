"""How sure a number is: Wilson's interval for shares, Student's for means, percentiles, and what is too little."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH = 8
"""Fewer answers than this conclude nothing."""
_Z = 1.959964
_T: tuple[float, ...] = (
    12.706,
    4.303,
    3.182,
    2.776,
    2.571,
    2.447,
    2.365,
    2.306,
    2.262,
    2.228,
    2.201,
    2.179,
    2.160,
    2.145,
    2.131,
    2.120,
)
_T += (2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value between `low` and `high` with 95 % confidence, from `n` observations."""

    value: float
    low: float
    high: float
    n: int

    @property
    def enough(self) -> bool:
        return self.n >= ENOUGH


def share(hits: int, n: int) -> Estimate | None:
    """The share of `hits` in `n` with Wilson's score interval (E. B. Wilson, 1927). None for n = 0."""
    if n <= 0:
        return None
    p = hits / n
    z2 = _Z * _Z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Estimate(value=p, low=max(0.0, centre - half), high=min(1.0, centre + half), n=n)


def mean(values: Sequence[float], *, least: float = -math.inf, most: float = math.inf) -> Estimate | None:
    """The mean with Student's interval, inside what the scale allows. One value says nothing: the whole scale."""
    n = len(values)
    if n == 0:
        return None
    centre = math.fsum(values) / n
    if n == 1:
        return Estimate(value=centre, low=least, high=most, n=1)
    spread = math.sqrt(math.fsum((value - centre) ** 2 for value in values) / (n - 1))
    half = (_T[n - 2] if n - 2 < len(_T) else _Z) * spread / math.sqrt(n)
    return Estimate(value=centre, low=max(least, centre - half), high=min(most, centre + half), n=n)


def percentile(ordered: Sequence[float], share_: float) -> float:
    """Of values in ascending order, between the neighbours; NaN for none."""
    if not ordered:
        return math.nan
    at = share_ * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)
