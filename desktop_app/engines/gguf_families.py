"""Which model families can be trained, and how their GGUF names and numbers become those of transformers.

A file is taken only if every tensor in it has a known counterpart and every number that changes the computation is
understood: what is not understood is refused with a sentence, for a wrong guess raises no error anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop_app.engines.gguf_reader import Tensor, read_path
from desktop_app.errors import AppError, UserCanFix

_BLOCK = re.compile(r"blk\.(\d+)\.(.+)")
_MATRICES = {
    "attn_q.weight": "self_attn.q_proj.weight",
    "attn_k.weight": "self_attn.k_proj.weight",
    "attn_v.weight": "self_attn.v_proj.weight",
    "attn_output.weight": "self_attn.o_proj.weight",
    "ffn_gate.weight": "mlp.gate_proj.weight",
    "ffn_up.weight": "mlp.up_proj.weight",
    "ffn_down.weight": "mlp.down_proj.weight",
    "attn_norm.weight": "input_layernorm.weight",
}
_PLAIN = {**_MATRICES, "ffn_norm.weight": "post_attention_layernorm.weight"}
_HEAD_NORMS = {"attn_q_norm.weight": "self_attn.q_norm.weight", "attn_k_norm.weight": "self_attn.k_norm.weight"}
_BIASES = {f"attn_{x}.bias": f"self_attn.{x}_proj.bias" for x in "qkv"}
_GEMMA = {
    **_MATRICES,
    **_HEAD_NORMS,
    "post_attention_norm.weight": "post_attention_layernorm.weight",
    "ffn_norm.weight": "pre_feedforward_layernorm.weight",
    "post_ffw_norm.weight": "post_feedforward_layernorm.weight",
}
_BLOCK_NAMES = {"llama": _PLAIN, "qwen2": {**_PLAIN, **_BIASES}, "qwen3": {**_PLAIN, **_HEAD_NORMS}, "gemma3": _GEMMA}
_OUTER_NAMES = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
FAMILIES = tuple(_BLOCK_NAMES)
_LARGEST_GEMMA = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The numbers of one model. `names` maps every tensor of the file to its name in transformers.

    `rope_factor` divides positions in layers that see everything; `window` is how far back other layers see, 0 where
    all see everything.
    """

    architecture: str
    layers: int
    width: int
    inner_width: int
    heads: int
    kv_heads: int
    head_width: int
    words: int
    epsilon: float
    rope_base: float
    rope_factor: float
    window: int
    tied: bool
    names: dict[str, str]

    @property
    def parameters(self) -> int:
        block = 2 * self.width * self.head_width * (self.heads + self.kv_heads) + 3 * self.width * self.inner_width
        return self.layers * block + (1 if self.tied else 2) * self.words * self.width


def reason_against(base_path: str) -> str:
    """ "" when the model can be trained, else why not."""
    try:
        read_family(Path(base_path))
    except AppError as error:
        return error.message
    return ""


def read_family(path: Path) -> Family:
    """Raises UserCanFix("training.unsupported", "models.*")."""
    contents = read_path(path)
    return family(contents.keys, contents.tensors)


def family(keys: dict[str, Any], tensors: list[Tensor]) -> Family:
    """Raises UserCanFix("training.unsupported")."""
    architecture = keys.get("general.architecture")
    if architecture not in _BLOCK_NAMES:
        raise refused("models of its family cannot be trained yet", str(architecture)[:80])
    places = {tensor.name: tensor for tensor in tensors}
    get = _Numbers(keys, architecture)
    layers, width, heads = get.whole("block_count"), get.whole("embedding_length"), get.whole("attention.head_count")
    head_width = get.whole("attention.key_length", width // heads)
    names = _names(architecture, layers, places)
    _check_rope(keys, architecture, head_width, places)
    found = Family(
        architecture=architecture,
        layers=layers,
        width=width,
        inner_width=get.whole("feed_forward_length"),
        heads=heads,
        kv_heads=get.whole("attention.head_count_kv", heads),
        head_width=head_width,
        words=places["token_embd.weight"].shape[-1],
        epsilon=get.real("attention.layer_norm_rms_epsilon"),
        rope_base=get.real("rope.freq_base", 1e6 if architecture == "gemma3" else 1e4),
        rope_factor=get.real("rope.scaling.factor", 1.0),
        window=get.whole("attention.sliding_window", 0) if architecture == "gemma3" else 0,
        tied="output.weight" not in places,
        names=names,
    )
    _check_shapes(found, places)
    return found


@dataclass(frozen=True, slots=True)
class _Numbers:
    keys: dict[str, Any]
    architecture: str

    def whole(self, name: str, otherwise: int | None = None) -> int:
        value = self.keys.get(f"{self.architecture}.{name}", otherwise)
        if type(value) is not int or value < 0 or (value == 0 and otherwise is None):
            raise refused("its file states a number in a way that is not understood", f"{name} is {value!r}")
        return value

    def real(self, name: str, otherwise: float | None = None) -> float:
        value = self.keys.get(f"{self.architecture}.{name}", otherwise)
        if type(value) is not float or not value > 0:
            raise refused("its file states a number in a way that is not understood", f"{name} is {value!r}")
        return value


def _names(architecture: str, layers: int, places: dict[str, Tensor]) -> dict[str, str]:
    """Every tensor's name in transformers. Refuses a tensor too many as well as one too few."""
    blocks = _BLOCK_NAMES[architecture]
    if "blk.0.attn_qkv.weight" in places:
        raise refused("its attention matrices are fused, and an adapter cannot be attached to them")
    wanted = {f"blk.{i}.{ours}": f"model.layers.{i}.{theirs}" for i in range(layers) for ours, theirs in blocks.items()}
    wanted |= {name: theirs for name, theirs in _OUTER_NAMES.items() if name in places or name != "output.weight"}
    if more := sorted(set(places) - set(wanted)):
        raise refused("it has parts that training does not know", ", ".join(more[:5]))
    if fewer := sorted(set(wanted) - set(places)):
        raise refused("it lacks parts that training needs", ", ".join(fewer[:5]))
    return wanted


def _check_rope(keys: dict[str, Any], architecture: str, head_width: int, places: dict[str, Tensor]) -> None:
    kind = keys.get(f"{architecture}.rope.scaling.type", "none")
    mapped = kind in ("none", "") or (kind == "linear" and architecture == "gemma3")
    older = f"{architecture}.rope.scale_linear" in keys
    unscaled = kind not in ("none", "") or f"{architecture}.rope.scaling.factor" not in keys
    if not mapped or older or not unscaled or "rope_freqs.weight" in places:
        raise refused("it stretches positions in a way that training does not know", f"rope scaling {kind!r}")
    if keys.get(f"{architecture}.rope.dimension_count", head_width) != head_width:
        raise refused("it rotates only a part of each head")
    if architecture == "gemma3" and keys.get("gemma3.block_count") == _LARGEST_GEMMA:
        raise refused("it is too large")


def _check_shapes(found: Family, places: dict[str, Tensor]) -> None:
    """The matrices have the sizes that the numbers say; rows last, as GGUF states them."""
    q, kv = found.heads * found.head_width, found.kv_heads * found.head_width
    sizes = {
        "attn_q.weight": (found.width, q),
        "attn_k.weight": (found.width, kv),
        "attn_v.weight": (found.width, kv),
        "attn_output.weight": (q, found.width),
        "ffn_gate.weight": (found.width, found.inner_width),
        "ffn_up.weight": (found.width, found.inner_width),
        "ffn_down.weight": (found.inner_width, found.width),
    }
    for name, tensor in places.items():
        matched = _BLOCK.fullmatch(name)
        expected = sizes.get(matched[2]) if matched else (found.width, found.words) if "norm" not in name else None
        if expected and tensor.shape != expected:
            raise refused("its matrices have other sizes than it says", f"{name} is {tensor.shape}")
    if found.heads % found.kv_heads:
        raise refused("its heads do not divide evenly", f"{found.heads} and {found.kv_heads}")


def refused(why: str, detail: str = "") -> AppError:
    return UserCanFix(
        "training.unsupported",
        f"This model cannot be trained: {why}.",
        remedy="Choose a model of the SmolLM2, Llama 2, Qwen 2.5, Qwen 3 or Gemma 3 families.",
        detail=detail,
    )
