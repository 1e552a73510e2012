"""The folder of weights: one folder per model, each with a `model.json` that is written last.

Knows files and their sums; what a model is for, and which one is used, is `model_library.py`'s business.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from desktop_app.domain.model_specs import InstalledModel, ModelRole
from desktop_app.errors import UserCanFix
from desktop_app.files import sha256_of, write_atomically
from desktop_app.ports import CancelToken

RECORD = "model.json"


class FileRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A file as installed; `source_sha256` is the catalog's sum when a converter made this file from it."""

    name: str
    bytes: int
    sha256: str
    source_sha256: str = ""


class ModelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What `model.json` holds. `files[0]` is the one that is loaded; `projector` names one of the files, or none."""

    id: str
    role: ModelRole
    title: str
    files: tuple[FileRecord, ...]
    family: str = ""
    licence: str = ""
    context_tokens: int = 0
    added: bool = False
    projector: str = ""
    made_from: str = ""


class ModelStore:
    """Reads and changes the folder `root`. Callers hold the library's lock while they change it.

    `shipped` is a second folder of the same form that came with the application and is only read; a model in `root`
    takes the place of the shipped one of the same name.
    """

    def __init__(self, root: Path, shipped: Path | None = None) -> None:
        self.root = root
        self._shipped = shipped

    def folder(self, model_id: str) -> Path:
        """Where a model of the person's own lies, or is to be put."""
        return self.root / model_id

    def is_shipped(self, model_id: str) -> bool:
        """Whether the model is the one that came with the application."""
        if self._shipped is None or (self.folder(model_id) / RECORD).is_file():
            return False
        return (self._shipped / model_id / RECORD).is_file()

    def _home(self, model_id: str) -> Path:
        return self._shipped / model_id if self._shipped and self.is_shipped(model_id) else self.folder(model_id)

    def records(self) -> tuple[ModelRecord, ...]:
        """Every model whose record reads and whose main file is there; anything else in the folder is passed over."""
        roots = [root for root in (self.root, self._shipped) if root is not None and root.is_dir()]
        names = {path.name for root in roots for path in root.iterdir() if not path.name.startswith(".")}
        found = (self.record(name) for name in sorted(names))
        return tuple(record for record in found if record is not None)

    def record(self, model_id: str) -> ModelRecord | None:
        try:
            record = msgspec.json.decode((self._home(model_id) / RECORD).read_bytes(), type=ModelRecord)
        except (OSError, msgspec.DecodeError):
            return None
        plain = all(file.name == Path(file.name).name for file in record.files)
        if record.id != model_id or not record.files or not plain:
            return None
        return record if (self._home(model_id) / record.files[0].name).is_file() else None

    def model(self, record: ModelRecord) -> InstalledModel:
        """The record as the rest of the application knows it, with full paths."""
        folder = self._home(record.id)
        return InstalledModel(
            id=record.id,
            role=record.role,
            title=record.title,
            path=str(folder / record.files[0].name),
            sha256=record.files[0].sha256,
            bytes=sum(file.bytes for file in record.files),
            licence=record.licence,
            family=record.family,
            context_tokens=record.context_tokens,
            added=record.added,
            projector_path=str(folder / record.projector) if record.projector else "",
            made_from=record.made_from,
        )

    def whole(self, record: ModelRecord) -> bool:
        """Whether every file is there with the size it had."""
        folder = self._home(record.id)
        return all(_size(folder / file.name) == file.bytes for file in record.files)

    def changed_files(self, record: ModelRecord, cancel: CancelToken) -> tuple[str, ...]:
        """Names of files that are gone or whose SHA-256 is no longer the recorded one. Reads every byte."""
        folder = self._home(record.id)
        return tuple(
            file.name
            for file in record.files
            if _size(folder / file.name) != file.bytes
            or sha256_of(folder / file.name, lambda _done: cancel.raise_if_cancelled()) != file.sha256
        )

    def write(self, record: ModelRecord, folder: Path | None = None) -> None:
        """Write the record, atomically, into its folder (or into one that will become it). Raises OSError."""
        target = (folder or self.folder(record.id)) / RECORD
        write_atomically(target, msgspec.json.format(msgspec.json.encode(record), indent=2))

    def remove(self, record: ModelRecord) -> None:
        """Forget the model first, then its files. Raises UserCanFix("models.in_use", "models.shipped")."""
        if self.is_shipped(record.id):
            raise UserCanFix(
                "models.shipped",
                f"{record.title} came with the application and goes with it.",
                remedy="Choose another model if you do not want to use it; uninstalling Stonechat removes it.",
            )
        folder = self.folder(record.id)
        try:
            (folder / RECORD).unlink(missing_ok=True)
            shutil.rmtree(folder)
        except OSError as error:
            raise UserCanFix(
                "models.in_use",
                f"{record.title} could not be removed completely.",
                remedy="Close Stonechat everywhere and remove it again.",
                detail=str(error),
            ) from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
