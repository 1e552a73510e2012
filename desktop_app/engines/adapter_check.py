"""Checks an adapter file, and trusts nothing in it, before llama.cpp is allowed to open it.

llama.cpp ends the process where a number has another type than it expects, and takes an adapter of another model of the
same shape without a word; here both are a sentence.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from desktop_app.domain.lora import MOST_ADAPTER_BYTES, MOST_RANK, PROJECTIONS
from desktop_app.engines.gguf_export import ALPHA, BASE_SHA256
from desktop_app.engines.gguf_reader import Contents, Tensor, read_path
from desktop_app.errors import AppError, UserCanFix

_TEXTS = ("general.architecture", "general.type", "general.name", "adapter.type", BASE_SHA256)
_NAME = re.compile(rf"(blk\.\d{{1,4}}\.(?:{'|'.join(PROJECTIONS.values())})\.weight)\.lora_([ab])")
_DTYPES = {0: "<f4", 1: "<f2"}
MOST_ALPHA = 1e4


def check_adapter(path: Path, base: Path, base_sha256: str) -> None:
    """Raises UserCanFix("adapter.unreadable", "adapter.bad_file", "adapter.foreign", "adapter.too_large").

    `base_sha256` is that of the base; "" does not compare it.
    """
    contents = _contents(path)
    model = read_path(base)
    _check_keys(contents.keys, model.keys, base_sha256)
    pairs: dict[str, dict[str, Tensor]] = {}
    for tensor in contents.tensors:
        matched = _NAME.fullmatch(tensor.name)
        if matched is None or tensor.kind not in _DTYPES or len(tensor.shape) != 2:
            raise _bad(f"the tensor {tensor.name!r}")
        pairs.setdefault(matched[1], {})[matched[2]] = tensor
    if not pairs:
        raise _bad("no tensors")
    places = {tensor.name: tensor for tensor in model.tensors}
    for name, pair in pairs.items():
        _check_pair(name, pair, places.get(name))
    _check_values(path, contents)


def base_of(path: Path) -> str:
    """The hash of the base that an adapter file says it was made for. Raises UserCanFix."""
    return str(_contents(path).keys.get(BASE_SHA256, ""))


def _contents(path: Path) -> Contents:
    try:
        size = path.stat().st_size
        if size > MOST_ADAPTER_BYTES:
            raise UserCanFix(
                "adapter.too_large",
                "This adapter is larger than any that Stonechat makes.",
                remedy="Choose another one.",
                detail=f"{size} bytes",
            )
        return read_path(path)
    except OSError as error:
        raise _unreadable(str(error)) from error
    except UserCanFix as error:
        if error.code == "models.unreadable":
            raise _unreadable(error.detail) from error
        raise error if error.code.startswith("adapter.") else _bad(error.detail) from error


def _check_keys(keys: dict[str, Any], model: dict[str, Any], base_sha256: str) -> None:
    if more := sorted(set(keys) - {*_TEXTS, ALPHA}):
        raise _bad(f"the key {more[0]!r}")
    if not all(isinstance(keys.get(key, ""), str) for key in _TEXTS):
        raise _bad("a text that is none")
    if keys.get("general.type") != "adapter" or keys.get("adapter.type") != "lora":
        raise _bad("no adapter")
    alpha = keys.get(ALPHA)
    if type(alpha) is not float or not math.isfinite(alpha) or not 0 < alpha <= MOST_ALPHA:
        raise _bad(f"alpha {alpha!r}")
    if keys.get("general.architecture") != model.get("general.architecture"):
        raise _foreign(f"architecture {str(keys.get('general.architecture'))[:80]!r}")
    if base_sha256 and keys.get(BASE_SHA256) != base_sha256:
        raise _foreign(f"made for {str(keys.get(BASE_SHA256))[:80]}")


def _check_pair(name: str, pair: dict[str, Tensor], changed: Tensor | None) -> None:
    if set(pair) != {"a", "b"}:
        raise _bad(f"{name} has only one half")
    if changed is None or len(changed.shape) != 2:
        raise _foreign(f"there is no {name}")
    (columns, rank), (rank_b, rows) = pair["a"].shape, pair["b"].shape
    if rank != rank_b or not 1 <= rank <= MOST_RANK:
        raise _bad(f"{name}: ranks {rank} and {rank_b}")
    if (columns, rows) != changed.shape:
        raise _foreign(f"{name} is {changed.shape}, not {(columns, rows)}")


def _check_values(path: Path, contents: Contents) -> None:
    import numpy

    data = numpy.memmap(path, dtype=numpy.uint8, mode="r", offset=contents.data_start)
    for tensor in contents.tensors:
        values = data[tensor.offset : tensor.offset + tensor.bytes].view(_DTYPES[tensor.kind])
        if not numpy.isfinite(values).all():
            raise _bad(f"{tensor.name} is not finite")


def _bad(detail: str) -> AppError:
    return UserCanFix(
        "adapter.bad_file", "This is not a sound adapter.", remedy="Choose another one, or train again.", detail=detail
    )


def _foreign(detail: str) -> AppError:
    return UserCanFix(
        "adapter.foreign",
        "This adapter was made for another model.",
        remedy="Choose the model that it was made for, or train one for this model.",
        detail=detail,
    )


def _unreadable(detail: str) -> AppError:
    return UserCanFix(
        "adapter.unreadable",
        "The adapter cannot be read.",
        remedy="Check that its file is there, or choose another one.",
        detail=detail,
    )
