"""What the page of models shows and does. Knows no widget; downloads of several models run at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.model_forms import FORM_OF, Size
from desktop_app.domain.model_specs import FetchProgress, InstalledModel, ModelRole
from desktop_app.errors import AppError
from desktop_app.ports import CancelToken
from desktop_app.services.model_import import Place, Wanted
from desktop_app.services.own_models import own_eyes
from desktop_app.ui.jobs import Job, Lanes
from desktop_app.ui.library.rows import listing

if TYPE_CHECKING:
    from desktop_app.services.services import Services


class LibraryPresenter(QObject):
    """`listed` comes after every change; `progressed` while something is fetched or added."""

    listed = Signal(object)  # tuple[Row, ...]
    progressed = Signal(object)  # FetchProgress
    fetching_changed = Signal(str, bool)  # model id
    adding_changed = Signal(bool)
    measuring_changed = Signal(str, bool)  # model id
    added = Signal(str, str)  # id, title
    own_listed = Signal(object)  # tuple[OwnEyes, ...]
    work_changed = Signal(str, str)  # model id, and what it is: "shrinking", "teaching", "" when it is over
    far = Signal(object, object)  # Wanted on another disk, and its bytes, which are too many for an int of Qt
    failed = Signal(object)  # AppError

    def __init__(self, services: Services, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._lanes = lanes
        self._fetching: dict[str, Job] = {}
        self._adding: Job | None = None
        self._working: dict[str, tuple[str, Job]] = {}
        self._measuring: set[str] = set()

    def refresh(self) -> None:
        job = self._lanes.job("io", lambda _: listing(self._services))
        job.finished.connect(self.listed)
        job.failed.connect(self.failed)
        job.start()

    def list_own(self) -> None:
        """What the project made for its own tests."""
        job = self._lanes.job("io", lambda _: own_eyes())
        job.finished.connect(self.own_listed)
        job.failed.connect(self.failed)
        job.start()

    def is_fetching(self, model_id: str) -> bool:
        return model_id in self._fetching

    def what_goes_on(self, model_id: str) -> str:
        """As `ModelCard.show_busy` wants it."""
        if self.is_fetching(model_id):
            return "fetching"
        working = self._working.get(model_id)
        return working[0] if working else "measuring" if model_id in self._measuring else ""

    def fetch(self, model_id: str) -> None:
        """Goes on from where it was, if it was paused."""
        if self.is_fetching(model_id):
            return
        library = self._services.library
        job = self._lanes.job("fetch", lambda cancel: library.fetch([model_id], cancel))
        self._fetching[model_id] = job
        job.event.connect(self.progressed)
        job.finished.connect(lambda _: self._on_fetched(model_id))
        job.cancelled.connect(lambda: self._on_fetched(model_id))
        job.failed.connect(lambda error: self._on_fetch_failed(model_id, error))
        self.fetching_changed.emit(model_id, True)
        job.start()

    def pause(self, model_id: str) -> None:
        """What is here is kept."""
        if self.is_fetching(model_id):
            self._fetching[model_id].cancel()

    def use(self, role: ModelRole, model_id: str) -> None:
        """ "" goes back to the automatic choice."""
        self._change(lambda: self._services.library.use(role, model_id))

    def remove(self, model_id: str) -> None:
        self._change(lambda: self._services.library.remove(model_id))

    def measure(self, model_id: str) -> None:
        """How quick it is here; takes up to a minute, and the model is busy meanwhile."""
        measure = self._services.measure
        job = self._lanes.job("model", lambda cancel: measure.measure(model_id, cancel))
        job.finished.connect(lambda _: self._on_measured(model_id))
        job.cancelled.connect(lambda: self._on_measured(model_id))
        job.failed.connect(lambda error: self._on_not_measured(model_id, error))
        self._measuring.add(model_id)
        self.measuring_changed.emit(model_id, True)
        job.start()

    def offer(self, files: tuple[Path, ...]) -> None:
        """Files that were dropped or chosen: a model, perhaps with its projector. Asks where one is to be kept that
        cannot simply get a second name."""
        if not files:
            return
        wanted = Wanted(path=files[0], projector=files[1] if len(files) > 1 else None)
        try:
            elsewhere = files[0].stat().st_dev != self._services.library.store.root.stat().st_dev
            bytes_ = sum(file.stat().st_size for file in files)
        except OSError:
            elsewhere, bytes_ = False, 0
        if elsewhere:
            self.far.emit(wanted, bytes_)
        else:
            self.add(wanted)

    def add(self, wanted: Wanted, place: Place = "link") -> None:
        """Take a model file of the person's in."""
        if self._adding is not None:
            return
        library, told = self._services.library, self.progressed.emit
        name, wish = wanted.path.name, replace(wanted, place=place)

        def work(cancel: CancelToken) -> InstalledModel:
            def advance(done: int, total: int) -> None:
                told(FetchProgress(model_id=name, stage="checking", done=done, total=total))

            return library.add(wish, advance=advance, cancel=cancel)

        job = self._lanes.job("io", work)
        self._adding = job
        job.finished.connect(self._on_added)
        job.cancelled.connect(self._on_adding_over)
        job.failed.connect(self._on_not_added)
        self.adding_changed.emit(True)
        job.start()

    def stop_adding(self) -> None:
        if self._adding is not None:
            self._adding.cancel()

    def shrink(self, model_id: str, size: Size) -> None:
        """Make a smaller form, then measure both, so that the card can say what it cost."""
        shrink, measure = self._services.shrink, self._services.measure

        def work(cancel: CancelToken) -> Iterator[FetchProgress]:
            for step in shrink.shrink(model_id, FORM_OF[size], cancel):
                if isinstance(step, FetchProgress):
                    yield step
                    continue
                for each in (model_id, step.id):
                    yield FetchProgress(model_id=model_id, stage="measuring", done=0, total=0)
                    measure.measure(each, cancel)

        self._work(model_id, "shrinking", self._lanes.job("io", work))

    def teach(self, model_id: str) -> None:
        """Have it answer the person's questions, for the model in use to learn from."""
        teaching = self._services.teaching

        def work(cancel: CancelToken) -> Iterator[FetchProgress]:
            for step in teaching.teach(model_id, "", cancel):
                yield FetchProgress(model_id=model_id, stage="teaching", done=step.done, total=step.total)

        self._work(model_id, "teaching", self._lanes.job("train", work))

    def stop(self, model_id: str) -> None:
        if model_id in self._working:
            self._working[model_id][1].cancel()

    def _work(self, model_id: str, what: str, job: Job) -> None:
        if model_id in self._working:
            return
        self._working[model_id] = what, job
        job.event.connect(self.progressed)
        job.finished.connect(lambda _: self._on_worked(model_id))
        job.cancelled.connect(lambda: self._on_worked(model_id))
        job.failed.connect(lambda error: self._on_not_worked(model_id, error))
        self.work_changed.emit(model_id, what)
        job.start()

    def _change(self, work: object) -> None:
        job = self._lanes.job("io", lambda _: work())  # type: ignore[operator]
        job.finished.connect(lambda _: self.refresh())
        job.failed.connect(self.failed)
        job.start()

    def _on_measured(self, model_id: str) -> None:
        self._measuring.discard(model_id)
        self.measuring_changed.emit(model_id, False)
        self.refresh()

    def _on_not_measured(self, model_id: str, error: AppError) -> None:
        self._on_measured(model_id)
        self.failed.emit(error)

    def _on_fetched(self, model_id: str) -> None:
        self._fetching.pop(model_id, None)
        self.fetching_changed.emit(model_id, False)
        self.refresh()

    def _on_fetch_failed(self, model_id: str, error: AppError) -> None:
        self._on_fetched(model_id)
        self.failed.emit(error)

    def _on_added(self, model: InstalledModel) -> None:
        self._on_adding_over()
        self.added.emit(model.id, model.title)

    def _on_adding_over(self) -> None:
        self._adding = None
        self.adding_changed.emit(False)
        self.refresh()

    def _on_not_added(self, error: AppError) -> None:
        self._on_adding_over()
        self.failed.emit(error)

    def _on_worked(self, model_id: str) -> None:
        self._working.pop(model_id, None)
        self.work_changed.emit(model_id, "")
        self.refresh()

    def _on_not_worked(self, model_id: str, error: AppError) -> None:
        self._on_worked(model_id)
        self.failed.emit(error)
