"""What a language model is asked and what it says back. Pure values that cross the pipe to the model child."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from desktop_app.domain.messages import Message

PROBE_SIDES = (448, 1792)
"""Squares, in pixels, whose cost in tokens is measured when a model with eyes is loaded."""

StoppedBy = Literal["end", "length", "person", "context", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is chosen. With `temperature` 0 the likeliest token always wins."""

    temperature: float = 0.7
    top_p: float = 0.9
    top_k: int = 40
    min_p: float = 0.05
    seed: int = 0
    max_tokens: int = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One question to the model. `cache_key` names the conversation whose KV state may be reused.

    `picture_files` maps each picture's sha256 to the PNG that the model may open.
    """

    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    cache_key: str = ""
    picture_files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAbilities:
    """What a loaded model can do. `memory_bytes` is what the process holds after loading.

    `picture_tokens` is what a square picture costs at each of `PROBE_SIDES`; `picture_side` the square, in pixels,
    to which every picture is brought, 0 when it keeps its shape.
    """

    name: str
    sha256: str
    architecture: str
    context_tokens: int
    sees_pictures: bool
    load_ms: float
    memory_bytes: int = 0
    template: str = "chatml"
    picture_tokens: tuple[int, int] = (0, 0)
    picture_side: int = 0

    def tokens_of(self, width: int, height: int) -> int:
        """About how many tokens a picture takes: between the two measured squares in proportion to its area."""
        small, large = (side * side for side in PROBE_SIDES)
        cheap, dear = self.picture_tokens
        share = (min(max(width * height, small), large) - small) / (large - small)
        return round(cheap + (dear - cheap) * share)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptProgress:
    """The prompt is being read: `done` of `total` tokens, of which `reused` came from the cache."""

    done: int
    total: int
    reused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    """The next piece of the answer. Always whole characters."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationEnded:
    """The last thing a stream says. Times in milliseconds from the moment the model took the request."""

    stopped_by: StoppedBy
    prompt_tokens: int
    reused_tokens: int
    tokens: int
    first_token_ms: float
    total_ms: float
    pictures_encoded: int = 0

    @property
    def tokens_per_second(self) -> float:
        """Answer tokens per second after the first token; 0 when there were fewer than two."""
        spent = self.total_ms - self.first_token_ms
        return (self.tokens - 1) * 1000.0 / spent if self.tokens > 1 and spent > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerScore:
    """How likely the model finds a given answer: natural logarithms, one per token, the end of the turn not counted."""

    token_log_probs: tuple[float, ...]

    @property
    def tokens(self) -> int:
        return len(self.token_log_probs)

    @property
    def log_prob(self) -> float:
        return math.fsum(self.token_log_probs)

    @property
    def perplexity(self) -> float:
        """1 for an answer of no tokens."""
        return math.exp(-self.log_prob / self.tokens) if self.tokens else 1.0


GenerationEvent = PromptProgress | TextDelta | GenerationEnded
