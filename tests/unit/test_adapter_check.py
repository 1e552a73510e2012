"""Adapter files that are not what they should be: a sentence each, before llama.cpp sees them."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from desktop_app.engines import adapter_check
from desktop_app.engines.adapter_check import check_adapter
from desktop_app.errors import UserCanFix
from tests.unit.gguf_kit import F16, F32, U32, TensorSpec, gguf, model_keys, model_tensors

BASE_SHA256 = "b" * 64
Q = "blk.0.attn_q.weight"
DOUBLE_ALPHA = struct.pack("<Id", 12, 16.0)


def keys(**changes: Any) -> dict[str, Any]:
    stated = {
        "general.architecture": "llama",
        "general.type": "adapter",
        "adapter.type": "lora",
        "adapter.lora.alpha": 16.0,
        "stonechat.base_sha256": BASE_SHA256,
        **{key.replace("__", "."): item for key, item in changes.items()},
    }
    return {key: item for key, item in stated.items() if item is not None}


def pair(
    name: str = Q, *, a: tuple[int, ...] = (8, 4), b: tuple[int, ...] = (4, 8), kind: int = F16
) -> list[TensorSpec]:
    return [(f"{name}.lora_a", a, kind), (f"{name}.lora_b", b, kind)]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "base.gguf"
    path.write_bytes(gguf(model_keys(), model_tensors()))
    return path


def check(tmp_path: Path, base: Path, data: bytes) -> None:
    path = tmp_path / "adapter.gguf"
    path.write_bytes(data)
    check_adapter(path, base, BASE_SHA256)


def test_a_sound_adapter_passes(tmp_path: Path, base: Path) -> None:
    check(tmp_path, base, gguf(keys(), pair()))
    check(tmp_path, base, gguf(keys(), [*pair(), *pair("blk.1.attn_q.weight", kind=F32)]))


NOT_FINITE = gguf(keys(), pair())[:-64] + b"\x00\x7c" * 32

BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "bad_file"),
    "not GGUF": (b"PK\x03\x04" + b"\0" * 200, "bad_file"),
    "a model": (gguf(), "bad_file"),
    "no type": (gguf(keys(general__type=None), pair()), "bad_file"),
    "no adapter type": (gguf(keys(adapter__type=None), pair()), "bad_file"),
    "no alpha": (gguf(keys(adapter__lora__alpha=None), pair()), "bad_file"),
    "alpha of eight bytes": (gguf(keys(adapter__lora__alpha=DOUBLE_ALPHA), pair()), "bad_file"),
    "alpha a whole number": (gguf(keys(adapter__lora__alpha=U32(16)), pair()), "bad_file"),
    "alpha not a number": (gguf(keys(adapter__lora__alpha=float("nan")), pair()), "bad_file"),
    "a type that is a number": (gguf(keys(adapter__type=U32(1)), pair()), "bad_file"),
    "a key too many": (gguf(keys(adapter__alora__invocation_tokens=["a"]), pair()), "bad_file"),
    "another architecture": (gguf(keys(general__architecture="qwen2"), pair()), "foreign"),
    "another base": (gguf(keys(stonechat__base_sha256="c" * 64), pair()), "foreign"),
    "no base": (gguf(keys(stonechat__base_sha256=None), pair()), "foreign"),
    "only one half": (gguf(keys(), pair()[:1]), "bad_file"),
    "no tensors": (gguf(keys(), []), "bad_file"),
    "another suffix": (gguf(keys(), [(f"{Q}.lora_A", (8, 4), F16)]), "bad_file"),
    "the words": (gguf(keys(), pair("token_embd.weight")), "bad_file"),
    "a block that is not there": (gguf(keys(), pair("blk.7.attn_q.weight")), "foreign"),
    "another size": (gguf(keys(), pair(a=(16, 4))), "foreign"),
    "the wrong way round": (gguf(keys(), pair(a=(4, 8), b=(8, 4))), "foreign"),
    "two ranks": (gguf(keys(), pair(a=(8, 4), b=(2, 8))), "bad_file"),
    "cut off": (gguf(keys(), pair(), cut=40), "bad_file"),
    "numbers without end": (NOT_FINITE, "bad_file"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_adapter_is_a_sentence(kind: str, tmp_path: Path, base: Path) -> None:
    data, code = BAD[kind]
    with pytest.raises(UserCanFix) as failed:
        check(tmp_path, base, data)
    assert failed.value.code == f"adapter.{code}"
    assert failed.value.remedy


def test_a_missing_one_is_a_sentence(tmp_path: Path, base: Path) -> None:
    with pytest.raises(UserCanFix) as failed:
        check_adapter(tmp_path / "gone.gguf", base, BASE_SHA256)
    assert failed.value.code == "adapter.unreadable"


def test_an_oversized_one_is_a_sentence(tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter_check, "MOST_ADAPTER_BYTES", 100)
    with pytest.raises(UserCanFix) as failed:
        check(tmp_path, base, gguf(keys(), pair()))
    assert failed.value.code == "adapter.too_large"
