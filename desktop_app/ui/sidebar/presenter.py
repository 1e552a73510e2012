"""What the sidebar shows and what it can do to conversations. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.conversations import Conversation
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Job, Lanes

if TYPE_CHECKING:
    from desktop_app.services.history import History

SEARCH_PAUSE_MS = 120
MOST_CONVERSATIONS = 2000


class SidebarPresenter(QObject):
    """Results that were overtaken by a newer question are dropped."""

    listed = Signal(object)  # tuple[Conversation, ...]
    found = Signal(str, object)  # the words, tuple[SearchHit, ...]
    search_ended = Signal()
    deleted = Signal(object)  # Conversation
    restored = Signal(str)
    failed = Signal(object)  # AppError

    def __init__(self, history: History, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._lanes = lanes
        self._by_id: dict[str, Conversation] = {}
        self._words = ""
        self._listing: Job | None = None
        self._searching: Job | None = None
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._pause.timeout.connect(self._search_now)

    def title(self, conversation_id: str | None) -> str:
        known = self._by_id.get(conversation_id or "")
        return known.title if known else ""

    def known(self) -> tuple[Conversation, ...]:
        """The conversations of the last listing, newest first."""
        return tuple(self._by_id.values())

    def refresh(self) -> None:
        """Read the list again; a search that is shown is repeated too."""
        job = self._lanes.job("io", lambda _: self._history.conversations(limit=MOST_CONVERSATIONS))
        self._listing = job
        job.finished.connect(while_alive(self, lambda conversations: self._on_listed(job, conversations)))
        job.failed.connect(self.failed)
        job.start()
        if self._words:
            self._search_now()

    def search(self, words: str) -> None:
        """Look for words in all messages, a moment after the last key. Nothing but spaces ends the search."""
        self._words = words.strip()
        if self._words:
            self._pause.start()
            return
        self._pause.stop()
        self._drop_search()
        self.search_ended.emit()

    def rename(self, conversation_id: str, title: str) -> None:
        if title.strip() and title.strip() != self.title(conversation_id):
            self._do(lambda: self._history.rename(conversation_id, title.strip()), self.refresh)

    def delete(self, conversation_id: str) -> None:
        """It can be had back: `deleted` carries it."""
        conversation = self._by_id.get(conversation_id)
        if conversation is not None:
            self._do(lambda: self._history.delete(conversation_id), lambda: self._on_deleted(conversation))

    def restore(self, conversation_id: str) -> None:
        def done() -> None:
            self.refresh()
            self.restored.emit(conversation_id)

        self._do(lambda: self._history.restore(conversation_id), done)

    def reveal(self, message_id: str, then: Callable[[], None]) -> None:
        """Make a message part of what its conversation shows."""
        self._do(lambda: self._history.show(message_id), then)

    def _do(self, change: Callable[[], object], then: Callable[[], None]) -> None:
        job = self._lanes.job("io", lambda _: change())
        job.finished.connect(while_alive(self, lambda _: then()))
        job.failed.connect(self.failed)
        job.start()

    def _on_listed(self, job: Job, conversations: tuple[Conversation, ...]) -> None:
        if job is self._listing:
            self._by_id = {conversation.id: conversation for conversation in conversations}
            self.listed.emit(conversations)

    def _on_deleted(self, conversation: Conversation) -> None:
        self.refresh()
        self.deleted.emit(conversation)

    def _search_now(self) -> None:
        self._drop_search()
        words = self._words
        job = self._lanes.job("io", lambda _: self._history.search(words))
        self._searching = job
        job.finished.connect(while_alive(self, lambda hits: self._on_found(job, words, hits)))
        job.failed.connect(self.failed)
        job.start()

    def _on_found(self, job: Job, words: str, hits: object) -> None:
        if job is self._searching:
            self.found.emit(words, hits)

    def _drop_search(self) -> None:
        if self._searching is not None:
            self._searching.cancel()
            self._searching = None
