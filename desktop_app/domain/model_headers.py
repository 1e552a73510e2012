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

    `template` is the file's chat template: code, never run outside the model child. `file_type` is llama.cpp's
    number of the quantization. For a projector `embedding_length` is the length of the vectors it hands over, and
    `image_size` the side, in pixels, of the square it was made for. `kv_length` is the number of elements that one
    token keeps in the cache of one block. `own` marks what was made for our own tests.
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
    own: bool = False
