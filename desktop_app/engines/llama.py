"""llama.cpp through llama-cpp-python: one model, one context, the KV cache kept from turn to turn.

A turn reads only what its prompt does not share with the last one. Other conversations' caches are kept as
bytes, the least recently used ones dropped first. Runs inside an engine child (`host_child.py`).
"""

from __future__ import annotations

import codecs
import ctypes
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from desktop_app.domain import chat_templates
from desktop_app.domain.generation import (
    GenerationEnded,
    GenerationEvent,
    ModelAbilities,
    ModelRequest,
    PromptProgress,
    Sampling,
    StoppedBy,
    TextDelta,
)
from desktop_app.domain.messages import Message
from desktop_app.errors import EnvironmentProblem, UserCanFix
from desktop_app.ports import CancelToken

STATES_BYTES = 512 * 1024 * 1024
_ABORTED = 2


@dataclass
class _State:
    tokens: list[int]
    data: bytes = field(repr=False, default=b"")


class LlamaModel:
    """`model_path` names a GGUF that our own header check has passed; `threads` 0 takes the physical cores."""

    def __init__(
        self, model_path: str, *, sha256: str = "", name: str = "", context_tokens: int = 4096, threads: int = 0
    ) -> None:
        self._path = model_path
        self._sha256 = sha256
        self._name = name
        self._wanted_context = context_tokens
        self._threads = threads
        self._llama: Any = None
        self._abilities: ModelAbilities | None = None
        self._current = ""
        self._tokens: list[int] = []
        self._states: OrderedDict[str, _State] = OrderedDict()
        self._cancel = CancelToken()

    def load(self) -> ModelAbilities:
        """Raises UserCanFix("models.not_loaded")."""
        if self._abilities is None:
            self._abilities = self._loaded()
        return self._abilities

    def count_tokens(self, messages: tuple[Message, ...]) -> int:
        return len(self._prompt(messages))

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        started = time.perf_counter()
        self.load()
        self._cancel = cancel
        prompt = self._prompt(request.messages)
        room = self._llama.n_ctx() - len(prompt)
        if room < 1:
            raise UserCanFix(
                "chat.too_long",
                "This is longer than the model can remember.",
                remedy="Shorten the text, or choose a longer context in Settings.",
                detail=f"{len(prompt)} tokens of {self._llama.n_ctx()}",
            )
        self._switch_to(request.cache_key)
        reused = self._keep_prefix(prompt)
        yield PromptProgress(done=reused, total=len(prompt), reused=reused)
        for done in self._read(prompt, reused):
            yield PromptProgress(done=done, total=len(prompt), reused=reused)
        if cancel.cancelled:
            yield _ended("person", prompt, reused, 0, started, started)
            return
        yield from self._write(request.sampling, room, prompt, reused, started)

    def close(self) -> None:
        if self._llama is not None:
            self._llama.close()
        self._llama = self._abilities = None
        self._tokens.clear()
        self._states.clear()

    def _loaded(self) -> ModelAbilities:
        started = time.perf_counter()
        import llama_cpp
        import psutil

        threads = self._threads or psutil.cpu_count(logical=False) or 2
        try:
            self._llama = llama_cpp.Llama(
                self._path,
                n_ctx=self._wanted_context,
                n_threads=threads,
                n_threads_batch=threads,
                verbose=False,
            )
        except (ValueError, OSError, RuntimeError, UnicodeDecodeError) as error:
            raise UserCanFix(
                "models.not_loaded",
                "This model could not be loaded.",
                remedy="Fetch it again, or choose another model.",
                detail=str(error),
            ) from error
        self._abort = llama_cpp.ggml_abort_callback(lambda _: self._cancel.cancelled)
        llama_cpp.llama_set_abort_callback(self._context, self._abort, None)
        metadata = self._llama.metadata
        architecture = metadata.get("general.architecture", "")
        self._template = chat_templates.family(metadata.get("tokenizer.chat_template", ""), architecture)
        return ModelAbilities(
            name=self._name or metadata.get("general.name", "model"),
            sha256=self._sha256,
            architecture=architecture,
            context_tokens=self._llama.n_ctx(),
            sees_pictures=False,
            load_ms=(time.perf_counter() - started) * 1000,
            memory_bytes=psutil.Process().memory_info().rss,
            template=self._template,
        )

    @property
    def _context(self) -> Any:
        return self._llama.ctx

    def _prompt(self, messages: tuple[Message, ...]) -> list[int]:
        """Token ids of the rendered conversation. What people wrote cannot contain the template's markers."""
        self.load()
        turns = [(message.role, chat_templates.plain(message.text)) for message in messages]
        text = chat_templates.TEMPLATES[self._template](turns).encode()
        return list(self._llama.tokenize(text, add_bos=self._template != "chatml", special=True))

    def _switch_to(self, key: str) -> None:
        """Put the running conversation's cache away and take out the other one's, if it is kept."""
        import llama_cpp

        if key == self._current:
            return
        if self._current and self._tokens:
            size = llama_cpp.llama_state_seq_get_size(self._context, 0)
            if size <= STATES_BYTES // 2:
                buffer = (ctypes.c_uint8 * size)()
                written = llama_cpp.llama_state_seq_get_data(self._context, buffer, size, 0)
                self._states[self._current] = _State(list(self._tokens), bytes(buffer[:written]))
        self._current = key
        self._clear()
        state = self._states.pop(key, None)
        if state is not None:
            source = (ctypes.c_uint8 * len(state.data)).from_buffer_copy(state.data)
            if llama_cpp.llama_state_seq_set_data(self._context, source, len(state.data), 0):
                self._tokens = state.tokens
            else:
                self._clear()
        while sum(len(kept.data) for kept in self._states.values()) > STATES_BYTES:
            self._states.popitem(last=False)

    def _clear(self) -> None:
        self._tokens = []
        self._forget_from(0)

    def _forget_from(self, position: int) -> bool:
        import llama_cpp

        return bool(llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(self._context), 0, position, -1))

    def _keep_prefix(self, prompt: list[int]) -> int:
        """Drop the cache after the shared prefix; at least the last token is read anew for its logits."""
        shared = 0
        most = min(len(prompt) - 1, len(self._tokens))
        while shared < most and prompt[shared] == self._tokens[shared]:
            shared += 1
        if not self._forget_from(shared):
            self._clear()
            return 0
        del self._tokens[shared:]
        return shared

    def _read(self, prompt: list[int], start: int) -> Iterator[int]:
        """Decode the prompt in batches; yields how much is read. Stops early when cancelled."""
        batch = self._llama.n_batch
        for begin in range(start, len(prompt), batch):
            if not self._decode(prompt[begin : begin + batch]):
                return
            yield len(self._tokens)

    def _decode(self, tokens: list[int]) -> bool:
        """Read `tokens` into the cache. False when the person stopped it. Raises EnvironmentProblem."""
        import llama_cpp

        if self._cancel.cancelled:
            return False
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        result = llama_cpp.llama_decode(self._context, llama_cpp.llama_batch_get_one(array, len(tokens)))
        if result == 0:
            self._tokens.extend(tokens)
            return True
        self._forget_from(len(self._tokens))
        if result == _ABORTED or self._cancel.cancelled:
            return False
        raise EnvironmentProblem(
            "engine.decode_failed",
            "The model could not go on.",
            remedy="Start a new conversation, or choose a shorter context in Settings.",
            detail=f"llama_decode gave {result}",
        )

    def _write(
        self, sampling: Sampling, room: int, prompt: list[int], reused: int, started: float
    ) -> Iterator[GenerationEvent]:
        import llama_cpp

        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        sampler = _sampler(sampling)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        most = min(sampling.max_tokens, room)
        written, first, stopped_by = 0, started, "length" if sampling.max_tokens <= room else "context"
        try:
            while written < most:
                token = llama_cpp.llama_sampler_sample(sampler, self._context, -1)
                first = first if written else time.perf_counter()
                if llama_cpp.llama_vocab_is_eog(vocabulary, token):
                    stopped_by = "end"
                    break
                written += 1
                text = decoder.decode(self._llama.detokenize([token]))
                if text:
                    yield TextDelta(text=text)
                if written < most and not self._decode([token]):
                    stopped_by = "person"
                    break
            rest = decoder.decode(b"", final=True)
            if rest:
                yield TextDelta(text=rest)
        finally:
            llama_cpp.llama_sampler_free(sampler)
        yield _ended(stopped_by, prompt, reused, written, started, first)


def _sampler(sampling: Sampling) -> Any:
    """llama.cpp's sampler chain, in the order of llama-cpp-python: penalties, then cuts, then the draw."""
    import llama_cpp

    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    add = llama_cpp.llama_sampler_chain_add
    if sampling.temperature <= 0:
        add(chain, llama_cpp.llama_sampler_init_greedy())
        return chain
    add(chain, llama_cpp.llama_sampler_init_top_k(sampling.top_k))
    add(chain, llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1))
    add(chain, llama_cpp.llama_sampler_init_min_p(sampling.min_p, 1))
    add(chain, llama_cpp.llama_sampler_init_temp(sampling.temperature))
    add(chain, llama_cpp.llama_sampler_init_dist(sampling.seed))
    return chain


def _ended(
    stopped_by: str, prompt: list[int], reused: int, tokens: int, started: float, first: float
) -> GenerationEnded:
    now = time.perf_counter()
    kind: StoppedBy = stopped_by  # type: ignore[assignment]
    return GenerationEnded(
        stopped_by=kind,
        prompt_tokens=len(prompt),
        reused_tokens=reused,
        tokens=tokens,
        first_token_ms=(first - started) * 1000,
        total_ms=(now - started) * 1000,
    )
