"""Writes an adapter as the GGUF file that llama.cpp reads.

Every key and name is checked by llama.cpp except what matters most: the order of the rows of q and k in the llama
family, and the base it was made for. The order is proven by a test per family; the base's hash is written down.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desktop_app.domain.lora import LoraAdapter, LoraPair
from desktop_app.errors import Bug, EnvironmentProblem

ALPHA = "adapter.lora.alpha"
PERMUTED = ("llama",)
"""Families whose q and k rows GGUF keeps in another order."""
BASE_SHA256 = "stonechat.base_sha256"


class GgufExporter:
    """The port `AdapterExporter`."""

    def export(self, adapter: LoraAdapter, path: Path) -> None:
        """Raises EnvironmentProblem("training.not_written"), Bug("training.not_finite")."""
        import gguf

        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f"{path.name}.part")
        arrays = {name: array for pair in adapter.pairs for name, array in _arrays(adapter, pair)}
        try:
            writer = gguf.GGUFWriter(part, adapter.architecture)
            writer.add_type("adapter")
            writer.add_string("general.name", adapter.name or "Personal adapter")
            writer.add_string("adapter.type", "lora")
            writer.add_float32(ALPHA, adapter.alpha)
            writer.add_string(BASE_SHA256, adapter.base_sha256)
            for name, array in arrays.items():
                writer.add_tensor(name, array)
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
            writer.close()
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise EnvironmentProblem(
                "training.not_written",
                "The adapter could not be written.",
                remedy="Free some space on the disk, then start once more.",
                detail=str(error),
            ) from error


def _arrays(adapter: LoraAdapter, pair: LoraPair) -> tuple[tuple[str, Any], tuple[str, Any]]:
    import numpy

    a = numpy.frombuffer(pair.a, numpy.float32).reshape(pair.rank, pair.columns)
    b = numpy.frombuffer(pair.b, numpy.float32).reshape(pair.rows, pair.rank)
    if adapter.architecture in PERMUTED and pair.projection in ("q_proj", "k_proj"):
        b = permuted(b, adapter.heads if pair.projection == "q_proj" else adapter.kv_heads)
    with numpy.errstate(over="ignore"):
        small = [numpy.ascontiguousarray(side, numpy.float16) for side in (a, b)]
    if not all(numpy.isfinite(side).all() for side in small):
        raise Bug(
            "training.not_finite",
            "The training went astray and gave numbers that no model can use.",
            remedy="Start once more; nothing has changed.",
            detail=pair.tensor,
        )
    return (f"{pair.tensor}.lora_a", small[0]), (f"{pair.tensor}.lora_b", small[1])


def permuted(b: Any, heads: int) -> Any:
    """Rows as the GGUF files of the llama family keep them: each head's two halves interleaved."""
    rows, rank = b.shape
    return b.reshape(heads, 2, rows // heads // 2, rank).swapaxes(1, 2).reshape(rows, rank)
