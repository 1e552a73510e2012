"""Deterministic stand-ins for tests and usability runs; `ModelAbilities.name` says on screen what they are."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator

from desktop_app.domain.generation import (
    GenerationEnded,
    GenerationEvent,
    ModelAbilities,
    ModelRequest,
    PromptProgress,
    TextDelta,
)
from desktop_app.errors import AppError
from desktop_app.ports import CancelToken

CRASH = "<crash>"
"""A scripted piece that ends the process, as a broken native library would."""


class ScriptedModel:
    """Says what was queued with `enqueue`, else repeats the question. One token is one word."""

    def __init__(self, *, context_tokens: int = 4096, says: tuple[str, ...] = (), sees: bool = False) -> None:
        self._context = context_tokens
        self._sees = sees
        self._queue: deque[tuple[str, ...] | AppError] = deque([says] if says else [])
        self.requests: list[ModelRequest] = []

    def enqueue(self, *pieces: str) -> None:
        self._queue.append(pieces)

    def enqueue_error(self, error: AppError) -> None:
        self._queue.append(error)

    def load(self) -> ModelAbilities:
        return ModelAbilities(
            name="Scripted (not a real model)",
            sha256="",
            architecture="scripted",
            context_tokens=self._context,
            sees_pictures=self._sees,
            load_ms=0.0,
        )

    def count_tokens(self, request: ModelRequest) -> int:
        return sum(len(message.text.split()) + 4 for message in request.messages)

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        reading_ahead = request.sampling.max_tokens == 0
        if not reading_ahead:
            self.requests.append(request)
        prompt = self.count_tokens(request)
        yield PromptProgress(done=prompt, total=prompt, reused=0)
        planned = () if reading_ahead else self._queue.popleft() if self._queue else (request.messages[-1].text,)
        if isinstance(planned, AppError):
            raise planned
        written = 0
        for piece in planned[: request.sampling.max_tokens]:
            if cancel.cancelled:
                break
            if piece == CRASH:
                os.abort()
            written += 1
            yield TextDelta(text=piece)
        yield GenerationEnded(
            stopped_by="person" if cancel.cancelled else "end" if written == len(planned) else "length",
            prompt_tokens=prompt,
            reused_tokens=0,
            tokens=written,
            first_token_ms=1.0,
            total_ms=2.0,
        )

    def close(self) -> None:
        return
