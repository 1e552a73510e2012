"""The first start: checking the microphone and the voice, and having the models. Knows no widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.model_specs import FetchProgress
from desktop_app.errors import AppError
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Job, Lanes

if TYPE_CHECKING:
    from desktop_app.services.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterModel:
    """A model of the starter set; `bytes` is the size of its files."""

    id: str
    title: str
    role: str
    bytes: int
    installed: bool


class OnboardingPresenter(QObject):
    """Levels come from the sound thread and arrive here as signals."""

    level = Signal(float, float)  # 0..1, seconds
    listening_changed = Signal(bool)
    speaking_changed = Signal(bool)
    models_found = Signal(object)  # tuple[StarterModel, ...]
    progressed = Signal(object)  # FetchProgress
    fetching_changed = Signal(bool)
    microphone_failed = Signal(object)  # AppError
    voice_failed = Signal(object)  # AppError
    failed = Signal(object)  # AppError, of the models
    _lost = Signal(object)

    def __init__(self, services: Services, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._lanes = lanes
        self._speech: Job | None = None
        self._fetch: Job | None = None
        self._opening: Job | None = None
        self.listening = False
        self._lost.connect(self._on_lost)

    # -- microphone and voice ------------------------------------------------------------------------------------

    def listen(self) -> None:
        """Show how loud it is, until `hush`. Nothing of it is kept. Opening a device may take its time."""
        if self._opening is not None or self.listening:
            return
        voice, level, lost = self._services.voice, self.level.emit, self._lost.emit
        job = self._lanes.job("voice", lambda _: voice.start_recording(level, lost))
        self._opening = job
        job.finished.connect(while_alive(self, lambda _: self._on_opened(job)))
        job.failed.connect(while_alive(self, lambda error: self._on_not_opened(job, error)))
        job.start()

    def hush(self) -> None:
        self._opening = None
        if self.listening:
            self._services.voice.discard_recording()
            self.listening = False
            self.listening_changed.emit(False)

    def say_hello(self) -> None:
        if self._speech is not None:
            self._speech.cancel()
            return
        job = self._lanes.job("voice", self._services.voice.say_hello)
        self._speech = job
        job.finished.connect(while_alive(self, lambda _: self._on_silence()))
        job.cancelled.connect(self._on_silence)
        job.failed.connect(self._on_speech_failed)
        self.speaking_changed.emit(True)
        job.start()

    # -- models --------------------------------------------------------------------------------------------------

    def look_for_models(self) -> None:
        job = self._lanes.job("io", lambda _: self._starters())
        job.finished.connect(self.models_found)
        job.failed.connect(self.failed)
        job.start()

    def fetch(self) -> None:
        """Fetch what is missing; `stop_fetching` keeps what is already here."""
        if self._fetch is not None:
            return
        library = self._services.library
        job = self._lanes.job("io", lambda cancel: library.fetch([spec.id for spec in library.starters()], cancel))
        self._fetch = job
        job.event.connect(self._on_progress)
        job.finished.connect(while_alive(self, lambda _: self._on_fetch_over()))
        job.cancelled.connect(self._on_fetch_over)
        job.failed.connect(self._on_fetch_failed)
        self.fetching_changed.emit(True)
        job.start()

    def stop_fetching(self) -> None:
        if self._fetch is not None:
            self._fetch.cancel()

    def leave(self) -> None:
        """Silence everything."""
        self.hush()
        if self._speech is not None:
            self._speech.cancel()
        self.stop_fetching()

    # -- inside --------------------------------------------------------------------------------------------------

    def _starters(self) -> tuple[StarterModel, ...]:
        there = {model.id for model in self._services.library.installed()}
        return tuple(
            StarterModel(id=spec.id, title=spec.title, role=spec.role, bytes=spec.bytes, installed=spec.id in there)
            for spec in self._services.library.starters()
        )

    def _on_opened(self, job: Job) -> None:
        if job is not self._opening:  # the person has gone on meanwhile
            self._services.voice.discard_recording()
            return
        self._opening = None
        self.listening = True
        self.listening_changed.emit(True)

    def _on_not_opened(self, job: Job, error: AppError) -> None:
        if job is self._opening:
            self._opening = None
            self.microphone_failed.emit(error)

    def _on_lost(self, error: AppError) -> None:
        self.hush()
        self.microphone_failed.emit(error)

    def _on_silence(self) -> None:
        self._speech = None
        self.speaking_changed.emit(False)

    def _on_speech_failed(self, error: AppError) -> None:
        self._on_silence()
        self.voice_failed.emit(error)

    def _on_progress(self, step: FetchProgress) -> None:
        self.progressed.emit(step)

    def _on_fetch_over(self) -> None:
        self._fetch = None
        self.fetching_changed.emit(False)
        self.look_for_models()

    def _on_fetch_failed(self, error: AppError) -> None:
        self._on_fetch_over()
        self.failed.emit(error)
