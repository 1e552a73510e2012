"""The models: what the catalog offers, what is installed, which one is used; fetching, adding and removing them.

Each model has its own folder in the store. A model counts as installed once its `model.json` is written, which
happens last. How a download works is the fetcher's business, what a model file may hold the inspector's.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from filelock import FileLock, Timeout

from desktop_app.domain.model_headers import GgufHeader
from desktop_app.domain.model_specs import (
    BETTER_MODEL_FREE_BYTES,
    FetchProgress,
    FetchStep,
    InstalledModel,
    ModelRole,
    ModelSpec,
    best_language_model,
)
from desktop_app.errors import AppError, UserCanFix
from desktop_app.files import disk_errors, sha256_of
from desktop_app.paths import Places
from desktop_app.ports import CancelToken, ModelFetcher
from desktop_app.services.model_catalog import load_catalog
from desktop_app.services.model_import import ModelImport, Trial, Wanted
from desktop_app.services.model_pins import ModelPins
from desktop_app.services.model_store import FileRecord, ModelRecord, ModelStore

if TYPE_CHECKING:
    from desktop_app.services.preferences import Preferences

_SETTINGS: dict[ModelRole, str] = {"language": "language_model", "hearing": "hearing_model", "voice": "voice_model"}
_SPARE_BYTES = 64 * 1024**2
_POLL_S = 0.1


def free_memory() -> int:
    """Bytes that a new process could take without swapping."""
    return int(psutil.virtual_memory().available)


class ModelLibrary:
    """All models of one store. Blocking; safe in several processes at once.

    Free memory is measured once, so that the automatic choice does not change while models come and go.
    """

    def __init__(
        self,
        places: Places,
        fetcher: ModelFetcher,
        inspector: Callable[[Path], GgufHeader],
        preferences: Preferences,
        *,
        catalog: Sequence[ModelSpec] | None = None,
        memory: Callable[[], int] = free_memory,
        trial: Trial = lambda _model, _projector, _cancel: None,
    ) -> None:
        self.store = ModelStore(places.models, places.shipped_models)
        self._fetcher = fetcher
        self._inspect = inspector
        self._preferences = preferences
        self._catalog = tuple(load_catalog() if catalog is None else catalog)
        self._pins = ModelPins(places.models / "pins.json")
        self._memory = memory
        self._trial = trial
        self._free: int | None = None
        self._sound: set[tuple[Path, int, int]] = set()  # files whose header was found sound: path, time, size

    def catalog(self) -> tuple[ModelSpec, ...]:
        return self._catalog

    def starters(self, *, small: bool = False) -> tuple[ModelSpec, ...]:
        """What a set-up fetches on this machine."""
        better = not small and self._free_bytes() >= BETTER_MODEL_FREE_BYTES
        wanted = ("always", "better") if better else ("always",)
        return tuple(spec for spec in self._catalog if spec.starter in wanted)

    def installed(self, role: ModelRole | None = None) -> tuple[InstalledModel, ...]:
        """The models on disk, in the catalog's order, then those the person added."""
        order = {spec.id: place for place, spec in enumerate(self._catalog)}
        models = [self.store.model(record) for record in self.store.records() if role in (None, record.role)]
        return tuple(sorted(models, key=lambda model: (order.get(model.id, len(order)), model.id)))

    def find(self, model_id: str) -> InstalledModel:
        """Raises UserCanFix("models.not_found")."""
        return self.store.model(self._record(model_id))

    def chosen(self, role: ModelRole) -> InstalledModel:
        """The one in use: the person's choice, else the best for this machine. Raises UserCanFix("models.missing")."""
        wished = self._wish(role)
        models = [model for model in self.installed(role) if wished in ("", model.id)]
        if not models:
            raise _missing(role, wished)
        if role == "language":
            return best_language_model(models, self._free_bytes())
        return max(models, key=lambda model: model.bytes)

    def use(self, role: ModelRole, model_id: str) -> None:
        """Choose an installed model for a role; "" goes back to automatic. Raises UserCanFix."""
        if role not in _SETTINGS:
            raise UserCanFix(
                "models.no_choice",
                f"There is nothing to choose for {role}.",
                remedy=f"Choose for one of: {', '.join(_SETTINGS)}.",
            )
        if model_id and self.find(model_id).role != role:
            raise UserCanFix(
                "models.wrong_role",
                f"{model_id} is not a {role} model.",
                remedy="Look at the roles with: stonechat models list",
            )
        self._preferences.change(**{_SETTINGS[role]: model_id})

    def verify(self, model: InstalledModel) -> None:
        """Look at a model before an engine does: all there, of the right size, with a sound header. Raises AppError."""
        record = self._record(model.id)
        if not self.store.whole(record):
            raise UserCanFix(
                "models.damaged",
                f"The files of {model.title} have changed since it was installed.",
                remedy=f"Remove it with: stonechat models remove {model.id}, then fetch or add it again.",
                detail=model.path,
            )
        for path in (Path(each) for each in (model.path, model.projector_path) if each.endswith(".gguf")):
            status = path.stat()
            seen = (path, status.st_mtime_ns, status.st_size)
            if seen not in self._sound:
                self._inspect(path)
                self._sound.add(seen)

    def damaged_files(self, model: InstalledModel, cancel: CancelToken) -> tuple[str, ...]:
        """Names of the files whose SHA-256 is not what it was. Reads all of them. Raises Cancelled, OSError."""
        return self.store.changed_files(self._record(model.id), cancel)

    def fetch(self, ids: Sequence[str], cancel: CancelToken) -> Iterator[FetchProgress]:
        """Install these catalog models; those that are there are only named. Raises AppError, Cancelled.

        Different models may be fetched at the same time, from several processes too.
        """
        specs = [self._pins.pinned(self.spec(model_id)) for model_id in ids]
        missing = [spec for spec in specs if not self._complete(spec)]
        if missing and self._preferences.current.offline:
            raise UserCanFix(
                "models.offline_wanted",
                "Stonechat has been told to stay offline.",
                remedy="Switch Offline off under Settings, Models, then fetch again.",
            )
        self._check_space(missing)
        total, done = sum(spec.download_bytes for spec in missing), 0
        for spec in specs:
            if spec in missing:
                for step in self._fetch_one(spec, cancel):
                    yield FetchProgress(model_id=spec.id, stage=step.stage, done=done + step.done, total=total)
                done += spec.download_bytes
            yield FetchProgress(model_id=spec.id, stage="ready", done=done, total=total)

    def pause(self, model_id: str) -> None:
        """End the fetching of a model wherever it runs; what is here is kept. Raises UserCanFix."""
        self.spec(model_id)
        with disk_errors(self.store.root):
            self._pause_mark(model_id).touch()

    def add(
        self,
        wanted: Path | Wanted,
        *,
        advance: Callable[[int, int], None] = lambda _done, _total: None,
        cancel: CancelToken | None = None,
    ) -> InstalledModel:
        """Take a GGUF file of the person's into the store. `advance` gets bytes done and total.

        It is run once, apart, before it counts as installed. A projector joins the installed model it fits.
        Raises UserCanFix("models.*"), Cancelled.
        """
        lock, token = self._lock(), cancel or CancelToken()
        for _ in _waiting_for(lock, token):
            advance(0, 0)
        try:
            return ModelImport(self.store, self._inspect, self._trial, self._catalog).add(
                wanted if isinstance(wanted, Wanted) else Wanted(path=wanted), advance, token
            )
        finally:
            lock.release()

    def remove(self, model_id: str) -> None:
        """Delete an installed model; where it was the choice, the choice is automatic again. Raises UserCanFix."""
        record = self._record(model_id)
        with self._lock():
            self.store.remove(record)
        chosen = {_SETTINGS[role]: "" for role in _SETTINGS if self._wish(role) == model_id}
        if chosen:
            self._preferences.change(**chosen)

    def _fetch_one(self, spec: ModelSpec, cancel: CancelToken) -> Iterator[FetchStep]:
        """Raises AppError, Cancelled."""
        lock = self._lock(f".lock-{spec.id}")
        for _ in _waiting_for(lock, cancel):
            yield FetchStep(stage="waiting", done=0)
        try:
            mark = self._pause_mark(spec.id)
            mark.unlink(missing_ok=True)
            if self._complete(spec):
                return
            for step in self._fetcher.fetch(spec, self.store.folder(spec.id), cancel):
                yield step
                if mark.exists():
                    cancel.cancel()
            record = self._new_record(spec)
            with disk_errors(self.store.root), self._lock():
                self._pins.keep(spec, {file.name: file.sha256 for file in record.files})
                self.store.write(record)
        finally:
            lock.release()

    def _pause_mark(self, model_id: str) -> Path:
        return self.store.root / f".pause-{model_id}"

    def _new_record(self, spec: ModelSpec) -> ModelRecord:
        folder = self.store.folder(spec.id)
        files = tuple(
            FileRecord(
                name=file.name,
                bytes=(folder / file.name).stat().st_size,
                sha256=sha256_of(folder / file.name) if file.convert or not file.sha256 else file.sha256,
                source_sha256=file.sha256 if file.convert else "",
            )
            for file in spec.files
        )
        return ModelRecord(
            id=spec.id,
            role=spec.role,
            title=spec.title,
            files=files,
            family=spec.family,
            licence=spec.licence,
            context_tokens=spec.context_tokens,
            projector=spec.projector,
        )

    def _complete(self, spec: ModelSpec) -> bool:
        """Installed, whole, and from the very sources that the catalog names today."""
        record = self.store.record(spec.id)
        if record is None or not self.store.whole(record):
            return False
        have = {file.name: file.source_sha256 or file.sha256 for file in record.files}
        return all(have.get(file.name) == (file.sha256 or have.get(file.name, "missing")) for file in spec.files)

    def _check_space(self, missing: Sequence[ModelSpec]) -> None:
        """Raises UserCanFix("models.no_space") before anything is fetched that would not fit."""
        if not missing:
            return
        needs = [(self.store.root, sum(spec.bytes for spec in missing) + _SPARE_BYTES)]
        needs.append((self._fetcher.volume(), self._fetcher.space_needed(missing)))
        by_disk: dict[int, int] = {}
        for folder, need in needs:
            folder = _existing(folder)
            disk = folder.stat().st_dev
            by_disk[disk] = by_disk.get(disk, 0) + need
            free = shutil.disk_usage(folder).free
            if free < by_disk[disk]:
                raise UserCanFix(
                    "models.no_space",
                    f"The models need {by_disk[disk] / 1e9:.1f} GB of disk space, and {free / 1e9:.1f} GB are free.",
                    remedy=f"Free some space on the disk that holds {folder}, or fetch fewer models.",
                )

    def _lock(self, name: str = ".lock") -> FileLock:
        with disk_errors(self.store.root):
            self.store.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return FileLock(self.store.root / name, thread_local=False)

    def spec(self, model_id: str) -> ModelSpec:
        for spec in self._catalog:
            if spec.id == model_id:
                return spec
        raise UserCanFix(
            "models.not_in_catalog",
            f"The catalog has no model {model_id}.",
            remedy="Look at the names with: stonechat models list",
        )

    def _record(self, model_id: str) -> ModelRecord:
        record = self.store.record(model_id) if model_id else None
        if record is None:
            raise UserCanFix(
                "models.not_found",
                f"There is no model {model_id or 'without a name'} here.",
                remedy="Look at the names with: stonechat models list",
            )
        return record

    def _wish(self, role: ModelRole) -> str:
        return str(getattr(self._preferences.current, _SETTINGS[role])) if role in _SETTINGS else ""

    def _free_bytes(self) -> int:
        if self._free is None:
            self._free = self._memory()
        return self._free


def _waiting_for(lock: FileLock, cancel: CancelToken) -> Iterator[None]:
    """Ends once the lock is held; one item for each turn of waiting. Raises Cancelled."""
    while True:
        try:
            lock.acquire(timeout=0)
            return
        except Timeout:
            yield
        cancel.wait(_POLL_S)
        cancel.raise_if_cancelled()


def _existing(folder: Path) -> Path:
    """`folder`, or the nearest folder above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _missing(role: ModelRole, wished: str) -> AppError:
    what = {"language": "language model", "hearing": "speech recogniser", "voice": "voice"}.get(role, f"{role} model")
    if wished:
        return UserCanFix(
            "models.missing",
            f"The chosen {what}, {wished}, is not installed.",
            remedy="Choose another one in the settings, or fetch it again with: stonechat setup",
        )
    return UserCanFix(
        "models.missing",
        f"No {what} is installed.",
        remedy="Fetch the models under Welcome and set-up, or with: stonechat setup",
    )
