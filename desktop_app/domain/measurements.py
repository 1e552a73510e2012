"""What was measured of a model on this machine. Pure values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """`measured_at` is seconds since the epoch; speeds are tokens per second; `perplexity` is that of a fixed text."""

    measured_at: float
    prompt_per_s: float
    answer_per_s: float
    first_token_ms: float
    memory_bytes: int
    perplexity: float
