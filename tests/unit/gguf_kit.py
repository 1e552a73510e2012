"""Writes small GGUF files, sound or broken on purpose."""

from __future__ import annotations

import struct
from typing import Any

TensorSpec = tuple[str, tuple[int, ...], int]
F32, F16 = 0, 1
_BYTES = {F32: 4, F16: 2}


class U32(int):
    """A value written as an unsigned 32-bit number."""


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def value(item: Any) -> bytes:
    """The type's number and the value."""
    if isinstance(item, bytes):
        return item
    if isinstance(item, str):
        return struct.pack("<I", 8) + text(item)
    if isinstance(item, list):
        return struct.pack("<IIQ", 9, 8, len(item)) + b"".join(text(word) for word in item)
    if isinstance(item, float):
        return struct.pack("<If", 6, item)
    return struct.pack("<II", 4, item)


def model_keys(**changes: Any) -> dict[str, Any]:
    keys: dict[str, Any] = {
        "general.architecture": "llama",
        "general.name": "Tiny",
        "general.license": "apache-2.0",
        "general.file_type": 0,
        "llama.context_length": 128,
        "llama.embedding_length": 8,
        "llama.block_count": 2,
        "tokenizer.ggml.tokens": ["a", "b", "c"],
        "tokenizer.chat_template": "{{ messages }}",
        **{key.replace("__", "."): item for key, item in changes.items()},
    }
    return {key: item for key, item in keys.items() if item is not None}


def model_tensors(blocks: int = 2, width: int = 8) -> list[TensorSpec]:
    layers = [(f"blk.{block}.attn_q.weight", (width, width), F32) for block in range(blocks)]
    return [("token_embd.weight", (width, 3), F32), *layers]


def gguf(
    keys: dict[str, Any] | None = None,
    tensors: list[TensorSpec] | None = None,
    *,
    version: int = 3,
    alignment: int = 32,
    counts: tuple[int, int] | None = None,
    offsets: dict[str, int] | None = None,
    cut: int = 0,
) -> bytes:
    """A whole file. `counts` overrules the numbers of tensors and keys, `offsets` places; `cut` bytes miss."""
    keys = model_keys() if keys is None else keys
    tensors = model_tensors() if tensors is None else tensors
    head = b"GGUF" + struct.pack("<IQQ", version, *(counts or (len(tensors), len(keys))))
    head += b"".join(text(key) + value(item) for key, item in keys.items())
    place = 0
    for name, shape, kind in tensors:
        size = _BYTES.get(kind, 4)
        for length in shape:
            size *= length
        place_written = (offsets or {}).get(name, place)
        head += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, place_written)
        place = -(-(place + size) // alignment) * alignment
    head += bytes(-len(head) % alignment)
    body = bytes(min(place, 1 << 20))
    return (head + body)[: len(head) + len(body) - cut]


def projector(width: int = 8, kind: str = "mlp") -> bytes:
    keys: dict[str, Any] = {
        "general.architecture": "clip",
        "general.type": "mmproj",
        "clip.projector_type": kind,
        "clip.vision.projection_dim": width,
    }
    return gguf(keys, [("mm.2.weight", (16, width), F32)])


def adapter() -> bytes:
    return gguf(
        {"general.architecture": "llama", "general.type": "adapter"}, [("blk.0.attn_q.weight.lora_a", (8, 4), F32)]
    )
