"""Takes a GGUF file that the person has into the store, with the projector beside it when the two fit.

The file's header is checked before anything is copied, and the model is run once, in a child that is thrown away,
before it is offered. What the header claims is shown as plain, short text.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from desktop_app.domain.model_headers import GgufHeader, reason_against_pair
from desktop_app.domain.model_specs import InstalledModel, ModelSpec
from desktop_app.errors import AppError, EnvironmentProblem, UserCanFix
from desktop_app.files import BLOCK_BYTES, disk_errors, disk_full, sha256_of, sync_file, sync_folder
from desktop_app.ports import CancelToken
from desktop_app.services.model_store import FileRecord, ModelRecord, ModelStore

_SCRATCH = ".adding-"
_MOST_SHOWN = 80
_MOST_LOOKED_AT = 20
_SPARE_BYTES = 64 * 1024**2


Place = Literal["link", "copy", "in_place"]
"""How a file is taken: as a second name on the same disk or else a copy; always a copy; left where it is."""
Trial = Callable[[Path, Path | None, CancelToken], None]
"""Runs a model, with its projector if there is one, where it can do no harm. Raises UserCanFix, Cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to add. `projector` None: one that lies beside the model and belongs to it comes along.

    `made_from` is the sum of the larger form from which we made this one.
    """

    path: Path
    projector: Path | None = None
    place: Place = "link"
    made_from: str = ""


@dataclass(frozen=True, slots=True)
class ModelImport:
    """One import; the caller holds the store's lock."""

    store: ModelStore
    inspect: Callable[[Path], GgufHeader]
    trial: Trial
    catalog: Sequence[ModelSpec] = ()

    def add(self, wanted: Wanted, advance: Callable[[int, int], None], cancel: CancelToken) -> InstalledModel:
        """Raises UserCanFix, Cancelled."""
        for left_by_a_crash in self.store.root.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left_by_a_crash, ignore_errors=True)
        source, eyes = _file(wanted.path), _file(wanted.projector) if wanted.projector else None
        header = self._looked_at(source)
        if eyes and header.kind == "projector":
            source, eyes, header = eyes, source, self._looked_at(eyes)
        if header.kind == "projector":
            return self._join_projector(source, header, wanted.place, advance, cancel)
        files = {source: source.name}
        if eyes:
            _refuse_other_projector(header, self._looked_at(eyes), eyes.name)
        if beside := eyes or self._projector_beside(source, header):
            files[beside] = _projector_name(beside, source.name)
        with (
            tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=self.store.root) as scratch,
            disk_errors(self.store.root),
        ):
            folder = Path(scratch) / "model"
            folder.mkdir()
            taken = _take(files, folder, wanted.place, advance, cancel)
            return self._known_already(taken) or self._install(header, taken, folder, wanted.made_from, cancel)

    def _looked_at(self, path: Path) -> GgufHeader:
        header = self.inspect(path)
        _refuse_what_cannot_run(header)
        return header

    def _known_already(self, files: tuple[FileRecord, ...]) -> InstalledModel | None:
        """The same model, if it is there and this brings no new eyes."""
        for old in self.store.records():
            if old.files[0].sha256 == files[0].sha256 and (old.projector or len(files) == 1):
                return self.store.model(old)
        return None

    def _install(
        self, header: GgufHeader, files: tuple[FileRecord, ...], folder: Path, made_from: str, cancel: CancelToken
    ) -> InstalledModel:
        """Try the model, then move the folder with the taken files into the store."""
        self.trial(folder / files[0].name, folder / files[1].name if len(files) > 1 else None, cancel)
        twin = next((old for old in self.store.records() if old.files[0].sha256 == files[0].sha256), None)
        record = self._known(files, folder) or self._unknown(header, files, made_from)
        if twin:
            record = msgspec.structs.replace(record, id=twin.id, title=twin.title, added=twin.added)
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

    def _unknown(self, header: GgufHeader, files: tuple[FileRecord, ...], made_from: str) -> ModelRecord:
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
            made_from=made_from,
            projector=files[1].name if len(files) > 1 else "",
        )

    def _free_id(self, stem: str) -> str:
        base = re.sub(r"[^a-z0-9.]+", "-", stem.lower()).strip("-.")[:60] or "model"
        taken = {record.id for record in self.store.records()} | {spec.id for spec in self.catalog}
        return next(name for name in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if name not in taken)

    def _projector_beside(self, source: Path, header: GgufHeader) -> Path | None:
        """A projector in the same folder that was made for this model; those that are named so are looked at first."""
        beside = (other for other in source.parent.glob("*.gguf") if other != source)
        for other in sorted(beside, key=lambda other: ("mmproj" not in other.name.lower(), other.name))[
            :_MOST_LOOKED_AT
        ]:
            try:
                found = self.inspect(other)
            except AppError:
                continue
            if not found.own and not reason_against_pair(header, found):
                return other
        return None

    def _join_projector(
        self, source: Path, header: GgufHeader, place: Place, advance: Callable[[int, int], None], cancel: CancelToken
    ) -> InstalledModel:
        """Put the projector beside the installed language model it fits; one that sees already gets the new eyes."""
        for record in self.store.records():
            if record.role != "language" or self.store.is_shipped(record.id):
                continue
            main = self.store.folder(record.id) / record.files[0].name
            if reason_against_pair(self.inspect(main), header):
                continue
            name = _projector_name(source, main.name)
            with (
                tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=self.store.root) as scratch,
                disk_errors(self.store.root),
            ):
                (taken,) = _take({source: name}, Path(scratch), place, advance, cancel)
                self.trial(main, Path(scratch) / name, cancel)
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


def _file(path: Path) -> Path:
    """Where the file really is. Raises UserCanFix("models.no_file")."""
    source = path.expanduser().resolve()
    if not source.is_file():
        raise UserCanFix("models.no_file", f"There is no file {path.name}.", remedy="Check the name and the folder.")
    return source


def _refuse_other_projector(model: GgufHeader, projector: GgufHeader, name: str) -> None:
    if reason := reason_against_pair(model, projector):
        raise UserCanFix(
            "models.other_projector",
            f"{_shown(name)} does not give eyes to this model: it belongs to another one.",
            remedy="Take the mmproj file from the page where the model came from, or add the model without it.",
            detail=reason,
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
    wanted: dict[Path, str], folder: Path, place: Place, advance: Callable[[int, int], None], cancel: CancelToken
) -> tuple[FileRecord, ...]:
    """Link each source into `folder` under its new name, or copy it; summed on the way."""
    total = sum(source.stat().st_size for source in wanted)
    done = 0
    records = []

    def step(here: int) -> None:
        cancel.raise_if_cancelled()
        advance(done + here, total)

    for source, name in wanted.items():
        target = folder / name
        if place == "in_place":
            _pointed(source, target)
        elif place == "copy" or not _linked(source, target):
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


def _pointed(source: Path, target: Path) -> None:
    """Raises EnvironmentProblem("models.no_links")."""
    try:
        target.symlink_to(source)
    except OSError as error:
        raise EnvironmentProblem(
            "models.no_links",
            "This system does not let Stonechat use the file from its place.",
            remedy="Add it as a copy.",
            detail=str(error),
        ) from error


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
