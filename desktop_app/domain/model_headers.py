"""What a model file says about itself. Pure values; every word in them is claimed by the file and untrusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HeaderKind = Literal["model", "projector", "adapter"]
OWN_KEY = "stonechat.own"
"""True in a file that the project made for its own tests: nobody is offered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufHeader:
    """The head of a GGUF file that passed the check. Lengths in tokens or vector elements, 0 where not stated.

    `template` is the file's chat template: code, never run outside a process of its own. `file_type` is llama.cpp's
    number of the quantization. For a projector `projector_type` is its kind, `embedding_length` the length of the
    vectors it hands over, and `image_size` the side, in pixels, of the square it was made for. `kv_length` is the
    number of elements that one token keeps in the cache of one block. `own` marks what was made for our own tests.
    """

    kind: HeaderKind
    architecture: str
    name: str = ""
    licence: str = ""
    context_length: int = 0
    embedding_length: int = 0
    block_count: int = 0
    kv_length: int = 0
    vocab_size: int = 0
    file_type: int = -1
    template: str = ""
    image_size: int = 0
    tensors: int = 0
    size_label: str = ""
    parts: int = 1
    projector_type: str = ""
    own: bool = False


_MADE_FOR: dict[str, tuple[str, ...]] = {
    "qwen2vl_merger": ("qwen2vl",),
    "qwen2.5vl_merger": ("qwen2vl",),
    "qwen3vl_merger": ("qwen3vl", "qwen3vlmoe"),
    "gemma3": ("gemma3",),
    "idefics3": ("llama",),
}
"""Kinds of projectors that serve one family only; vectors of the right length alone do not make a pair."""


def reason_against_pair(model: GgufHeader, projector: GgufHeader) -> str:
    """Why this projector cannot give this model eyes, in a few words; "" when it can."""
    if projector.kind != "projector":
        return "it is not a projector"
    if projector.embedding_length != model.embedding_length:
        return f"it hands over vectors of {projector.embedding_length}, and the model takes {model.embedding_length}"
    families = _MADE_FOR.get(projector.projector_type, (model.architecture,))
    if model.architecture not in families:
        return f"it was made for {' or '.join(families)}, and the model is {model.architecture}"
    return ""
