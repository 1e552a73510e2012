"""How likely a llama.cpp context finds a given answer: log probabilities at every one of its tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from desktop_app.engines.llama_eyes import Cell, tokens_in
from desktop_app.engines.llama_memory import LlamaMemory
from desktop_app.errors import UserCanFix

BLOCK = 128
"""Tokens whose distributions are held at once: 25 MB for a vocabulary of 49,000 words."""


def answer_tokens(llama: Any, answer: str) -> list[int]:
    """What was written by a person or a model is never taken for a marker."""
    return list(llama.tokenize(answer.encode(), add_bos=False, special=False))


def text_tokens(llama: Any, text: str) -> list[int]:
    """A bare text, with whatever the model puts before one; at least one token, for the first to be read after."""
    tokens = list(llama.tokenize(text.encode(), add_bos=True, special=False))
    first = llama.token_bos() if llama.token_bos() >= 0 else llama.token_eos()
    return tokens if tokens[:1] == [first] else [first, *tokens]


def distributions(llama: Any, memory: LlamaMemory, prompt: Sequence[Cell], answer: Sequence[int]) -> Iterator[Any]:
    """Log probabilities of every word before each token of `answer`: blocks of (tokens, words), in order.

    A prompt ends with a token. Raises UserCanFix("chat.too_long"), AppError.
    """
    import numpy

    if len(answer) > llama.n_ctx() - tokens_in(prompt):
        raise UserCanFix(
            "chat.too_long",
            "This is longer than the model can remember.",
            remedy="Shorten the text, or choose a longer context in Settings.",
            detail=f"{tokens_in(prompt) + len(answer)} tokens of {llama.n_ctx()}",
        )
    kept = memory.keep_prefix(prompt)
    for _ in memory.read(prompt[kept:-1]):
        pass
    last = prompt[-1]
    assert isinstance(last, int)
    read = [last, *answer[:-1]] if answer else []
    for start in range(0, len(read), BLOCK):
        logits = memory.read_scored(read[start : start + BLOCK])
        logits -= logits.max(axis=1, keepdims=True)
        yield logits - numpy.log(numpy.exp(logits).sum(axis=1, keepdims=True))


def token_log_probs(blocks: Iterable[Any], answer: Sequence[int]) -> tuple[float, ...]:
    """What `distributions` says of the tokens that were written."""
    found: list[float] = []
    for block in blocks:
        wanted = answer[len(found) : len(found) + len(block)]
        found += [float(row[token]) for row, token in zip(block, wanted, strict=True)]
    return tuple(found)


def divergence(base: Iterable[Any], moved: Iterable[Any]) -> float:
    """Mean KL(base || moved) per token, in nats; 0 of nothing."""
    import numpy

    per_token: list[float] = []
    for one, other in zip(base, moved, strict=True):
        per_token += (numpy.exp(one) * (one - other)).sum(axis=1).tolist()
    return max(0.0, sum(per_token) / len(per_token)) if per_token else 0.0
