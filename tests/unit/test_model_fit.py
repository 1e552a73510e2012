"""Whether a model fits: the arithmetic, and the words for it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.model_fit import Machine, ModelShape, cache_bytes, language_fit, layers_on_gpu, plain_fit
from desktop_app.domain.model_specs import best_fitting
from desktop_app.services.model_catalog import load_catalog

QWEN = ModelShape(blocks=24, kv_length=256, width=896, words=151_936)
GIB = 1024**3


def test_the_cache_is_two_bytes_an_element_and_less_when_quantized() -> None:
    assert cache_bytes(QWEN, 4096) == 24 * 256 * 4096 * 2
    assert cache_bytes(QWEN, 4096, "q8_0") / cache_bytes(QWEN, 4096) == 34 / 64
    assert cache_bytes(QWEN, 4096, "q4_0") / cache_bytes(QWEN, 4096) == 18 / 64


def test_three_words() -> None:
    def verdict(free: int, bandwidth: float = 15e9) -> str:
        machine = Machine(free=free, bandwidth=bandwidth)
        return language_fit(QWEN, weights=491_400_064, context_tokens=4096, machine=machine).verdict

    assert verdict(8 * GIB) == "fits"
    assert verdict(740_000_000) == "slow"
    assert verdict(500_000_000) == "wont_fit"
    assert verdict(8 * GIB, bandwidth=1e9) == "slow"


@given(st.integers(0, 10**11), st.integers(1, 10**10), st.integers(512, 131_072))
def test_more_memory_never_makes_it_worse(free: int, weights: int, context: int) -> None:
    order = ["wont_fit", "slow", "fits"]
    one, more = (
        language_fit(QWEN, weights=weights, context_tokens=context, machine=Machine(free=room, bandwidth=1e12))
        for room in (free, free + 10**9)
    )
    assert order.index(one.verdict) <= order.index(more.verdict)
    assert one.needed == one.weights + one.projector + one.cache + one.overhead


def test_the_largest_that_fits_is_recommended_and_the_smallest_where_none_does() -> None:
    models = [spec for spec in load_catalog() if spec.role == "language"][:3]
    roomy = plain_fit(1, weights=1, free=GIB)
    assert best_fitting([(spec, roomy) for spec in models]) == max(models, key=lambda spec: spec.bytes).id
    tight = replace(roomy, verdict="wont_fit")
    assert best_fitting([(spec, tight) for spec in models]) == min(models, key=lambda spec: spec.bytes).id
    assert best_fitting([]) == ""


def test_a_graphics_card_holds_all_of_it_or_as_many_blocks_as_it_can() -> None:
    def fit(gpu_free: int, free: int = 500_000_000) -> tuple[str, int]:
        machine = Machine(free=free, gpu_free=gpu_free)
        found = language_fit(QWEN, weights=491_400_064, context_tokens=4096, machine=machine)
        return found.verdict, layers_on_gpu(found, QWEN.blocks)

    assert fit(8 * GIB) == ("fits", QWEN.blocks + 1)
    verdict, layers = fit(600_000_000)
    assert verdict == "slow" and 0 < layers < QWEN.blocks
    assert fit(100_000_000, free=8 * GIB) == ("fits", 0)
    assert fit(100_000_000) == ("wont_fit", 0)
