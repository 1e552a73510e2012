"""The line from the service's threads to the window's: what is said on it arrives there, in its order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from desktop_app.domain.events import Event, Interrupted, TurnStarted
from desktop_app.errors import AppError
from desktop_app.ports import CancelToken
from desktop_app.ui.chat.turn import TurnClosed, followed
from desktop_app.ui.jobs import Job

if TYPE_CHECKING:
    from desktop_app.services.history import History

_log = logging.getLogger(__name__)


class Line(QObject):
    """One per conversation by voice. `heard(turn id, item)`: an event, or a stored message that it speaks of, read on
    the thread that brought it; an AppError where the turn could not be stored. `ended(AppError or None)`.
    `level(0..1)`: how loud it is at the microphone.
    """

    heard = Signal(str, object)
    ended = Signal(object)
    level = Signal(float)
    _level = Signal(float)
    _heard = Signal(str, object)
    _ended = Signal(object)

    def __init__(self, history: History, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._answers: dict[str, str] = {}
        self._heard.connect(self.heard, Qt.ConnectionType.QueuedConnection)
        self._level.connect(self.level, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self.ended, Qt.ConnectionType.QueuedConnection)

    def say(self, event: Event) -> None:
        """From any thread."""
        try:
            for item in followed(iter((event,)), self._history):
                self._tell(event.turn_id, item)
            if isinstance(event, TurnStarted):
                self._answers[event.turn_id] = event.answer_id
            elif isinstance(event, Interrupted):
                self._look_again(event.turn_id)
        except AppError as error:
            self._tell(event.turn_id, error)

    def loudness(self, level: float) -> None:
        """From any thread."""
        try:
            self._level.emit(level)
        except RuntimeError:
            _log.debug("it was loud after the window had gone")

    def hang_up(self, error: AppError | None) -> None:
        """From any thread."""
        try:
            self._ended.emit(error)
        except RuntimeError:
            _log.debug("a conversation ended after the window had gone")

    def _look_again(self, turn_id: str) -> None:
        """Of an answer that was written already only what was heard is kept."""
        if answer_id := self._answers.get(turn_id):
            answer = self._history.message(answer_id)
            if answer.status != "streaming":
                self._tell(turn_id, TurnClosed(answer=answer))

    def _tell(self, turn_id: str, item: object) -> None:
        try:
            self._heard.emit(turn_id, item)
        except RuntimeError:  # the window is gone, nobody listens any more
            _log.debug("a conversation spoke after the window had gone")


class SpokenTurn(Job):
    """A turn that runs in the service, with the face of a job: what can follow a typed turn can follow this one."""

    def __init__(self, stop: Callable[[], None]) -> None:
        super().__init__(CancelToken(), lambda _: None)
        self._stop = stop

    def cancel(self) -> None:
        self._stop()
