"""Small things done with files in more than one layer: sums, renames that survive a power cut, a disk's complaints."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop_app.errors import AppError, EnvironmentProblem, UserCanFix

BLOCK_BYTES = 1 << 20


def sha256_of(path: Path, advance: Callable[[int], None] = lambda _done: None) -> str:
    """Hex digest of a file. `advance` gets the bytes read so far and stops the reading by raising. Raises OSError."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as source:
        while block := source.read(BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            advance(done)
    return digest.hexdigest()


def sync_file(path: Path) -> None:
    """Wait until the file's bytes are on the disk. Raises OSError."""
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename inside `folder` survive a power cut, where the platform lets us. Raises OSError."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomically(path: Path, data: bytes) -> None:
    """The whole of `data` or the file as it was, a power cut included. Raises OSError."""
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    sync_folder(path.parent)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn what the disk says while `folder` is written into UserCanFix("disk.full") or "disk.not_written"."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise disk_full(str(error)) from error
        raise EnvironmentProblem(
            "disk.not_written",
            "A file could not be written.",
            remedy=f"Check that {folder} can be written and that the disk works.",
            detail=str(error),
        ) from error


def disk_full(detail: str) -> AppError:
    return UserCanFix(
        "disk.full",
        "The disk is full.",
        remedy="Free some space and try again; what is finished is kept.",
        detail=detail,
    )
