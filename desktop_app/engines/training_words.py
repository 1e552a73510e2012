"""Examples as token ids, made by llama.cpp's own tokenizer and the very prompt writer that answers the person.

The tokenizers of transformers differ from it for some models, without an error. Also here: the base's own answers to
neutral prompts, and the check that torch computes what llama.cpp computes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from desktop_app.domain.messages import Message, said
from desktop_app.domain.training import Recipe
from desktop_app.engines import llama_chorus, llama_scoring
from desktop_app.engines.llama_loading import open_llama
from desktop_app.engines.llama_prompt import LlamaPrompt
from desktop_app.errors import EnvironmentProblem
from desktop_app.paths import model_data

CHECKED = (
    "The capital of France is Paris, and the capital of Italy is Rome.",
    "def add(a, b):\n    return a + b\n",
    '{"name": "Anna", "age": 31}',
)
MOST_ERROR = 0.10
"""Largest relative difference of logits between torch and llama.cpp, whose activations are quantised: measured 4 %."""
_CONTEXT = 1024


@dataclass(frozen=True, slots=True)
class Lesson:
    """Token ids, of which those from `start` on are learned. `ids` are at least two."""

    ids: tuple[int, ...]
    start: int

    @property
    def learned(self) -> tuple[int, ...]:
        return self.ids[self.start :]


class TrainingWords:
    """The base in llama.cpp, for its words. Close it: it holds the whole model."""

    def __init__(self, base_path: str, threads: int) -> None:
        import llama_cpp

        self._cpp = llama_cpp
        self._threads = threads
        self._llama: Any = open_llama(base_path, n_ctx=_CONTEXT, n_threads=threads, n_threads_batch=threads)
        self._prompt = LlamaPrompt(self._llama, None)
        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        turn_end = llama_cpp.llama_vocab_eot(vocabulary)
        self._end = turn_end if turn_end >= 0 else self._llama.token_eos()

    def close(self) -> None:
        self._prompt.close()
        self._llama.close()

    def example(self, prompt: Sequence[Message], answer: str, recipe: Recipe, *, liked: bool) -> Lesson | None:
        """None for an example that words alone do not make: one with a picture, or without an answer."""
        if not answer.strip() or any(message.pictures for message in prompt):
            return None
        asked = self._asked(prompt, recipe.prompt_tokens)
        told = llama_scoring.answer_tokens(self._llama, answer)
        most = recipe.answer_tokens if liked else min(recipe.answer_tokens, recipe.disliked_tokens)
        told = [*told, self._end] if len(told) <= most else told[:most]
        return Lesson((*asked, *told), len(asked))

    def replay(self, recipe: Recipe) -> Iterator[Lesson | None]:
        """Neutral texts, and neutral questions with what the base answers to them. None: a good moment for a pause."""
        kept = tomllib.loads((model_data() / "replay" / "prompts.toml").read_text(encoding="utf-8"))
        for text in kept["texts"][: recipe.replay_prompts]:
            tokens = llama_scoring.text_tokens(self._llama, text)[: recipe.prompt_tokens]
            yield Lesson(tuple(tokens), 1)
        questions = kept["questions"][: max(0, recipe.replay_prompts - len(kept["texts"]))]
        asked = [self._asked((said("user", question),), recipe.prompt_tokens) for question in questions]
        for start in range(0, len(asked), llama_chorus.MOST_VOICES):
            prompts = asked[start : start + llama_chorus.MOST_VOICES]
            answers: list[list[int]] = []
            for so_far in llama_chorus.sing(self._llama.model, prompts, recipe.replay_tokens, self._threads):
                answers = so_far
                yield None
            for prompt, answer in zip(prompts, answers, strict=True):
                yield Lesson((*prompt, *answer), len(prompt))

    def check(self, log_probs: Callable[[Sequence[int]], Any]) -> float:
        """Compare with torch; the relative error. Raises EnvironmentProblem("training.disagrees").

        `log_probs` gives torch's distribution after every one of the ids.
        """
        import numpy

        worst = 0.0
        for text in CHECKED:
            ids = llama_scoring.text_tokens(self._llama, text)
            ours, theirs = numpy.asarray(log_probs(ids)), self._log_probs(ids)
            centred = theirs - theirs.mean(axis=1, keepdims=True)
            error = float(numpy.linalg.norm(ours - theirs) / numpy.linalg.norm(centred))
            worst = max(worst, error)
        if not worst <= MOST_ERROR:
            raise EnvironmentProblem(
                "training.disagrees",
                "This model cannot be trained: the trainer does not compute what the model computes.",
                remedy="Choose another model.",
                detail=f"relative error {worst:.3f}",
            )
        return worst

    def _asked(self, prompt: Sequence[Message], most: int) -> list[int]:
        """The instructions and the newest turns that fit, the question at least; a longer one loses its beginning."""
        kept = list(prompt)
        tokens = self._cells(kept)
        while len(tokens) > most:
            old = next((index for index, message in enumerate(kept[:-1]) if message.role != "system"), None)
            if old is None:
                return tokens[-most:]
            del kept[old]
            tokens = self._cells(kept)
        return tokens

    def _cells(self, messages: Sequence[Message]) -> list[int]:
        return [cell for cell in self._prompt.cells(messages, {}) if isinstance(cell, int)]

    def _log_probs(self, ids: list[int]) -> Any:
        import numpy

        rows = []
        self._llama.reset()
        for token in ids:
            self._llama.eval([token])
            pointer = self._cpp.llama_get_logits_ith(self._llama.ctx, -1)
            rows.append(numpy.ctypeslib.as_array(pointer, shape=(self._llama.n_vocab(),)).astype(numpy.float64))
        logits = numpy.array(rows)
        top = logits.max(axis=1, keepdims=True)
        return logits - top - numpy.log(numpy.exp(logits - top).sum(axis=1, keepdims=True))
