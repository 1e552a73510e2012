"""The weights of a GGUF file as safetensors, dequantised once and kept under the file's hash.

Matrices that were quantised are kept as float16, which loses less than a hundredth of what quantising lost; llama's
q and k rows are put back in the order of transformers, gemma's norms shifted back by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from desktop_app.domain.training import TrainingJob
from desktop_app.engines.gguf_families import Family, refused
from desktop_app.engines.gguf_reader import Tensor, read_path
from desktop_app.errors import UserCanFix

FORMAT = "1"
_F32, _F16, _BF16 = 0, 1, 30
_HASHED_BYTES = 8 * 1024**2
_STEP_ELEMENTS = 1 << 20


def weights_file(job: TrainingJob) -> Path:
    return Path(job.work_folder) / "base" / job.base_sha256 / f"weights-{FORMAT}.safetensors"


def check_base(job: TrainingJob) -> Generator[None, None, None]:
    """Raises UserCanFix("training.base_changed") when the file is not the one that was meant.

    Like `dequantise`, it yields often, and may be left alone for a while or for ever at every yield.
    """
    digest = hashlib.sha256()
    with Path(job.base_path).open("rb") as file:
        while block := file.read(_HASHED_BYTES):
            yield
            digest.update(block)
    if digest.hexdigest() != job.base_sha256:
        raise UserCanFix(
            "training.base_changed",
            "The model's file has been replaced by another one.",
            remedy="Choose the model again under Models, then start once more.",
            detail=f"{digest.hexdigest()} instead of {job.base_sha256}",
        )


def dequantise(base: Path, family: Family, file: Path) -> Generator[None, None, None]:
    """Write `file`, whole or not at all. Raises UserCanFix("training.unsupported"), OSError."""
    import numpy
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    contents = read_path(base)
    data = numpy.memmap(base, dtype=numpy.uint8, mode="r", offset=contents.data_start)
    weights = {}
    for tensor in contents.tensors:
        weights[family.names[tensor.name]] = yield from _array(data, tensor, family)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_suffix(".part")
    try:
        save_file(weights, part, {"format": FORMAT})
    except SafetensorError as error:
        raise OSError(str(error)) from error
    part.replace(file)


def load(file: Path) -> dict[str, Any]:
    """Every weight by its name in transformers, as float32. Raises ValueError when the file is damaged."""
    import torch
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="pt") as opened:
            return {name: opened.get_tensor(name).to(torch.float32) for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ValueError(str(error)) from error


def _array(data: Any, tensor: Tensor, family: Family) -> Generator[None, None, Any]:
    import numpy

    shape = tensor.shape[::-1]
    values = numpy.empty(shape, numpy.float32)
    yield from _fill(values.reshape(-1, shape[-1]), data[tensor.offset : tensor.offset + tensor.bytes], tensor)
    if family.architecture == "llama" and tensor.name.endswith(("attn_q.weight", "attn_k.weight")):
        heads = family.heads if tensor.name.endswith("attn_q.weight") else family.kv_heads
        values = values.reshape(heads, shape[0] // heads // 2, 2, shape[1]).swapaxes(1, 2).reshape(shape)
    if family.architecture == "gemma3" and tensor.name.endswith("norm.weight"):
        values = values - 1
    if tensor.kind in (_F32, _BF16) or numpy.abs(values).max() > numpy.finfo(numpy.float16).max:
        return numpy.ascontiguousarray(values, dtype=numpy.float32)
    return numpy.ascontiguousarray(values, dtype=numpy.float16)


def _fill(values: Any, data: Any, tensor: Tensor) -> Iterator[None]:
    from gguf import GGMLQuantizationType, dequantize

    rows = data.reshape(len(values), -1)
    step = max(1, _STEP_ELEMENTS // values.shape[1])
    for start in range(0, len(rows), step):
        try:
            values[start : start + step] = dequantize(rows[start : start + step], GGMLQuantizationType(tensor.kind))
        except NotImplementedError as error:
            raise refused("its weights are packed in a way that training cannot read", str(error)) from error
        yield
