"""One turn as the window follows it: its job, what it is doing, and its text gathered every 33 ms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.events import (
    Event,
    ModelLoading,
    PictureRead,
    PromptAdvanced,
    PromptFitted,
    TextAdded,
    TurnFailed,
    TurnFinished,
    TurnStarted,
)
from desktop_app.errors import AppError, EngineCrashed, EnvironmentProblem
from desktop_app.ui.jobs import Job

if TYPE_CHECKING:
    from desktop_app.services.history import History

GATHER_MS = 33
CRASHED = "engine.crashed"
Doing = Literal["waiting", "loading", "looking", "reading", "thinking", "writing", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What the turn is doing. `share` of the prompt that is read, 0..1; `model` is its claimed name."""

    doing: Doing
    share: float = 0.0
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOpened:
    """Question and empty answer, as stored."""

    question: StoredMessage
    answer: StoredMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnClosed:
    """The answer as stored at the end, and why it failed if it did."""

    answer: StoredMessage
    error: AppError | None = None


def followed(events: Iterator[Event], history: History) -> Iterator[object]:
    """The events with the stored messages they speak of beside them. Runs on the job's thread.

    Raises AppError when the turn fails before anything of it is stored.
    """
    for event in events:
        yield event
        if isinstance(event, TurnStarted):
            yield TurnOpened(question=history.message(event.question_id), answer=history.message(event.answer_id))
        elif isinstance(event, TurnFinished):
            yield TurnClosed(answer=history.message(event.answer_id))
        elif isinstance(event, TurnFailed):
            error = _error(event)
            if not event.answer_id:
                raise error
            yield TurnClosed(answer=history.message(event.answer_id), error=error)


def _error(event: TurnFailed) -> AppError:
    kind = EngineCrashed if event.code == CRASHED else EnvironmentProblem
    return kind(event.code, event.message, remedy=event.remedy)


class Turn(QObject):
    """Follows one job of `followed` events. Emits `ended` exactly once, last.

    Attributes: `turn_id` and `answer_id` are empty until the turn has opened, `conversation_id` of a new conversation
    too; `visit` numbers the opening of the conversation in which it began; `text` is all that was written so far;
    `refused`: it ended before anything was stored.
    """

    opened = Signal(object)
    phase_changed = Signal(object)
    fitted = Signal(object)
    picture_read = Signal(object)
    text_added = Signal(str)
    closed = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, job: Job, *, conversation_id: str, visit: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.turn_id = ""
        self.conversation_id = conversation_id
        self.visit = visit
        self.answer_id = ""
        self.text = ""
        self.phase = Phase(doing="waiting")
        self.stopping = False
        self._job = job
        self._gathered: list[str] = []
        self._handlers = self._make_handlers()
        self._timer = QTimer(self, interval=GATHER_MS, singleShot=True)
        self._timer.timeout.connect(self.flush)
        job.event.connect(self._on_event)
        job.finished.connect(self._on_finished)
        job.cancelled.connect(self._end)
        job.failed.connect(self._on_failed)

    @property
    def refused(self) -> bool:
        return not self.answer_id

    @property
    def running(self) -> bool:
        return self.phase.doing != "ended"

    def start(self) -> None:
        self._job.start()

    def stop(self) -> None:
        """Ask it to stop; what is written stays."""
        if self.running and not self.stopping:
            self.stopping = True
            self._job.cancel()

    def flush(self) -> None:
        """Hand over what was gathered, now."""
        if self._gathered:
            text, self._gathered = "".join(self._gathered), []
            self.text += text
            self.text_added.emit(text)

    def _on_event(self, event: object) -> None:
        said_by = getattr(event, "turn_id", self.turn_id)
        if self.turn_id and said_by != self.turn_id:
            return
        if handle := self._handlers.get(type(event)):
            handle(event)

    def _make_handlers(self) -> dict[type, Callable[..., None]]:
        return {
            TurnStarted: self._on_started,
            TurnOpened: self._on_opened,
            ModelLoading: lambda e: self._enter(Phase(doing="loading", model=e.model)),
            PictureRead: self._on_picture,
            PromptFitted: self.fitted.emit,
            PromptAdvanced: self._on_prompt,
            TextAdded: self._on_text,
            TurnClosed: self._on_closed,
        }

    def _on_started(self, event: TurnStarted) -> None:
        self.turn_id, self.answer_id, self.conversation_id = event.turn_id, event.answer_id, event.conversation_id

    def _on_opened(self, opened: TurnOpened) -> None:
        self.opened.emit(opened)
        self._enter(Phase(doing="looking" if opened.question.pictures else "thinking"))

    def _on_picture(self, event: PictureRead) -> None:
        self.picture_read.emit(event)
        self._enter(Phase(doing="thinking"))

    def _on_prompt(self, event: PromptAdvanced) -> None:
        share = event.done / event.total if event.total else 1.0
        self._enter(Phase(doing="reading" if share < 1 else "thinking", share=share))

    def _on_text(self, event: TextAdded) -> None:
        self._gathered.append(event.text)
        if self.phase.doing != "writing":
            self._enter(Phase(doing="writing"))
        if not self._timer.isActive():
            self._timer.start()

    def _on_closed(self, closed: TurnClosed) -> None:
        self.flush()
        self._timer.stop()
        self.phase = Phase(doing="ended")
        self.closed.emit(closed)
        if closed.error is not None:
            self.failed.emit(closed.error)

    def _on_failed(self, error: AppError) -> None:
        self.flush()
        self.failed.emit(error)
        self._end()

    def _on_finished(self, _: object) -> None:
        self._end()

    def _enter(self, phase: Phase) -> None:
        if self.phase.doing != "ended":
            self.phase = phase
            self.phase_changed.emit(phase)

    def _end(self) -> None:
        self.flush()
        self._timer.stop()
        self.phase = Phase(doing="ended")
        self.ended.emit()
