"""What the page of models shows and does. Knows no widget; downloads of several models run at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.measurements import Measurement
from desktop_app.domain.model_fit import Fit
from desktop_app.domain.model_specs import FetchProgress, InstalledModel, ModelRole, ModelSpec, best_fitting
from desktop_app.errors import AppError
from desktop_app.services.own_models import own_eyes
from desktop_app.ui.jobs import Job, Lanes

if TYPE_CHECKING:
    from desktop_app.services.services import Services

ROLES: tuple[ModelRole, ...] = ("language", "hearing", "voice", "labels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model of the page. `bytes` is the size of its files."""

    id: str
    role: ModelRole
    title: str
    summary: str
    licence: str
    origin: str
    languages: tuple[str, ...]
    bytes: int
    installed: bool
    in_use: bool
    automatic: bool
    sees: bool
    added: bool
    recommended: bool
    fit: Fit
    measured: Measurement | None = None


class LibraryPresenter(QObject):
    """`listed` comes after every change; `progressed` while something is fetched or added."""

    listed = Signal(object)  # tuple[Row, ...]
    progressed = Signal(object)  # FetchProgress
    fetching_changed = Signal(str, bool)  # model id
    adding_changed = Signal(bool)
    measuring_changed = Signal(str, bool)  # model id
    added = Signal(str)  # title
    own_listed = Signal(object)  # tuple[OwnEyes, ...]
    failed = Signal(object)  # AppError

    def __init__(self, services: Services, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._lanes = lanes
        self._fetching: dict[str, Job] = {}
        self._adding: Job | None = None

    def refresh(self) -> None:
        job = self._lanes.job("io", lambda _: self._rows())
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
        job.cancelled.connect(lambda: self.measuring_changed.emit(model_id, False))
        job.failed.connect(lambda error: self._on_not_measured(model_id, error))
        self.measuring_changed.emit(model_id, True)
        job.start()

    def add(self, path: Path) -> None:
        """Take a model file of the person's in."""
        if self._adding is not None:
            return
        library, told = self._services.library, self.progressed.emit
        name = path.name

        def work(cancel: object) -> InstalledModel:
            def advance(done: int, total: int) -> None:
                told(FetchProgress(model_id=name, stage="checking", done=done, total=total))

            return library.add(path, advance=advance, cancel=cancel)  # type: ignore[arg-type]

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

    def _change(self, work: object) -> None:
        job = self._lanes.job("io", lambda _: work())  # type: ignore[operator]
        job.finished.connect(lambda _: self.refresh())
        job.failed.connect(self.failed)
        job.start()

    def _rows(self) -> tuple[Row, ...]:
        library, fits = self._services.library, self._services.fits
        installed = {model.id: model for model in library.installed()}
        used = {role: self._chosen(role) for role in ROLES}
        specs = {spec.id: spec for spec in library.catalog()}
        offered = [(spec, fits.offered(spec)) for spec in specs.values() if spec.role == "language"]
        best = best_fitting(offered)
        rows = [self._row(spec, installed.get(spec.id), used, best) for spec in specs.values()]
        rows += [self._own(model, used) for model in installed.values() if model.id not in specs]
        return tuple(sorted(rows, key=lambda row: (ROLES.index(row.role), not row.installed, not row.recommended)))

    def _row(self, spec: ModelSpec, here: InstalledModel | None, used: dict[ModelRole, str], best: str) -> Row:
        return Row(
            id=spec.id,
            role=spec.role,
            title=spec.title,
            summary=spec.summary,
            licence=spec.licence,
            origin=spec.origin,
            languages=spec.languages,
            bytes=here.bytes if here else spec.bytes,
            installed=here is not None,
            in_use=used.get(spec.role) == spec.id,
            automatic=spec.role == "labels",
            sees=bool(spec.projector or (here and here.projector_path)),
            added=False,
            recommended=spec.id == best,
            fit=self._services.fits.installed(here) if here else self._services.fits.offered(spec),
            measured=self._services.measure.known(here.sha256) if here else None,
        )

    def _own(self, model: InstalledModel, used: dict[ModelRole, str]) -> Row:
        return Row(
            id=model.id,
            role=model.role,
            title=model.title,
            summary="",
            licence=model.licence,
            origin="",
            languages=(),
            bytes=model.bytes,
            installed=True,
            in_use=used.get(model.role) == model.id,
            automatic=False,
            sees=bool(model.projector_path),
            added=True,
            recommended=False,
            fit=self._services.fits.installed(model),
            measured=self._services.measure.known(model.sha256),
        )

    def _chosen(self, role: ModelRole) -> str:
        try:
            return self._services.library.chosen(role).id
        except AppError:
            return ""

    def _on_measured(self, model_id: str) -> None:
        self.measuring_changed.emit(model_id, False)
        self.refresh()

    def _on_not_measured(self, model_id: str, error: AppError) -> None:
        self.measuring_changed.emit(model_id, False)
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
        self.added.emit(model.title)

    def _on_adding_over(self) -> None:
        self._adding = None
        self.adding_changed.emit(False)
        self.refresh()

    def _on_not_added(self, error: AppError) -> None:
        self._on_adding_over()
        self.failed.emit(error)
