"""Many answers of one model at once, a thread and a third of the time that one after the other would take.

The prompts and the choice of words are those of the application; the adapter is set on the context by its own call.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from desktop_app.domain.generation import Sampling
from desktop_app.domain.messages import Message
from desktop_app.engines import llama_chorus, llama_log
from desktop_app.engines.adapter_check import check_adapter
from desktop_app.engines.llama import _sampler
from desktop_app.engines.llama_prompt import LlamaPrompt


class ManyAnswers:
    """Loaded at the first question; close it before something else needs the memory."""

    def __init__(self, path: Path, sha256: str) -> None:
        self._path = path
        self._sha256 = sha256
        self._llama: Any = None

    def answers(
        self, asked: Sequence[tuple[Sequence[Message], Sampling]], adapter: str = "", strength: float = 1.0
    ) -> list[str]:
        """One for each, in order. All must want equally many tokens."""
        self._load()
        found: list[str] = []
        for start in range(0, len(asked), llama_chorus.MOST_VOICES):
            found += self._some(asked[start : start + llama_chorus.MOST_VOICES], adapter, strength)
        return found

    def close(self) -> None:
        if self._llama is not None:
            self._prompt.close()
            self._llama.close()
            self._llama = None

    def _load(self) -> None:
        if self._llama is None:
            import llama_cpp

            llama_cpp.llama_log_set(llama_log.silent(), None)
            self._llama = llama_cpp.Llama(str(self._path), n_ctx=64, n_threads=1, n_threads_batch=1, verbose=False)
            self._prompt = LlamaPrompt(self._llama, None)

    def _some(self, asked: Sequence[tuple[Sequence[Message], Sampling]], adapter: str, strength: float) -> list[str]:
        import llama_cpp

        prompts = [[c for c in self._prompt.cells(messages, {}) if isinstance(c, int)] for messages, _ in asked]
        with ExitStack() as stack:
            samplers = [_sampler(sampling) for _, sampling in asked]
            for sampler in samplers:
                stack.callback(llama_cpp.llama_sampler_free, sampler)
            pointer = self._adapter(adapter) if adapter else None
            if pointer:
                stack.callback(llama_cpp.llama_adapter_lora_free, pointer)

            def put_on(context: Any) -> None:
                if pointer:
                    pointers = (llama_cpp.llama_adapter_lora_p_ctypes * 1)(pointer)
                    llama_cpp.llama_set_adapters_lora(context, pointers, 1, (ctypes.c_float * 1)(strength))

            def choose(context: Any, place: int, voice: int) -> int:
                return int(llama_cpp.llama_sampler_sample(samplers[voice], context, place))

            most = asked[0][1].max_tokens
            *_, told = llama_chorus.sing(self._llama.model, prompts, most, 1, choose=choose, prepare=put_on)
            vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
            kept = [[t for t in each if not llama_cpp.llama_vocab_is_eog(vocabulary, t)] for each in told]
            return [self._llama.detokenize(each).decode(errors="replace").strip() for each in kept]

    def _adapter(self, path: str) -> Any:
        import llama_cpp

        check_adapter(Path(path), self._path, self._sha256)
        pointer = llama_cpp.llama_adapter_lora_init(self._llama.model, path.encode())
        assert pointer, path
        return pointer
