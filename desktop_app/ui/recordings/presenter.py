"""The kept recordings, without widgets: listing, playing one at a time, deleting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_app.errors import AppError
from desktop_app.ports import CancelToken
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Job, Lanes

if TYPE_CHECKING:
    from desktop_app.services.services import Services


class RecordingsPresenter(QObject):
    """`listed(tuple[KeptRecording, ...])`, `playing_changed(id, "" for none)`, `failed(AppError)`."""

    listed = Signal(object)
    playing_changed = Signal(str)
    failed = Signal(object)

    def __init__(self, services: Services, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._lanes = services, lanes
        self._job: Job | None = None
        self.playing = ""

    @property
    def keeps(self) -> bool:
        """Whether recordings are being kept."""
        return self._services.preferences.current.keep_recordings

    def keep(self, on: bool) -> None:
        try:
            self._services.preferences.change(keep_recordings=on)
        except AppError as error:
            self.failed.emit(error)

    def refresh(self) -> None:
        recordings = self._services.recordings
        self._run(lambda _: recordings.all(), self.listed.emit)

    def delete(self, recording_id: str) -> None:
        self.stop()
        recordings = self._services.recordings
        self._run(lambda _: recordings.delete(recording_id), lambda _: self.refresh())

    def delete_all(self) -> None:
        self.stop()
        recordings = self._services.recordings
        self._run(lambda _: recordings.delete_all(), lambda _: self.refresh())

    def toggle(self, recording_id: str) -> None:
        """Play it, or stop it."""
        again = recording_id == self.playing
        self.stop()
        if not again:
            self._play(recording_id)

    def stop(self) -> None:
        if self._job is not None:
            job, self._job = self._job, None
            job.cancel()
            self._show("")

    def _play(self, recording_id: str) -> None:
        services = self._services

        def play(cancel: CancelToken) -> None:
            services.voice.play(services.recordings.sound(recording_id), cancel)

        job = self._lanes.job("voice", play)
        job.finished.connect(while_alive(self, lambda _: self._end(job)))
        job.cancelled.connect(while_alive(self, lambda: self._end(job)))
        job.failed.connect(while_alive(self, lambda error: self._fail(job, error)))
        self._job = job
        self._show(recording_id)
        job.start()

    def _end(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self._show("")

    def _fail(self, job: Job, error: AppError) -> None:
        self._end(job)
        self.failed.emit(error)

    def _show(self, recording_id: str) -> None:
        self.playing = recording_id
        self.playing_changed.emit(recording_id)

    def _run(self, work: Callable[[CancelToken], Any], then: Callable[[Any], None]) -> None:
        job = self._lanes.job("io", work)
        job.finished.connect(while_alive(self, then))
        job.failed.connect(while_alive(self, self.failed.emit))
        job.start()
