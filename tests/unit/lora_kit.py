"""Tiny random models of each family that can be trained, as GGUF files, and random adapters for them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import gguf
import numpy

from desktop_app.domain.feedback import TrainingExample
from desktop_app.domain.messages import said
from desktop_app.domain.training import Recipe, TrainingJob

WIDTH, INNER, HEADS, KV_HEADS, HEAD_WIDTH, LAYERS = 64, 96, 4, 2, 16, 3
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>")
TEXT = "A stonechat is a small bird. It mostly stays where it is, and sings from the top of a bush."
RECIPE = Recipe(
    id="tiny",
    title="Tiny",
    summary="",
    objective="bco",
    layers=2,
    learning_rate=5e-3,
    warmup_steps=1,
    epochs=2,
    batch=4,
    replay_prompts=10,
    replay_tokens=4,
    prompt_tokens=128,
    answer_tokens=48,
)


def byte_words() -> list[str]:
    """The 256 bytes as GPT-2 writes them, and one merge's outcome."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    signs = {byte: chr(byte) for byte in plain}
    others = [byte for byte in range(256) if byte not in signs]
    signs |= {byte: chr(256 + place) for place, byte in enumerate(others)}
    return [signs[byte] for byte in range(256)] + ["th"]


def tiny_model(
    path: Path, family: str, *, seed: int = 1, extra: dict[str, Any] | None = None, fused: bool = False
) -> Path:
    """`extra` adds keys, a float or a text each; `fused` adds a matrix that cannot be trained."""
    random = numpy.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, family)
    writer.add_block_count(LAYERS)
    writer.add_context_length(512)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_key_length(HEAD_WIDTH)
    writer.add_value_length(HEAD_WIDTH)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    if family == "gemma3":
        writer.add_sliding_window(512)
    for key, value in (extra or {}).items():
        (writer.add_string if isinstance(value, str) else writer.add_float32)(key, value)
    words = [*byte_words(), *SPECIAL]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(words)
    writer.add_token_types([1] * (len(words) - len(SPECIAL)) + [3] * len(SPECIAL))
    writer.add_token_merges(["t h"])
    writer.add_eos_token_id(words.index("<|im_end|>"))
    writer.add_bos_token_id(words.index("<|endoftext|>"))
    writer.add_add_bos_token(False)
    for name, shape in _shapes(family, len(words), fused).items():
        centre = 1.0 if name.endswith("norm.weight") else 0.0
        spread = 0.1 if centre or name.endswith("bias") else 1.0 / shape[-1] ** 0.5
        writer.add_tensor(name, (centre + spread * random.standard_normal(shape)).astype(numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _shapes(family: str, words: int, fused: bool) -> dict[str, tuple[int, ...]]:
    q, kv = HEADS * HEAD_WIDTH, KV_HEADS * HEAD_WIDTH
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (words, WIDTH), "output_norm.weight": (WIDTH,)}
    for layer in range(LAYERS):
        block: dict[str, tuple[int, ...]] = {
            "attn_norm.weight": (WIDTH,),
            "attn_q.weight": (q, WIDTH),
            "attn_k.weight": (kv, WIDTH),
            "attn_v.weight": (kv, WIDTH),
            "attn_output.weight": (WIDTH, q),
            "ffn_norm.weight": (WIDTH,),
            "ffn_gate.weight": (INNER, WIDTH),
            "ffn_up.weight": (INNER, WIDTH),
            "ffn_down.weight": (WIDTH, INNER),
        }
        if family == "qwen2":
            block |= {"attn_q.bias": (q,), "attn_k.bias": (kv,), "attn_v.bias": (kv,)}
        if family in ("qwen3", "gemma3"):
            block |= {"attn_q_norm.weight": (HEAD_WIDTH,), "attn_k_norm.weight": (HEAD_WIDTH,)}
        if family == "gemma3":
            block |= {"post_attention_norm.weight": (WIDTH,), "post_ffw_norm.weight": (WIDTH,)}
        if fused:
            block |= {"attn_qkv.weight": (q + 2 * kv, WIDTH)}
        shapes |= {f"blk.{layer}.{name}": shape for name, shape in block.items()}
    return shapes


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def examples(count: int = 12) -> tuple[TrainingExample, ...]:
    return tuple(
        TrainingExample(
            feedback_id=str(number),
            conversation_id=str(number),
            answer_id=str(number),
            prompt=(said("user", f"Question {number}?"),),
            answer=f"Short answer {number}." if number % 2 else f"A long answer, number {number}, that says little.",
            liked=number % 2 == 1,
            weight=1.0,
            source="rating",
            created_at=float(number),
            rather_than="Something worse." if number % 4 == 1 else "",
        )
        for number in range(count)
    )


def job(base: Path, folder: Path, **changes: Any) -> TrainingJob:
    settings: dict[str, Any] = {
        "base_path": str(base),
        "base_sha256": sha256(base),
        "examples": examples(),
        "recipe": RECIPE,
        "adapter_path": str(folder / "adapter.gguf"),
        "work_folder": str(folder / "work"),
        "threads": 1,
        "nice": 0,
        **changes,
    }
    return TrainingJob(**settings)
