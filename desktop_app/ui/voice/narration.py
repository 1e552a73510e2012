"""Reads answers aloud: one at a time, sentence by sentence, stopped at once."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_app.errors import AppError
from desktop_app.ports import CancelToken
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Job, Lanes

if TYPE_CHECKING:
    from desktop_app.services.voice import VoiceService


class Narration(QObject):
    """`changed(answer id that is being read, "" for none)`, `failed(AppError)`."""

    changed = Signal(str)
    failed = Signal(object)

    def __init__(self, voice: VoiceService, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._voice = voice
        self._lanes = lanes
        self._job: Job | None = None
        self._text: SimpleQueue[str | None] = SimpleQueue()
        self.reading = ""

    def read(self, answer_id: str, text: str) -> None:
        """Read a whole text."""
        self.begin(answer_id)
        self.feed(answer_id, text)
        self.finish(answer_id)

    def begin(self, answer_id: str) -> None:
        """Read a text that is still to come."""
        self.stop()
        queue: SimpleQueue[str | None] = SimpleQueue()
        voice = self._voice

        def speak(cancel: CancelToken) -> None:
            narrator = voice.narrator(answer_id, cancel, lambda _: None)
            with cancel.calling(lambda: queue.put(None)):
                while (piece := queue.get()) is not None and not cancel.cancelled:
                    narrator.feed(piece)
                narrator.finish()
                narrator.wait()

        job = self._lanes.job("voice", speak)
        job.finished.connect(while_alive(self, lambda _: self._end(job)))
        job.cancelled.connect(while_alive(self, lambda: self._end(job)))
        job.failed.connect(while_alive(self, lambda error: self._fail(job, error)))
        self._job, self._text, self.reading = job, queue, answer_id
        self.changed.emit(answer_id)
        job.start()

    def feed(self, answer_id: str, text: str) -> None:
        if answer_id == self.reading:
            self._text.put(text)

    def finish(self, answer_id: str) -> None:
        """There is no more text to come."""
        if answer_id == self.reading:
            self._text.put(None)

    def stop(self) -> None:
        """Silence, now."""
        if self._job is not None:
            job, self._job = self._job, None
            job.cancel()
            self.reading = ""
            self.changed.emit("")

    def _fail(self, job: Job, error: AppError) -> None:
        self._end(job)
        self.failed.emit(error)

    def _end(self, job: Job) -> None:
        if job is self._job:
            self._job, self.reading = None, ""
            self.changed.emit("")
