"""llama.cpp through llama-cpp-python: one model, one context, the KV cache kept from turn to turn.

How a conversation becomes cells stands in `llama_prompt.py`, the cache in `llama_memory.py`, pictures in
`llama_eyes.py`. Runs inside an engine child (`host_child.py`).
"""

from __future__ import annotations

import codecs
import ctypes
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desktop_app.domain.generation import (
    PROBE_SIDES,
    AnswerScore,
    GenerationEnded,
    GenerationEvent,
    ModelAbilities,
    ModelRequest,
    PromptProgress,
    Sampling,
    StoppedBy,
    TextDelta,
)
from desktop_app.domain.model_fit import KvType
from desktop_app.engines import llama_hardware, llama_scoring
from desktop_app.engines.gguf_header import read_header
from desktop_app.engines.llama_eyes import Cell, LlamaEyes, tokens_in
from desktop_app.engines.llama_loading import open_llama
from desktop_app.engines.llama_lora import LlamaLora
from desktop_app.engines.llama_memory import LlamaMemory
from desktop_app.engines.llama_prompt import LlamaPrompt
from desktop_app.errors import UserCanFix
from desktop_app.ports import CancelToken

AUTOMATIC = -1
FLUSH_S = 0.025
"""Text is handed over at most this often: a frame of the screen, and a core left in peace."""


class LlamaModel:
    """`model_path` names a GGUF that our own header check has passed; `threads` 0 takes the physical cores.

    `projector_path` names the GGUF with which the model sees; "" when it cannot. `kv_type` is how the context is kept.
    `gpu_layers` is how many blocks a graphics card computes: `AUTOMATIC` as many as fit.
    """

    def __init__(
        self,
        model_path: str,
        *,
        projector_path: str = "",
        sha256: str = "",
        name: str = "",
        context_tokens: int = 4096,
        threads: int = 0,
        kv_type: KvType = "f16",
        gpu_layers: int = AUTOMATIC,
    ) -> None:
        self._path = model_path
        self._projector = projector_path
        self._sha256 = sha256
        self._name = name
        self._wanted_context = context_tokens
        self._threads = threads
        self._kv_type = kv_type
        self._gpu_layers = gpu_layers
        self._llama: Any = None
        self._abilities: ModelAbilities | None = None
        self._eyes: LlamaEyes | None = None
        self._cancel = CancelToken()
        self._abort = _Abort()

    def load(self) -> ModelAbilities:
        """Raises UserCanFix("models.not_loaded", "models.eyes_not_loaded")."""
        if self._abilities is None:
            try:
                self._abilities = self._loaded()
            except BaseException:
                self.close()
                raise
        return self._abilities

    def count_tokens(self, request: ModelRequest) -> int:
        self.load()
        return tokens_in(self._prompt.cells(request.messages, request.picture_files))

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        started = time.perf_counter()
        self.load()
        self._cancel = cancel
        with self._abort.when(cancel):
            yield from self._answered(request, started, cancel)

    def _answered(self, request: ModelRequest, started: float, cancel: CancelToken) -> Iterator[GenerationEvent]:
        cells = self._prompt.cells(request.messages, request.picture_files)
        total = tokens_in(cells)
        room = self._llama.n_ctx() - total
        if room < 1:
            raise UserCanFix(
                "chat.too_long",
                "This is longer than the model can remember.",
                remedy="Shorten the text, or choose a longer context in Settings.",
                detail=f"{total} tokens of {self._llama.n_ctx()}",
            )
        encoded = self._eyes.encoded if self._eyes else 0
        self._memory.switch_to(request.cache_key)
        kept = self._memory.keep_prefix(cells)
        reused = tokens_in(cells[:kept])
        yield PromptProgress(done=reused, total=total, reused=reused)
        for read in self._memory.read(cells[kept:]):
            yield PromptProgress(done=tokens_in(cells[: kept + read]), total=total, reused=reused)
        answer = _Answer(started, total, reused, (self._eyes.encoded if self._eyes else 0) - encoded)
        if cancel.cancelled:
            yield answer.ended("person")
        else:
            yield from self._write(request.sampling, room, answer)

    def score(self, request: ModelRequest, answer: str) -> AnswerScore:
        with self._reading(request):
            prompt, tokens = self._to_score(request, answer)
            blocks = llama_scoring.distributions(self._llama, self._memory, prompt, tokens)
            return AnswerScore(token_log_probs=llama_scoring.token_log_probs(blocks, tokens))

    def divergence(self, request: ModelRequest, answer: str) -> float:
        with self._reading(request):
            prompt, tokens = self._to_score(request, answer)
            moved = list(llama_scoring.distributions(self._llama, self._memory, prompt, tokens))
            with self._lora.off() as changed:
                if not changed:
                    return 0.0
                self._memory.forget()
                base = llama_scoring.distributions(self._llama, self._memory, prompt, tokens)
                result = llama_scoring.divergence(base, moved)
            self._memory.forget()
            return result

    def use_adapter(self, path: str, strength: float = 1.0) -> None:
        self.load()
        if self._lora.use(path, strength):
            self._memory.forget()

    @contextmanager
    def _reading(self, request: ModelRequest) -> Iterator[None]:
        self.load()
        self._cancel = CancelToken()
        with self._abort.when(self._cancel):
            self._memory.switch_to(request.cache_key)
            yield

    def _to_score(self, request: ModelRequest, answer: str) -> tuple[list[Cell], list[int]]:
        """What is read, and what of it is scored."""
        if request.messages:
            prompt = self._prompt.cells(request.messages, request.picture_files)
            return prompt, llama_scoring.answer_tokens(self._llama, answer)
        first, *rest = llama_scoring.text_tokens(self._llama, answer)
        return [first], rest

    def close(self) -> None:
        if self._abilities is not None:
            self._lora.close()
            self._memory.close()
            self._prompt.close()
        if self._eyes is not None:
            self._eyes.close()
        if self._llama is not None:
            self._llama.close()
        self._llama = self._abilities = self._eyes = None

    def _cache_options(self, llama_cpp: Any) -> dict[str, Any]:
        """llama.cpp quantizes values only together with flash attention, which exact ones do better without."""
        if self._kv_type == "f16":
            return {}
        ggml = {"q8_0": llama_cpp.GGML_TYPE_Q8_0, "q4_0": llama_cpp.GGML_TYPE_Q4_0}[self._kv_type]
        return {"type_k": ggml, "type_v": ggml, "flash_attn": True}

    def _layers_on_gpu(self, llama_cpp: Any) -> int:
        if not llama_cpp.llama_supports_gpu_offload():
            return 0
        return (
            llama_hardware.layers_that_fit(Path(self._path), self._projector, self._wanted_context, self._kv_type)
            if self._gpu_layers == AUTOMATIC
            else self._gpu_layers
        )

    def _loaded(self) -> ModelAbilities:
        started = time.perf_counter()
        import llama_cpp
        import psutil

        threads = self._threads or psutil.cpu_count(logical=False) or 2
        self._llama = open_llama(
            self._path,
            n_ctx=self._wanted_context,
            n_threads=threads,
            n_threads_batch=threads,
            n_gpu_layers=self._layers_on_gpu(llama_cpp),
            **self._cache_options(llama_cpp),
        )
        llama_cpp.llama_set_abort_callback(self._llama.ctx, self._abort.callback, self._abort.flag)
        if self._projector:
            width = llama_cpp.llama_model_n_embd_inp(self._llama.model)
            self._eyes = LlamaEyes(self._projector, self._llama.model, width, threads, self._stopped)
        self._memory = LlamaMemory(self._llama, self._eyes, self._stopped)
        self._prompt = LlamaPrompt(self._llama, self._eyes)
        self._lora = LlamaLora(self._llama, self._path, self._sha256)
        small, large = map(self._eyes.tokens_at, PROBE_SIDES) if self._eyes else (0, 0)
        fixed = self._eyes is not None and small == large
        metadata = self._llama.metadata
        return ModelAbilities(
            name=self._name or metadata.get("general.name", "model"),
            sha256=self._sha256,
            architecture=metadata.get("general.architecture", ""),
            context_tokens=self._llama.n_ctx(),
            sees_pictures=self._eyes is not None,
            picture_tokens=(small, large),
            picture_side=read_header(Path(self._projector)).image_size if fixed else 0,
            load_ms=(time.perf_counter() - started) * 1000,
            memory_bytes=psutil.Process().memory_info().rss,
            template=self._prompt.template,
        )

    def _stopped(self) -> bool:
        return self._cancel.cancelled

    def _write(self, sampling: Sampling, room: int, answer: _Answer) -> Iterator[GenerationEvent]:
        """Sample, decode, hand over. The text of a few tokens travels together; the first one travels alone."""
        import llama_cpp

        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        sampler = _sampler(sampling)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        most = min(sampling.max_tokens, room)
        stopped_by: StoppedBy = "length" if sampling.max_tokens <= room else "context"
        waiting, flushed = "", 0.0
        try:
            while answer.tokens < most:
                token = llama_cpp.llama_sampler_sample(sampler, self._llama.ctx, -1)
                if llama_cpp.llama_vocab_is_eog(vocabulary, token):
                    stopped_by = "end"
                    break
                answer.count()
                waiting += decoder.decode(self._llama.detokenize([token]))
                if waiting and time.perf_counter() - flushed >= FLUSH_S:
                    yield TextDelta(text=waiting)
                    waiting, flushed = "", time.perf_counter()
                if answer.tokens < most and not self._memory.read_tokens([token]):
                    stopped_by = "person"
                    break
            waiting += decoder.decode(b"", final=True)
            if waiting:
                yield TextDelta(text=waiting)
        finally:
            llama_cpp.llama_sampler_free(sampler)
        yield answer.ended(stopped_by)


class _Abort:
    """Stops llama.cpp inside a computation. `callback(flag)` is true once the flag is set.

    llama.cpp asks at every node of its graph, some 800 times a token; Python would answer with a twentieth of the
    speed. The C library's `strlen` answers for us: the flag is a text, empty until it is set.
    """

    def __init__(self) -> None:
        import llama_cpp

        self.flag = ctypes.create_string_buffer(2)
        c_library = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)
        self.callback = ctypes.cast(c_library.strlen, llama_cpp.ggml_abort_callback)

    @contextmanager
    def when(self, cancel: CancelToken) -> Iterator[None]:
        """Inside the block, `cancel` sets the flag."""
        self.flag[0] = b"\0"
        with cancel.calling(self._set):
            yield
        self.flag[0] = b"\0"

    def _set(self) -> None:
        self.flag[0] = b"!"


class _Answer:
    """What is counted while an answer is written. Times are `perf_counter` seconds."""

    def __init__(self, started: float, prompt_tokens: int, reused_tokens: int, pictures_encoded: int) -> None:
        self._started = self._first = started
        self._prompt_tokens = prompt_tokens
        self._reused_tokens = reused_tokens
        self._pictures_encoded = pictures_encoded
        self.tokens = 0

    def count(self) -> None:
        if not self.tokens:
            self._first = time.perf_counter()
        self.tokens += 1

    def ended(self, stopped_by: StoppedBy) -> GenerationEnded:
        return GenerationEnded(
            stopped_by=stopped_by,
            prompt_tokens=self._prompt_tokens,
            reused_tokens=self._reused_tokens,
            tokens=self.tokens,
            first_token_ms=(self._first - self._started) * 1000,
            total_ms=(time.perf_counter() - self._started) * 1000,
            pictures_encoded=self._pictures_encoded,
        )


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
