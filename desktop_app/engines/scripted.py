"""Deterministic stand-ins for tests and usability runs; `ModelAbilities.name` says on screen what they are."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from desktop_app.domain.generation import (
    AnswerScore,
    GenerationEnded,
    GenerationEvent,
    ModelAbilities,
    ModelRequest,
    PromptProgress,
    TextDelta,
)
from desktop_app.domain.training import TrainingEnded, TrainingEvent, TrainingJob, TrainingPaused, TrainingProgress
from desktop_app.errors import AppError, UserCanFix
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
        self.adapter, self.strength = "", 1.0

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

    def score(self, request: ModelRequest, answer: str) -> AnswerScore:
        """A word costs as much as it is long; with an adapter half of that, times its strength."""
        ease = 1 - self.strength / 2 if self.adapter else 1.0
        return AnswerScore(token_log_probs=tuple(-0.5 * len(word) * ease for word in answer.split()))

    def divergence(self, request: ModelRequest, answer: str) -> float:
        return 0.01 * self.strength if self.adapter else 0.0

    def use_adapter(self, path: str, strength: float = 1.0) -> None:
        if path and not Path(path).is_file():
            raise UserCanFix("adapter.unreadable", "The adapter cannot be read.", remedy="Choose another one.")
        self.adapter, self.strength = path, strength

    def close(self) -> None:
        self.adapter = ""


class ScriptedTrainer:
    """Trains nothing: counts `steps` and writes a few bytes that no model takes. `paused` and `jobs` tell tests."""

    def __init__(self, *, steps: int = 3, refuses: str = "", fails: AppError | None = None) -> None:
        self._steps = steps
        self._refuses = refuses
        self._fails = fails
        self._going = threading.Event()
        self._going.set()
        self.jobs: list[TrainingJob] = []
        self.forgotten: list[TrainingJob] = []

    @property
    def paused(self) -> bool:
        return not self._going.is_set()

    def check(self, base_path: str) -> str:
        return self._refuses

    def train(self, job: TrainingJob, cancel: CancelToken) -> Iterator[TrainingEvent]:
        self.jobs.append(job)
        for step in range(self._steps):
            cancel.raise_if_cancelled()
            if self.paused:
                yield TrainingPaused(phase="training")
                with cancel.calling(self._going.set):
                    self._going.wait()
                cancel.raise_if_cancelled()
            yield TrainingProgress(phase="training", done=step, total=self._steps, seconds_left=1.0)
        if self._fails is not None:
            raise self._fails
        path = Path(job.adapter_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"scripted adapter\n")
        yield TrainingEnded(
            adapter_path=job.adapter_path,
            seconds={"training": 0.0},
            steps=self._steps,
            examples=len(job.examples),
        )

    def pause(self) -> None:
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    def forget(self, job: TrainingJob) -> None:
        self.forgotten.append(job)

    def close(self) -> None:
        return
