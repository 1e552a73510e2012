"""Which conversation is shown and which path through it, without widgets.

Reading happens in lanes; what arrives for a conversation that was left meanwhile is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.conversations import Conversation, TranscriptPage
from desktop_app.errors import AppError
from desktop_app.ports import CancelToken
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Lane, Lanes

if TYPE_CHECKING:
    from desktop_app.services.services import Services

PAGE = 50


class PathPresenter(QObject):
    """`opened(Conversation or None, TranscriptPage)`, `earlier(TranscriptPage)`, `failed(AppError)`;
    `path_changed` and `found` carry (TranscriptPage, id of the message to keep in sight or to show).
    """

    opened = Signal(object, object)
    earlier = Signal(object)
    path_changed = Signal(object, str)
    found = Signal(object, str)
    failed = Signal(object)

    def __init__(self, services: Services, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._lanes = lanes
        self._visit = 0
        self._loading_earlier = False
        self.current_id: str | None = None

    def open(self, conversation_id: str | None, message_id: str = "") -> None:
        """Show a conversation's last page, or the place of `message_id` in it; an empty new one for None."""
        self._turn_to(conversation_id)
        if conversation_id is None:
            self._show_opened(None, TranscriptPage(messages=(), has_earlier=False))
        elif message_id:
            self._run("io", lambda _: self._read_all(conversation_id), lambda page: self.found.emit(page, message_id))
        else:
            self._run("io", lambda _: self._read(conversation_id), lambda found: self._show_opened(*found))

    def load_earlier(self, before_id: str) -> None:
        if self._loading_earlier or self.current_id is None:
            return
        self._loading_earlier = True
        conversation_id, history = self.current_id, self._services.history
        self._run("io", lambda _: history.page(conversation_id, before=before_id, limit=PAGE), self._show_earlier)

    def flip(self, message_id: str, step: int) -> None:
        """Show the next (`step` 1) or previous (-1) version of a message, and what follows it."""
        if self.current_id is not None:
            conversation_id = self.current_id
            self._run("io", lambda _: self._flipped(conversation_id, message_id, step), self._show_flipped)

    def _flipped(self, conversation_id: str, message_id: str, step: int) -> tuple[TranscriptPage, str] | None:
        history = self._services.history
        versions = history.siblings(message_id)
        at = versions.index(message_id) + step
        if not 0 <= at < len(versions):
            return None
        history.show(versions[at])
        return history.page(conversation_id, limit=PAGE), versions[at]

    def _read(self, conversation_id: str) -> tuple[Conversation, TranscriptPage]:
        history = self._services.history
        return history.conversation(conversation_id), history.page(conversation_id, limit=PAGE)

    def _read_all(self, conversation_id: str) -> TranscriptPage:
        return TranscriptPage(messages=self._services.history.path(conversation_id), has_earlier=False)

    def _turn_to(self, conversation_id: str | None) -> None:
        self._visit += 1
        self._loading_earlier = False
        self.current_id = conversation_id

    def _show_opened(self, conversation: Conversation | None, page: TranscriptPage) -> None:
        self.opened.emit(conversation, page)

    def _show_earlier(self, page: TranscriptPage) -> None:
        self._loading_earlier = False
        self.earlier.emit(page)

    def _show_flipped(self, found: tuple[TranscriptPage, str] | None) -> None:
        if found is not None:
            self.path_changed.emit(*found)

    def _run(self, lane: Lane, work: Callable[[CancelToken], Any], then: Callable[[Any], None]) -> None:
        """Run `work`, then `then(result)` here, unless another conversation was opened meanwhile."""
        visit = self._visit

        def arrived(result: object) -> None:
            if visit == self._visit:
                then(result)

        job = self._lanes.job(lane, work)
        job.finished.connect(while_alive(self, arrived))
        job.failed.connect(self._on_failed)
        job.start()

    def _on_failed(self, error: AppError) -> None:
        self._loading_earlier = False
        self.failed.emit(error)
