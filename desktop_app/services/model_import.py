"""Takes a GGUF file that the person has into the store, with the projector beside it when the two fit.

The file's header is checked before anything is copied. What the header claims is shown as plain, short text.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from desktop_app.domain.model_headers import GgufHeader
from desktop_app.domain.model_specs import InstalledModel, ModelSpec
from desktop_app.errors import AppError, UserCanFix
from desktop_app.files import BLOCK_BYTES, disk_errors, disk_full, sha256_of, sync_file, sync_folder
from desktop_app.ports import CancelToken
from desktop_app.services.model_store import FileRecord, ModelRecord, ModelStore

_SCRATCH = ".adding-"
_MOST_SHOWN = 80
_SPARE_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class ModelImport:
    """One import; the caller holds the store's lock."""

    store: ModelStore
    inspect: Callable[[Path], GgufHeader]
    catalog: Sequence[ModelSpec] = ()

    def add(self, path: Path, advance: Callable[[int, int], None], cancel: CancelToken) -> InstalledModel:
        """Raises UserCanFix, Cancelled."""
        for left_by_a_crash in self.store.root.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left_by_a_crash, ignore_errors=True)
        source = path.expanduser().resolve()
        if not source.is_file():
            raise UserCanFix(
                "models.no_file", f"There is no file {path.name}.", remedy="Check the name and the folder."
            )
        header = self.inspect(source)
        _refuse_what_cannot_run(header)
        if header.kind == "projector":
            return self._join_projector(source, header, advance, cancel)
        wanted = {source: source.name}
        if beside := self._projector_beside(source, header):
            wanted[beside] = _projector_name(beside, source.name)
        with (
            tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=self.store.root) as scratch,
            disk_errors(self.store.root),
        ):
            folder = Path(scratch) / "model"
            folder.mkdir()
            return self._install(header, _take(wanted, folder, advance, cancel), folder)

    def _install(self, header: GgufHeader, files: tuple[FileRecord, ...], folder: Path) -> InstalledModel:
        """Move the folder with the taken files into the store, unless the same model is there already."""
        twin = next((old for old in self.store.records() if old.files[0].sha256 == files[0].sha256), None)
        if twin:
            return self.store.model(twin)
        record = self._known(files, folder) or self._unknown(header, files)
        target = self.store.folder(record.id)
        self.store.write(record, folder)
        shutil.rmtree(target, ignore_errors=True)
        folder.replace(target)
        sync_folder(self.store.root)
        return self.store.model(record)

    def _known(self, files: tuple[FileRecord, ...], folder: Path) -> ModelRecord | None:
        """The catalog's record of a file that it lists; the file gets the catalog's name."""
        for spec in self.catalog:
            if len(spec.files) == 1 and not spec.files[0].convert and spec.files[0].sha256 == files[0].sha256:
                name = spec.files[0].name
                (folder / files[0].name).replace(folder / name)
                return ModelRecord(
                    id=spec.id,
                    role=spec.role,
                    title=spec.title,
                    files=(msgspec.structs.replace(files[0], name=name), *files[1:]),
                    family=spec.family,
                    licence=spec.licence,
                    context_tokens=spec.context_tokens,
                    projector=files[1].name if len(files) > 1 else "",
                )
        return None

    def _unknown(self, header: GgufHeader, files: tuple[FileRecord, ...]) -> ModelRecord:
        """A record made of what the file claims about itself."""
        stem = Path(files[0].name).stem
        return ModelRecord(
            id=self._free_id(stem),
            role="language",
            title=_shown(header.name) or _shown(stem),
            files=files,
            family=header.architecture,
            licence=_shown(header.licence),
            context_tokens=header.context_length,
            added=True,
            projector=files[1].name if len(files) > 1 else "",
        )

    def _free_id(self, stem: str) -> str:
        base = re.sub(r"[^a-z0-9.]+", "-", stem.lower()).strip("-.")[:60] or "model"
        taken = {record.id for record in self.store.records()} | {spec.id for spec in self.catalog}
        return next(name for name in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if name not in taken)

    def _projector_beside(self, source: Path, header: GgufHeader) -> Path | None:
        """A file named like a projector, in the same folder, that hands over vectors of the model's length."""
        for other in sorted(source.parent.glob("*.gguf")):
            if "mmproj" not in other.name.lower() or other == source:
                continue
            try:
                found = self.inspect(other)
            except AppError:
                continue
            if found.kind == "projector" and not found.own and found.embedding_length == header.embedding_length:
                return other
        return None

    def _join_projector(
        self, source: Path, header: GgufHeader, advance: Callable[[int, int], None], cancel: CancelToken
    ) -> InstalledModel:
        """Put the projector beside the installed language model it fits; one that sees already gets the new eyes."""
        for record in self.store.records():
            main = self.store.folder(record.id) / record.files[0].name
            if record.role != "language" or self.store.is_shipped(record.id):
                continue
            if self.inspect(main).embedding_length != header.embedding_length:
                continue
            name = _projector_name(source, main.name)
            with (
                tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=self.store.root) as scratch,
                disk_errors(self.store.root),
            ):
                (taken,) = _take({source: name}, Path(scratch), advance, cancel)
                (Path(scratch) / name).replace(main.with_name(name))
                others = tuple(file for file in record.files if file.name not in (name, record.projector))
                joined = msgspec.structs.replace(record, files=(*others, taken), projector=name)
                self.store.write(joined)
            return self.store.model(joined)
        raise UserCanFix(
            "models.projector_alone",
            "This file gives eyes to a language model that is not installed.",
            remedy="Add the language model it belongs to, with this file in the same folder.",
        )


def _refuse_what_cannot_run(header: GgufHeader) -> None:
    if header.own:
        raise UserCanFix(
            "models.test_eyes",
            "These eyes were made for Stonechat's own tests and know nothing of real pictures.",
            remedy="Add the projector that belongs to your model. To see these at work: stonechat demo --eyes",
        )
    if header.kind == "adapter":
        raise UserCanFix(
            "models.is_adapter",
            "This file is an adapter, not a model.",
            remedy="Add a whole model; adapters belong to the model they were made for.",
        )
    if header.parts > 1:
        raise UserCanFix(
            "models.in_parts",
            f"This is one of {header.parts} parts of a model.",
            remedy="Join the parts with llama.cpp's gguf-split --merge and add the result.",
        )


def _take(
    wanted: dict[Path, str], folder: Path, advance: Callable[[int, int], None], cancel: CancelToken
) -> tuple[FileRecord, ...]:
    """Link each source into `folder` under its new name, or copy it where links cannot go; summed on the way."""
    total = sum(source.stat().st_size for source in wanted)
    done = 0
    records = []

    def step(here: int) -> None:
        cancel.raise_if_cancelled()
        advance(done + here, total)

    for source, name in wanted.items():
        target = folder / name
        if not _linked(source, target):
            _copy(source, target, cancel)
        digest = sha256_of(target, step)
        size = target.stat().st_size
        done += size
        records.append(FileRecord(name=name, bytes=size, sha256=digest))
    return tuple(records)


def _linked(source: Path, target: Path) -> bool:
    try:
        target.hardlink_to(source)
    except OSError:
        return False
    return True


def _copy(source: Path, target: Path, cancel: CancelToken) -> None:
    free = shutil.disk_usage(target.parent).free
    if free < source.stat().st_size + _SPARE_BYTES:
        raise disk_full(f"{free} bytes are free")
    with source.open("rb") as read, target.open("wb") as write:
        while block := read.read(BLOCK_BYTES):
            write.write(block)
            cancel.raise_if_cancelled()
    sync_file(target)


def _projector_name(source: Path, main_name: str) -> str:
    """The projector's name in the model's folder: tells what it is, and is not the model's own."""
    name = source.name if "mmproj" in source.name.lower() else f"mmproj-{source.name}"
    return name if name != main_name else f"eyes-{name}"


def _shown(claimed: str) -> str:
    """Text from a file as it may be shown: printable, on one line, short."""
    return " ".join("".join(c if c.isprintable() else " " for c in claimed).split())[:_MOST_SHOWN]
