"""A blind comparison that may be looked at after every vote: when may we say that one side is better?

The e-value is a bet against "both sides are equally good". It may be read at any time; acting at `ENOUGH` is wrong
for at most one in twenty pairs of equal sides (Ville's inequality). Formula: facts of personalization, 3.3.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ENOUGH = 20.0
MOST_VOTES = 60
_STEPS = 512

Vote = Literal["candidate", "base", "tie"]
Standing = Literal["going_on", "candidate_better", "base_better", "no_evidence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Votes so far. A tie counts half for each side."""

    candidate: int = 0
    base: int = 0
    ties: int = 0

    @property
    def votes(self) -> int:
        return self.candidate + self.base + self.ties

    @property
    def rate(self) -> float:
        """Share of the candidate; a half before the first vote."""
        return (self.candidate + self.ties / 2) / self.votes if self.votes else 0.5


def tally(votes: Sequence[Vote]) -> Tally:
    return Tally(candidate=votes.count("candidate"), base=votes.count("base"), ties=votes.count("tie"))


def evidence(wins: float, losses: float) -> float:
    """The e-value for "wins more than half": the integral of 2 p^w (1-p)^l over p in (1/2, 1), over (1/2)^n."""
    if wins == int(wins) and losses == int(losses):
        return _exactly(int(wins), int(losses))
    return _by_simpson(wins, losses)


def standing(tally: Tally) -> Standing:
    """Where the comparison stands; anything but "going_on" ends it."""
    wins, losses = tally.candidate + tally.ties / 2, tally.base + tally.ties / 2
    if evidence(wins, losses) >= ENOUGH:
        return "candidate_better"
    if evidence(losses, wins) >= ENOUGH:
        return "base_better"
    return "no_evidence" if tally.votes >= MOST_VOTES else "going_on"


def turned_against(liked: int, disliked: int, usual: float = 0.5) -> bool:
    """Whether ratings in daily use say that fewer answers are liked than the `usual` share: the same kind of bet."""
    usual = min(0.9, max(0.1, usual))
    width = usual / _STEPS

    def density(p: float) -> float:
        return float((p / usual) ** liked * ((1 - p) / (1 - usual)) ** disliked) / usual

    middles = (density(width * (k + 0.5)) for k in range(_STEPS))
    return width * math.fsum(middles) >= ENOUGH


def wilson(wins: float, votes: int, z: float = 1.96) -> tuple[float, float]:
    """Interval of a rate (two-sided 95 % unless `z` says otherwise); (0, 1) without votes."""
    if not votes:
        return 0.0, 1.0
    rate, share = wins / votes, z * z / votes
    middle = (rate + share / 2) / (1 + share)
    half = z * math.sqrt(rate * (1 - rate) / votes + share / (4 * votes)) / (1 + share)
    return max(0.0, middle - half), min(1.0, middle + half)


def candidate_is_left(comparison_id: str, number: int) -> bool:
    """On which side the candidate stands in pair `number`: balanced within every two, and not to be guessed."""
    digest = hashlib.sha256(f"{comparison_id}:{number // 2}".encode()).digest()
    return bool(digest[0] & 1) != bool(number & 1)


def _exactly(wins: int, losses: int) -> float:
    """Via the binomial distribution: B(w+1, l+1) P(Bin(n+1, 1/2) <= w) 2^(n+1)."""
    total = wins + losses
    beta = math.factorial(wins) * math.factorial(losses) / math.factorial(total + 1)
    return float(beta) * sum(math.comb(total + 1, k) for k in range(wins + 1))


def _by_simpson(wins: float, losses: float) -> float:
    def density(p: float) -> float:
        return float(2.0 * (2 * p) ** wins * (2 * (1 - p)) ** losses)

    width = 0.5 / _STEPS
    odd = sum(density(0.5 + width * k) for k in range(1, _STEPS, 2))
    even = sum(density(0.5 + width * k) for k in range(2, _STEPS, 2))
    return width / 3 * (density(0.5) + 4 * odd + 2 * even + density(1.0))
