"""The embeddings of words in a language model's GGUF file: what a visual token must be to say that word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from desktop_app.errors import UserCanFix

_TABLE = "token_embd.weight"


def word_vectors(model: Path, pieces: Sequence[str]) -> Any:
    """float32, pieces x width of the model. Raises UserCanFix when one of them is not exactly one token there."""
    import gguf

    ids = [_token(found, piece) for piece, found in zip(pieces, _tokenized(model, pieces), strict=True)]
    (table,) = (tensor for tensor in gguf.GGUFReader(model).tensors if tensor.name == _TABLE)
    return gguf.quants.dequantize(table.data[ids], table.tensor_type).astype("float32")


def _tokenized(model: Path, pieces: Sequence[str]) -> list[list[int]]:
    from desktop_app.engines.llama_loading import open_llama

    vocabulary = open_llama(str(model), vocab_only=True)
    try:
        return [vocabulary.tokenize(piece.encode(), add_bos=False, special=False) for piece in pieces]
    finally:
        vocabulary.close()


def _token(found: list[int], piece: str) -> int:
    if len(found) != 1:
        raise UserCanFix(
            "eyes.word_in_parts",
            f"The language model cuts {piece!r} into {len(found)} tokens; the eyes need one.",
            remedy="Choose another language model.",
        )
    return found[0]
