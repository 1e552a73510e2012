"""Checks the head of a GGUF file, and trusts nothing in it, before llama.cpp is allowed to open the file.

How the bytes are read stands in `gguf_reader.py`; here is what a file must hold to be a model that can run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desktop_app.domain.model_headers import OWN_KEY, GgufHeader, HeaderKind
from desktop_app.engines.gguf_reader import MAX_TENSORS, List, Tensor, bad, read, read_path
from desktop_app.engines.gguf_tables import TEXT_ARCHITECTURES
from desktop_app.errors import AppError, UserCanFix

MAX_BLOCKS = 1024
MAX_LENGTH = 1 << 31


def read_header(path: Path) -> GgufHeader:
    """The checked head of the file. Raises UserCanFix("models.bad_file", "models.cut_off", "models.incomplete",
    "models.unknown_architecture", "models.unreadable")."""
    contents = read_path(path)
    return _describe(contents.keys, {tensor.name: tensor for tensor in contents.tensors})


def parse(head: bytes, size: int) -> GgufHeader:
    """The header of a file of `size` bytes that begins with `head`. Raises UserCanFix, TooShort."""
    keys, tensors = read(head, size)
    return _describe(keys, {tensor.name: tensor for tensor in tensors})


def _describe(keys: dict[str, Any], tensors: dict[str, Tensor]) -> GgufHeader:
    architecture = _text(keys, "general.architecture")
    if not architecture:
        raise _incomplete("general.architecture")
    stated = _text(keys, "general.type")
    kind: HeaderKind = "projector" if architecture == "clip" else "adapter" if stated == "adapter" else "model"
    prefix = "clip.vision" if kind == "projector" else architecture
    if kind == "model":
        _check_model(architecture, keys, tensors)
    parts = keys.get("split.count", 1)
    words = keys.get("tokenizer.ggml.tokens")
    return GgufHeader(
        kind=kind,
        architecture=architecture,
        name=_text(keys, "general.name"),
        licence=_text(keys, "general.license"),
        context_length=_length(keys, f"{prefix}.context_length", 0),
        embedding_length=_projected(keys, tensors)
        if kind == "projector"
        else _length(keys, f"{prefix}.embedding_length", 0),
        block_count=_length(keys, f"{prefix}.block_count", 0),
        kv_length=_kv_length(keys, architecture) if kind == "model" else 0,
        vocab_size=words.count if isinstance(words, List) else 0,
        file_type=_length(keys, "general.file_type", -1),
        template=_text(keys, "tokenizer.chat_template"),
        tensors=len(tensors),
        size_label=_text(keys, "general.size_label"),
        image_size=_length(keys, "clip.vision.image_size", 0) if kind == "projector" else 0,
        parts=parts if type(parts) is int and 1 <= parts <= MAX_TENSORS else 1,
        own=keys.get(OWN_KEY) is True,
        projector_type=_text(keys, "clip.projector_type") or _text(keys, "clip.vision.projector_type"),
    )


def _check_model(architecture: str, keys: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """What no text model can do without. The first of several parts need not hold every tensor."""
    if architecture not in TEXT_ARCHITECTURES:
        raise UserCanFix(
            "models.unknown_architecture",
            "This model is of a kind that Stonechat cannot run.",
            remedy="Choose a GGUF file of a chat model, for example of the Llama, Qwen or Gemma families.",
            detail=f"architecture {architecture[:80]!r}",
        )
    for key in ("context_length", "embedding_length", "block_count"):
        if not _length(keys, f"{architecture}.{key}", 0):
            raise _incomplete(f"{architecture}.{key}")
    blocks = keys[f"{architecture}.block_count"]
    if blocks > MAX_BLOCKS:
        raise bad(f"{blocks} blocks")
    if not isinstance(keys.get("tokenizer.ggml.tokens"), List):
        raise _incomplete("tokenizer.ggml.tokens")
    if keys.get("split.count", 1) != 1:
        return
    words = tensors.get("token_embd.weight")
    if words is None:
        raise _incomplete("token_embd.weight")
    if words.shape[0] != keys[f"{architecture}.embedding_length"]:
        raise bad(f"token_embd.weight is {words.shape}")
    there = {name.split(".")[1] for name in tensors if name.startswith("blk.")}
    if missing := [block for block in range(blocks) if str(block) not in there]:
        raise _incomplete(f"blk.{missing[0]}.*")


def _kv_length(keys: dict[str, Any], architecture: str) -> int:
    """Elements of one token's keys and values in one block; heads that share keys count once."""
    heads = _length(keys, f"{architecture}.attention.head_count", 0)
    if not heads:
        return 0
    sharing = _length(keys, f"{architecture}.attention.head_count_kv", heads)
    each = _length(keys, f"{architecture}.embedding_length", 0) // heads
    lengths = (_length(keys, f"{architecture}.attention.{kind}_length", each) for kind in ("key", "value"))
    return sharing * sum(lengths)


def _projected(keys: dict[str, Any], tensors: dict[str, Tensor]) -> int:
    """Length of the vectors that a projector hands to the language model."""
    last = tensors.get("mm.2.weight")
    return last.shape[1] if last and len(last.shape) == 2 else _length(keys, "clip.vision.projection_dim", 0)


def _text(keys: dict[str, Any], key: str) -> str:
    value = keys.get(key, "")
    return value if isinstance(value, str) else ""


def _length(keys: dict[str, Any], key: str, otherwise: int) -> int:
    value = keys.get(key, otherwise)
    if type(value) is not int:
        return otherwise
    if not 0 <= value <= MAX_LENGTH and value != otherwise:
        raise bad(f"{key} is {value}")
    return value


def _incomplete(what: str) -> AppError:
    return UserCanFix(
        "models.incomplete",
        "This model file lacks a part without which it cannot run.",
        remedy="Choose another file, or download this one again.",
        detail=f"missing: {what[:200]}",
    )
