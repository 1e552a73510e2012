"""Answers to many prompts at once, the likeliest unless told otherwise: llama.cpp reads a token of each in every step.

On a processor a step of sixteen answers takes about as long as three steps of one. Own context, of its own length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from desktop_app.errors import EnvironmentProblem

MOST_VOICES = 16
_BATCH = 256


def sing(
    model: Any,
    prompts: Sequence[Sequence[int]],
    most: int,
    threads: int,
    *,
    choose: Callable[[Any, int, int], int] | None = None,
    prepare: Callable[[Any], None] = lambda _context: None,
) -> Iterator[list[list[int]]]:
    """Yields the answers so far, as token ids, after every step; the last ones are whole, their end included.

    `model` is a llama.cpp model pointer. At most `MOST_VOICES` prompts. `choose(context, place, voice)` gives the next
    token from the distribution at `place` of the last batch; `prepare(context)` comes before anything is read.
    Raises EnvironmentProblem.
    """
    import llama_cpp

    assert 0 < len(prompts) <= MOST_VOICES
    vocabulary = llama_cpp.llama_model_get_vocab(model)
    context = _context(model, sum(map(len, prompts)) + most * len(prompts), threads)
    batch = llama_cpp.llama_batch_init(_BATCH, 0, 1)
    chosen = choose or _likeliest(llama_cpp.llama_vocab_n_tokens(vocabulary))
    answers: list[list[int]] = [[] for _ in prompts]
    try:
        prepare(context)
        singing = list(range(len(prompts)))
        heard = {}
        for voice, prompt in enumerate(prompts):
            for start in range(0, len(prompt), _BATCH):
                part = [(token, start + place, voice) for place, token in enumerate(prompt[start : start + _BATCH])]
                _read(context, batch, part)
            heard[voice] = chosen(context, len(part) - 1, voice)
            yield answers
        for step in range(most):
            for voice in list(singing):
                answers[voice].append(heard[voice])
                if llama_cpp.llama_vocab_is_eog(vocabulary, heard[voice]):
                    singing.remove(voice)
            yield answers
            if not singing or step == most - 1:
                return
            _read(context, batch, [(heard[v], len(prompts[v]) + step, v) for v in singing], every=True)
            heard = {v: chosen(context, place, v) for place, v in enumerate(singing)}
    finally:
        llama_cpp.llama_batch_free(batch)
        llama_cpp.llama_free(context)


def _context(model: Any, cells: int, threads: int) -> Any:
    import llama_cpp

    settings = llama_cpp.llama_context_default_params()
    settings.n_ctx = -(-(cells + 64) // 256) * 256
    settings.n_batch = settings.n_ubatch = _BATCH
    settings.n_seq_max = MOST_VOICES
    settings.kv_unified = True
    settings.n_threads = settings.n_threads_batch = threads
    context = llama_cpp.llama_init_from_model(model, settings)
    if not context:
        raise _failed("no context")
    return context


def _read(context: Any, batch: Any, tokens: Sequence[tuple[int, int, int]], *, every: bool = False) -> None:
    """Each is (token, position, voice); logits after the last one, or `every` one."""
    import llama_cpp

    for place, (token, position, voice) in enumerate(tokens):
        batch.token[place] = token
        batch.pos[place] = position
        batch.n_seq_id[place] = 1
        batch.seq_id[place][0] = voice
        batch.logits[place] = every or place == len(tokens) - 1
    batch.n_tokens = len(tokens)
    if result := llama_cpp.llama_decode(context, batch):
        raise _failed(f"llama_decode gave {result}")


def _likeliest(words: int) -> Callable[[Any, int, int], int]:
    import llama_cpp
    import numpy

    def choose(context: Any, place: int, _voice: int) -> int:
        row = llama_cpp.llama_get_logits_ith(context, place)
        return int(numpy.ctypeslib.as_array(row, shape=(words,)).argmax())

    return choose


def _failed(detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "engine.decode_failed",
        "The model could not go on.",
        remedy="Restart the model, or choose a smaller one.",
        detail=detail,
    )
