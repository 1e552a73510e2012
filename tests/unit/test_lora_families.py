"""torch with PEFT against llama.cpp with the exported file, for every family; which models are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest

from desktop_app.domain.generation import ModelRequest
from desktop_app.engines import gguf_export
from desktop_app.engines.gguf_families import FAMILIES, read_family, reason_against
from tests.unit import lora_kit

pytestmark = pytest.mark.slow
NOTHING_BUT_TEXT = ModelRequest(messages=())


def policy_of(base: Path, folder: Path) -> Any:
    """With random adapters on every projection of the last blocks."""
    import torch

    from desktop_app.engines import gguf_weights
    from desktop_app.engines.policy import Policy

    family = read_family(base)
    file = folder / "weights.safetensors"
    for _ in gguf_weights.dequantise(base, family, file):
        pass
    policy = Policy(family, gguf_weights.load(file), lora_kit.RECIPE, lambda: None)
    torch.manual_seed(2)
    for name, value in policy.parameters.items():
        value.data.normal_(0, 0.05 if "lora_B" in name else 0.3)
    return policy


def torch_scores(policy: Any, words: list[int]) -> tuple[Any, Any]:
    """Log probabilities of every token after the first: as the base, and with the adapter."""
    import torch

    def scores() -> Any:
        out = policy.upper(policy.lower(words[:-1]))
        return policy.log_probs(out, torch.tensor(words[1:])).numpy()

    with torch.no_grad():
        adapted = scores()
        with policy.as_base():
            return scores(), adapted


def llama_scores(base: Path, adapter: Path) -> tuple[list[int], Any, Any, Any]:
    """The text's tokens, and their log probabilities as the base, with the adapter, as the base again."""
    from desktop_app.engines import llama_scoring
    from desktop_app.engines.llama import LlamaModel

    model = LlamaModel(str(base), context_tokens=512, threads=1)
    model.load()
    words = llama_scoring.text_tokens(model._llama, lora_kit.TEXT)
    before = model.score(NOTHING_BUT_TEXT, lora_kit.TEXT).token_log_probs
    model.use_adapter(str(adapter))
    with_it = model.score(NOTHING_BUT_TEXT, lora_kit.TEXT).token_log_probs
    model.use_adapter("")
    after = model.score(NOTHING_BUT_TEXT, lora_kit.TEXT).token_log_probs
    model.close()
    return words, *map(numpy.array, (before, with_it, after))


def error_of_the_change(base: Path, folder: Path) -> tuple[float, float]:
    """Largest difference of the base's scores, and of what the adapter changes, relative to the change."""
    policy = policy_of(base, folder)
    adapter = folder / "adapter.gguf"
    gguf_export.GgufExporter().export(policy.adapter(lora_kit.RECIPE, lora_kit.sha256(base), "Test"), adapter)
    words, before, with_it, after = llama_scores(base, adapter)
    assert (before == after).all(), "without the adapter the model is the base to the bit"
    plain, adapted = torch_scores(policy, words)
    change = adapted - plain
    error = numpy.linalg.norm((with_it - before) - change) / numpy.linalg.norm(change)
    return float(numpy.abs(before - plain).max()), float(error)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_trained_is_what_runs(family: str, tmp_path: Path) -> None:
    base_error, error = error_of_the_change(lora_kit.tiny_model(tmp_path / "tiny.gguf", family), tmp_path)
    assert base_error < 0.05
    assert error < 1e-2


@pytest.mark.parametrize("family", FAMILIES)
def test_a_wrong_order_of_rows_would_be_seen(family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of another family: llama's rows as they are, the others' as llama's."""
    if family == "llama":
        monkeypatch.setattr(gguf_export, "permuted", lambda b, heads: b)
    else:
        monkeypatch.setattr(gguf_export, "PERMUTED", (family,))
    _, error = error_of_the_change(lora_kit.tiny_model(tmp_path / "tiny.gguf", family), tmp_path)
    assert error > 5e-2


def test_gemmas_stretched_positions_are_mapped(tmp_path: Path) -> None:
    scaling = {"gemma3.rope.scaling.type": "linear", "gemma3.rope.scaling.factor": 8.0}
    base = lora_kit.tiny_model(tmp_path / "tiny.gguf", "gemma3", extra=scaling)
    base_error, error = error_of_the_change(base, tmp_path)
    assert base_error < 0.05
    assert error < 1e-2


@pytest.mark.parametrize(
    ("family", "changes", "words"),
    [
        ("gemma2", {}, "family"),
        ("llama", {"extra": {"llama.rope.scaling.type": "linear", "llama.rope.scaling.factor": 4.0}}, "positions"),
        ("qwen2", {"extra": {"qwen2.rope.scaling.type": "yarn", "qwen2.rope.scaling.factor": 4.0}}, "positions"),
        ("llama", {"fused": True}, "fused"),
    ],
)
def test_a_model_that_is_not_understood_is_refused(
    family: str, changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    assert words in reason_against(str(lora_kit.tiny_model(tmp_path / "tiny.gguf", family, **changes)))


def test_a_model_that_can_be_trained_has_nothing_against_it(tmp_path: Path) -> None:
    assert reason_against(str(lora_kit.tiny_model(tmp_path / "tiny.gguf", "qwen3"))) == ""
