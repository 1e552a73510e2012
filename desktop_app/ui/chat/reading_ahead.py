"""While a question is typed, the model already reads it with everything that comes before it.

So what is new at the beginning of a conversation (rules, examples) costs no time once the question is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop_app.ui.chat.composer import Composer
from desktop_app.ui.chat.presenter import ChatPresenter
from desktop_app.ui.jobs import Job, Lanes

if TYPE_CHECKING:
    from desktop_app.services.services import Services

EVERY_MS = 400
LEAST_CHARACTERS = 12


class ReadingAhead(QObject):
    """Reads at most every `EVERY_MS`, one reading at a time, and stops when the question is sent or an answer runs.

    It is a favour: what goes wrong in it shows when the question is asked.
    """

    def __init__(
        self,
        services: Services,
        lanes: Lanes,
        presenter: ChatPresenter,
        composer: Composer,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._lanes = lanes
        self._presenter = presenter
        self._composer = composer
        self._job: Job | None = None
        self._read = ""
        self._timer = QTimer(self, interval=EVERY_MS, singleShot=True)
        self._timer.timeout.connect(self._go)
        composer.typed.connect(self._on_typed)
        presenter.busy_changed.connect(lambda _: self.stop())

    def stop(self) -> None:
        """Do not stand in the way of what comes."""
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()

    def _on_typed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _go(self) -> None:
        text = self._composer.text.toPlainText().strip()
        if self._presenter.busy or self._job is not None or text == self._read or len(text) < LEAST_CHARACTERS:
            return
        self._read = text
        chat, conversation_id = self._services.chat, self._presenter.current_id
        job = self._lanes.job(
            "model", lambda cancel: chat.foresee(text, conversation_id=conversation_id, cancel=cancel)
        )
        for ended in (job.finished, job.failed, job.cancelled):
            ended.connect(self._on_ended)
        self._job = job
        job.start()

    def _on_ended(self, _: object = None) -> None:
        """More may have been typed meanwhile."""
        self._job = None
        if not self._presenter.busy and self._composer.text.toPlainText().strip() != self._read:
            self._on_typed()
