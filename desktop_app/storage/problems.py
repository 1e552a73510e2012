"""What SQLite and the file system can do to the stored conversations, as sentences with a remedy."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from desktop_app.errors import AppError, Bug, EnvironmentProblem, UserCanFix

_NO_ROOM_BYTES = 1 << 20
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_REFUSED = frozenset(
    {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_NOLFS}
)


def not_found() -> UserCanFix:
    return UserCanFix(
        "history.not_found",
        "This conversation or message is no longer there.",
        remedy="Choose another one from the list of conversations.",
    )


def damaged(error: sqlite3.Error) -> bool:
    """Whether the error says that the file's content is broken."""
    return _primary(error) in _DAMAGED


def is_full(error: sqlite3.Error, path: Path) -> bool:
    """Whether the error says that the disk of `path` is full."""
    code = _primary(error)
    return code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _no_room(path))


def explain(error: sqlite3.Error, path: Path) -> AppError:
    """The AppError for what SQLite reported about the database at `path`."""
    code = _primary(error)
    detail = f"{getattr(error, 'sqlite_errorname', type(error).__name__)}: {error}"
    if is_full(error, path):
        return disk_full(path, detail)
    if code in _LOCKED:
        return EnvironmentProblem(
            "storage.locked",
            "The stored conversations are in use by another program.",
            remedy="Close other Stonechat windows or the program that has the file open, then try again.",
            detail=detail,
        )
    if code in _REFUSED:
        return cannot_write(path, detail)
    if code in _DAMAGED:
        return EnvironmentProblem(
            "storage.damaged",
            "The stored conversations are damaged.",
            remedy="Close Stonechat and start it again: it repairs them from the last backup.",
            detail=detail,
        )
    if code == sqlite3.SQLITE_IOERR:
        return EnvironmentProblem(
            "storage.disk_error",
            "The disk reported an error while conversations were read or saved.",
            remedy="Check that the disk is connected and healthy, then try again.",
            detail=detail,
        )
    return Bug(
        "storage.unexpected",
        "The stored conversations could not be read or saved.",
        remedy="Start Stonechat again; if it happens twice, report it with the details.",
        detail=detail,
    )


def disk_full(path: Path, detail: str) -> UserCanFix:
    return UserCanFix(
        "storage.disk_full",
        "The disk is full, so the conversation could not be saved.",
        remedy=f"Free some space on the disk that holds {path.parent}, then try again.",
        detail=detail,
    )


def cannot_write(path: Path, detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "storage.read_only",
        "The folder for conversations cannot be written.",
        remedy=f"Give yourself permission to write in {path.parent}, or choose another folder with --data.",
        detail=detail,
    )


def newer_version(found: int, known: int) -> EnvironmentProblem:
    return EnvironmentProblem(
        "storage.newer",
        "These conversations were saved by a newer version of Stonechat.",
        remedy="Install the newer version, or choose another folder with --data; nothing was changed.",
        detail=f"schema {found}, this version knows {known}",
    )


def replaced(path: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        "storage.replaced",
        "The file with the conversations was replaced or removed while Stonechat was running.",
        remedy="Start Stonechat again to go on with the file that is there now.",
        detail=str(path),
    )


def closed() -> Bug:
    return Bug(
        "storage.closed",
        "Stonechat is closing, so conversations can no longer be read or saved.",
        remedy="Start Stonechat again.",
    )


def _primary(error: sqlite3.Error) -> int:
    """The primary result code; 0 when the error did not come from SQLite itself."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NO_ROOM_BYTES
    except OSError:
        return False
