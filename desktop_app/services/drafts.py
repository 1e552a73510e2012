"""Answers that are begun before it is sure that they are wanted.

While the words are known and only the silence is waited for, the model already writes. If the question then comes with
the same prompt, it gets what is written and what still comes; if anything else comes, the draft is thrown away.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from desktop_app.domain.generation import AnswerScore, GenerationEvent, ModelAbilities, ModelRequest, TextDelta
from desktop_app.errors import AppError
from desktop_app.ports import CancelToken, LanguageModel


class Models(Protocol):
    """Gives the language model to use: the one with this id, or the chosen one."""

    def model(self, model_id: str) -> LanguageModel:
        """Raises UserCanFix when there is none."""
        ...

    def restart(self) -> None: ...


class Drafts:
    """Stands between a service and its models. Callable from any thread; one draft at a time."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._lock = threading.Lock()
        self._draft: _Draft | None = None

    def model(self, model_id: str) -> LanguageModel:
        """While a draft is written, what is known of the model that writes it: the model itself is busy."""
        draft = self._waiting
        if draft is not None and draft.model.model_id == model_id:
            return _Busy(self, draft)
        self.give_up()
        return _Watched(self._models.model(model_id), model_id)

    def seed(self) -> int:
        """For the next answer: that of the draft, if there is one."""
        draft = self._waiting
        return draft.request.sampling.seed if draft is not None else secrets.randbits(31)

    def restart(self) -> None:
        self.give_up()
        self._models.restart()

    def write(
        self, model: LanguageModel, request: ModelRequest, cancel: CancelToken, on_text: Callable[[str], None]
    ) -> None:
        """Write a draft, until it is complete or `cancel` is. `model` came from here. Raises AppError."""
        self.give_up()
        known = model if isinstance(model, _Watched) else _Watched(model, "")
        draft = _Draft(known, request, cancel)
        with self._lock:
            self._draft = draft
        try:
            draft.write(on_text)
        finally:
            if cancel.cancelled:
                self.forget(draft)

    def give_up(self) -> None:
        """Throw away the draft that nobody has asked for."""
        draft = self._waiting
        if draft is not None:
            self.forget(draft)
            draft.cancel.cancel()

    def take(self, draft: _Draft) -> None:
        """It is wanted, and no longer a draft."""
        draft.taken = True
        self.forget(draft)

    def forget(self, draft: _Draft) -> None:
        with self._lock:
            if self._draft is draft:
                self._draft = None

    @property
    def _waiting(self) -> _Draft | None:
        with self._lock:
            draft = self._draft
        return draft if draft is not None and not draft.cancel.cancelled else None


class _Watched:
    """A model, and what it was asked about before the draft."""

    def __init__(self, model: LanguageModel, model_id: str) -> None:
        self.model, self.model_id = model, model_id
        self.abilities: ModelAbilities | None = None
        self.counted: list[tuple[ModelRequest, int]] = []
        self.adapter: tuple[str, float] | None = None

    def load(self) -> ModelAbilities:
        self.abilities = self.model.load()
        return self.abilities

    def count_tokens(self, request: ModelRequest) -> int:
        tokens = self.model.count_tokens(request)
        self.counted.append((request, tokens))
        return tokens

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        return self.model.stream(request, cancel)

    def score(self, request: ModelRequest, answer: str) -> AnswerScore:
        return self.model.score(request, answer)

    def divergence(self, request: ModelRequest, answer: str) -> float:
        return self.model.divergence(request, answer)

    def use_adapter(self, path: str, strength: float = 1.0) -> None:
        self.model.use_adapter(path, strength)
        self.adapter = (path, strength)

    def close(self) -> None:
        self.model.close()


class _Busy:
    """A model that writes a draft: answers from what is known; any other question ends the draft first."""

    def __init__(self, drafts: Drafts, draft: _Draft) -> None:
        self._drafts, self._draft = drafts, draft

    def load(self) -> ModelAbilities:
        return self._draft.model.abilities or self._free().load()

    def count_tokens(self, request: ModelRequest) -> int:
        known = (tokens for asked, tokens in self._draft.model.counted if asked == request)
        tokens = next(known, None)
        return self._free().count_tokens(request) if tokens is None else tokens

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        if self._draft.fits(request):
            self._drafts.take(self._draft)
            return self._draft.follow(cancel)
        return self._free().stream(request, cancel)

    def score(self, request: ModelRequest, answer: str) -> AnswerScore:
        return self._free().score(request, answer)

    def divergence(self, request: ModelRequest, answer: str) -> float:
        return self._free().divergence(request, answer)

    def use_adapter(self, path: str, strength: float = 1.0) -> None:
        if self._draft.model.adapter != (path, strength):
            self._free().use_adapter(path, strength)

    def close(self) -> None:
        self._free().close()

    def _free(self) -> LanguageModel:
        self._drafts.forget(self._draft)
        if not self._draft.taken:
            self._draft.cancel.cancel()
        return self._draft.model


class _Draft:
    """What was written so far. `write` in one thread, `follow` in another."""

    def __init__(self, model: _Watched, request: ModelRequest, cancel: CancelToken) -> None:
        self.model, self.request, self.cancel = model, request, cancel
        self.taken = False
        self._changed = threading.Condition()
        self._events: list[GenerationEvent] = []
        self._over = False
        self._error: AppError | None = None

    def fits(self, request: ModelRequest) -> bool:
        same = (request.messages, request.sampling, request.picture_files)
        return same == (self.request.messages, self.request.sampling, self.request.picture_files)

    def write(self, on_text: Callable[[str], None]) -> None:
        """Raises AppError, unless somebody follows who gets it."""
        error: AppError | None = None
        try:
            for event in self.model.stream(self.request, self.cancel):
                self._add(event)
                if isinstance(event, TextDelta):
                    on_text(event.text)
        except AppError as failed:
            error = failed
        with self._changed:
            self._over, self._error = True, error
            self._changed.notify_all()
        if error is not None and not self.taken:
            raise error

    def follow(self, cancel: CancelToken) -> Iterator[GenerationEvent]:
        """From the beginning. Cancelled, it is cancelled itself. Raises AppError."""
        read = 0
        with cancel.calling(self.cancel.cancel):
            while (event := self._event(read)) is not None:
                read += 1
                yield event
        if self._error is not None:
            raise self._error

    def _add(self, event: GenerationEvent) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def _event(self, number: int) -> GenerationEvent | None:
        """None when there is no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or len(self._events) > number)
            return self._events[number] if len(self._events) > number else None
