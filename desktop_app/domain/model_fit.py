"""Whether a model fits this machine, before it is fetched: memory by arithmetic, speed by what the memory can carry.

The constants of `_overhead` were fitted to the resident peaks of two models (49,152 and 151,936 words) at contexts of
2,048, 4,096 and 8,192 tokens; `make bench-models` compares the sum with what is measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

KvType = Literal["f16", "q8_0", "q4_0"]
Verdict = Literal["fits", "slow", "wont_fit"]

KV_BYTES: dict[KvType, float] = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
"""Bytes of one element of the KV cache; the quantized ones share a 2-byte scale among 32 elements (ggml's blocks)."""
BATCH_TOKENS = 512
PROCESS_BYTES = 57 * 1024**2
WORD_BYTES = 653
ACTIVATION_ROWS = 12
SLOW_TOKENS_PER_S = 6.0
SPARE_SHARE = 0.1
USUAL_BANDWIDTH = 15e9
"""Bytes of weights that two ordinary cores read in a second; a measurement of this machine replaces it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """What the memory of a language model depends on. `kv_length` is keys and values of one token in one block."""

    blocks: int
    kv_length: int
    width: int
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a new process could take now: `free` bytes of memory, and `gpu_free` of a graphics card's that we can use.

    `bandwidth` is how many bytes of weights the processor reads in a second, measured where something was measured.
    """

    free: int
    gpu_free: int = 0
    bandwidth: float = USUAL_BANDWIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The arithmetic in bytes, beside what is `free`; `tokens_per_s` is an estimate, 0 where none can be made.

    `gpu_free` is the graphics card's memory that was counted in, 0 where the processor does all of it.
    """

    weights: int
    projector: int
    cache: int
    overhead: int
    free: int
    tokens_per_s: float
    verdict: Verdict
    gpu_free: int = 0

    @property
    def needed(self) -> int:
        return self.weights + self.projector + self.cache + self.overhead


def cache_bytes(shape: ModelShape, context_tokens: int, kv_type: KvType = "f16") -> int:
    """The KV cache of a whole context."""
    return int(shape.blocks * shape.kv_length * context_tokens * KV_BYTES[kv_type])


def language_fit(
    shape: ModelShape,
    *,
    weights: int,
    projector: int = 0,
    context_tokens: int,
    kv_type: KvType = "f16",
    machine: Machine,
) -> Fit:
    """For a language model. Every answer token reads all weights once, so that the memory's bandwidth bounds it.

    What is on the graphics card is not slow; what only fits in both memories together is.
    """
    overhead = PROCESS_BYTES + shape.words * WORD_BYTES + BATCH_TOKENS * shape.width * 4 * ACTIVATION_ROWS
    speed = machine.bandwidth / weights if weights else 0.0
    fit = _judged(weights, projector, cache_bytes(shape, context_tokens, kv_type), overhead, machine.free, speed)
    if not machine.gpu_free:
        return fit
    verdict: Verdict = fit.verdict
    if fit.needed <= machine.gpu_free * (1 - SPARE_SHARE):
        verdict = "fits"
    elif fit.needed <= machine.free + machine.gpu_free and verdict == "wont_fit":
        verdict = "slow"
    return replace(fit, verdict=verdict, gpu_free=machine.gpu_free, tokens_per_s=0.0)


def layers_on_gpu(fit: Fit, blocks: int) -> int:
    """How many of a model's blocks a graphics card's memory holds; one more stands for what follows the last block."""
    room = fit.gpu_free * (1 - SPARE_SHARE) - fit.overhead - fit.projector
    each = (fit.weights + fit.cache) / (blocks + 1)
    return max(0, min(blocks + 1, int(room / each))) if each else 0


def plain_fit(ram_bytes: int, *, weights: int, free: int) -> Fit:
    """For a model whose need is known as one number: recognisers, voices, labels."""
    return _judged(weights, 0, 0, max(0, ram_bytes - weights), free, 0.0)


def _judged(weights: int, projector: int, cache: int, overhead: int, free: int, speed: float) -> Fit:
    needed = weights + projector + cache + overhead
    tight = needed > free * (1 - SPARE_SHARE)
    slow = 0 < speed < SLOW_TOKENS_PER_S
    return Fit(
        weights=weights,
        projector=projector,
        cache=cache,
        overhead=overhead,
        free=free,
        tokens_per_s=speed,
        verdict="wont_fit" if needed > free else "slow" if tight or slow else "fits",
    )
