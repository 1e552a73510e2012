"""What the page "What is recorded" knows and can do. Blocking work runs beside the GUI thread; knows no widget."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.consent import Level
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Lanes

if TYPE_CHECKING:
    from desktop_app.services.telemetry import UsageService, UsageState


class UsagePresenter(QObject):
    """`state_found(UsageState)`; `registry_found(Registry)`; `recent_found(tuple of Recorded)`; `export_shown(bytes,
    SHA-256)`; `saved(Path)`; `erased()`; `failed(AppError)`."""

    state_found = Signal(object)
    registry_found = Signal(object)
    recent_found = Signal(object)
    export_shown = Signal(object, str)
    saved = Signal(object)
    erased = Signal()
    failed = Signal(object)

    def __init__(self, usage: UsageService, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._usage, self._lanes = usage, lanes

    def refresh(self) -> None:
        """Another process may have had the last word."""

        def state() -> UsageState:
            self._usage.start()
            return self._usage.state()

        self._run(state, self.state_found.emit)

    def find_registry(self) -> None:
        self._run(lambda: self._usage.registry, self.registry_found.emit)

    def look(self) -> None:
        """Write what waits, and tell what was kept last."""

        def recent() -> object:
            self._usage.flush()
            return self._usage.recent()

        self._run(recent, self.recent_found.emit)

    def choose(self, level: Level, wording: str) -> None:
        self._change(lambda: self._usage.agree(level, wording))

    def pause(self) -> None:
        self._change(self._usage.pause)

    def resume(self) -> None:
        self._change(self._usage.resume)

    def delete(self) -> None:
        self._run(self._usage.delete, lambda _: self._on_erased())

    def show_export(self) -> None:
        self._run(self._usage.export, lambda shown: self.export_shown.emit(shown, hashlib.sha256(shown).hexdigest()))

    def save_export(self, shown: bytes, path: Path) -> None:
        """The bytes that were shown, whatever has been recorded since."""
        self._run(lambda: self._usage.save_export(shown, path), lambda _: self.saved.emit(path))

    def _on_erased(self) -> None:
        self.erased.emit()
        self._look_again()

    def _look_again(self) -> None:
        self.refresh()
        self.look()

    def _change(self, change: Callable[[], object]) -> None:
        self._run(change, lambda _: self._look_again())

    def _run(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        job = self._lanes.job("io", lambda _: work())
        job.finished.connect(while_alive(self, then))
        job.failed.connect(while_alive(self, self.failed.emit))
        job.start()
