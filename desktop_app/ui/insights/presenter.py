"""What the insights page knows and can do. Everything that blocks runs beside the GUI thread; knows no widget."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Job, Lanes

if TYPE_CHECKING:
    from desktop_app.services.insights import InsightsService

PERIODS = (7, 30, 90, 365)
USUAL = 90


class InsightsPresenter(QObject):
    """`found(Insights)`, `saved(Path)`, `failed(AppError)`. Only the newest question is answered."""

    found = Signal(object)
    saved = Signal(object)
    failed = Signal(object)

    def __init__(self, insights: InsightsService, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._insights, self._lanes = insights, lanes
        self._days = USUAL
        self._gathering: Job | None = None

    def gather(self, days: int = 0) -> None:
        """The last `days` days; 0: as before."""
        self._days = wanted = days or self._days
        job = self._lanes.job("io", lambda _: self._insights.gather(wanted))
        self._gathering = job
        job.finished.connect(
            while_alive(self, lambda found: self.found.emit(found) if job is self._gathering else None)
        )
        job.failed.connect(while_alive(self, self.failed.emit))
        job.start()

    def note(self, text: str) -> None:
        self._run(lambda: self._insights.note(text), lambda _: self.gather())

    def remove_note(self, id_: str) -> None:
        self._run(lambda: self._insights.notes.remove(id_), lambda _: self.gather())

    def save_page(self, path: Path) -> None:
        """The whole as one HTML file."""
        from desktop_app.files import disk_errors
        from desktop_app.services.insights_html import page

        def save() -> None:
            with disk_errors(path.parent):
                path.write_text(page(self._insights.gather(self._days)), encoding="utf-8")

        self._run(save, lambda _: self.saved.emit(path))

    def _run(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        job = self._lanes.job("io", lambda _: work())
        job.finished.connect(while_alive(self, then))
        job.failed.connect(while_alive(self, self.failed.emit))
        job.start()
