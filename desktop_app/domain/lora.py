"""What an adapter is: a low-rank change to some matrices of one model. Pure values; the GGUF contract's names.

The file format and its silent failures: `engines/gguf_export.py` writes it, `engines/adapter_check.py` distrusts it.
"""

from __future__ import annotations

from dataclasses import dataclass

PROJECTIONS = {
    "q_proj": "attn_q",
    "k_proj": "attn_k",
    "v_proj": "attn_v",
    "o_proj": "attn_output",
    "gate_proj": "ffn_gate",
    "up_proj": "ffn_up",
    "down_proj": "ffn_down",
}
"""The matrices of a block that an adapter may change: their name in transformers, and in GGUF."""

MOST_RANK = 256
MOST_ADAPTER_BYTES = 512 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraPair:
    """The change `b @ a` to one matrix. `a` is (rank, columns) and `b` (rows, rank), float32, row by row.

    `layer` counts from 0; `projection` is a key of `PROJECTIONS`. Rows are in the order of transformers.
    """

    layer: int
    projection: str
    rank: int
    rows: int
    columns: int
    a: bytes
    b: bytes

    @property
    def tensor(self) -> str:
        """The base's tensor that it changes."""
        return tensor_name(self.layer, self.projection)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraAdapter:
    """Everything that goes into an adapter file. The change at strength 1 is `alpha / rank` times each pair.

    `heads` and `kv_heads` are the base's attention heads: one architecture keeps its q and k rows in another order.
    """

    architecture: str
    base_sha256: str
    alpha: float
    heads: int
    kv_heads: int
    pairs: tuple[LoraPair, ...]
    name: str = ""


def tensor_name(layer: int, projection: str) -> str:
    return f"blk.{layer}.{PROJECTIONS[projection]}.weight"
