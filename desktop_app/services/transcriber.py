"""Turns stretches of a conversation into words, in the background: what is final before what is only shown."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from desktop_app.domain.audio import Audio
from desktop_app.errors import AppError, Cancelled
from desktop_app.ports import CancelToken, SpeechRecognizer

log = logging.getLogger(__name__)
TRIES = 2
"""A recogniser that died is started again by the next call."""


@dataclass(frozen=True, kw_only=True)
class _Job:
    number: int
    audio: Audio
    final: bool
    cancel: CancelToken = field(default_factory=CancelToken)


class Transcriber:
    """One recogniser. `on_text(number, text, final)` and `on_error(AppError)` come from its thread.

    Every final job that is not dropped is answered, after an error with no text. Of the partial ones only the newest
    is done, when there is nothing final to do.
    """

    def __init__(
        self,
        recognizer: SpeechRecognizer,
        on_text: Callable[[int, str, bool], None],
        on_error: Callable[[AppError], None],
    ) -> None:
        self._recognizer, self._on_text, self._on_error = recognizer, on_text, on_error
        self._changed = threading.Condition()
        self._finals: deque[_Job] = deque()
        self._partial: _Job | None = None
        self._running: _Job | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="talk-transcribe", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether something final is still to be answered."""
        with self._changed:
            return bool(self._finals) or (self._running is not None and self._running.final)

    def ask(self, number: int, audio: Audio, *, final: bool) -> None:
        job = _Job(number=number, audio=audio, final=final)
        with self._changed:
            if final:
                self._finals.append(job)
                self._partial = None
            else:
                self._partial = job
            self._changed.notify_all()

    def drop(self, number: int) -> None:
        """That final one is no longer wanted; it is not answered."""
        with self._changed:
            self._finals = deque(job for job in self._finals if job.number != number)
            if self._running is not None and self._running.number == number:
                self._running.cancel.cancel()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._finals.clear()
            self._partial = None
            if self._running is not None:
                self._running.cancel.cancel()
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            text = self._text(job)
            with self._changed:
                self._running = None
            if text is not None and not job.cancel.cancelled:
                self._on_text(job.number, text, job.final)

    def _next(self) -> _Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._finals or self._partial is not None)
            if self._closed:
                return None
            if self._finals:
                self._running = self._finals.popleft()
            else:
                self._running, self._partial = self._partial, None
            return self._running

    def _text(self, job: _Job) -> str | None:
        """None when it is not to be answered."""
        for attempt in range(TRIES):
            try:
                return self._recognizer.transcribe(job.audio, job.cancel).text
            except Cancelled:
                return None
            except AppError as error:
                log.warning("transcription %s failed: %s", job.number, error.detail or error.message)
                if attempt == TRIES - 1 and job.final:
                    self._on_error(error)
        return "" if job.final else None
