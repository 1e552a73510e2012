"""Locks this process, and all it starts, out of writing anywhere but in one folder (Linux Landlock, by ctypes).

For whoever presses keys at random. Entered before the first thread is made; there is no way back out.
Constants and structures: linux/landlock.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
import tempfile
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
ASK_VERSION = 1
PATH_BENEATH = 1
PR_SET_NO_NEW_PRIVS = 38
WRITE_FILE, REMOVE_DIR, REMOVE_FILE = 1 << 1, 1 << 4, 1 << 5
MAKE_ANYTHING = sum(1 << bit for bit in range(6, 13))
REFER, TRUNCATE = 1 << 13, 1 << 14
NEEDED_VERSION = 3
"""The first that also forbids emptying a file."""
WRITES = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_ANYTHING | REFER | TRUNCATE
DEVICES = ("/dev/null",)


class NoJail(Exception):
    """This system cannot lock the process in, or the lock did not hold."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def version() -> int:
    """Landlock's version here; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    found: int = _libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(ASK_VERSION))
    return max(0, found)


def enter(folder: Path) -> None:
    """From here on only `folder` can be written to, and a test deletion outside has failed. Raises NoJail."""
    if version() < NEEDED_VERSION:
        raise NoJail("This system has no Landlock that could keep random keys away from your files.")
    folder.mkdir(parents=True, exist_ok=True)
    bait = _lay_bait(folder)
    _lock(folder)
    _check(bait, folder)


def _lock(folder: Path) -> None:
    libc = _libc()
    asked = _Ruleset(handled_access_fs=WRITES)
    rules = _done(libc.syscall(CREATE_RULESET, ctypes.byref(asked), ctypes.c_size_t(8), ctypes.c_uint32(0)))
    _allow(rules, folder, WRITES)
    for device in DEVICES:
        if Path(device).exists():
            _allow(rules, Path(device), WRITE_FILE | TRUNCATE)
    _done(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _done(libc.syscall(RESTRICT_SELF, rules, ctypes.c_uint32(0)))
    os.close(rules)


def _allow(rules: int, path: Path, access: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = _PathBeneath(allowed_access=access, parent_fd=place)
    _done(_libc().syscall(ADD_RULE, rules, PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0)))
    os.close(place)


def _lay_bait(folder: Path) -> Path:
    """A file beside the folder that may be lost, and must not be."""
    handle, name = tempfile.mkstemp(prefix="bait-", dir=folder.parent)
    os.write(handle, b"still here")
    os.close(handle)
    return Path(name)


def _check(bait: Path, folder: Path) -> None:
    for attempt in (bait.unlink, lambda: bait.write_bytes(b""), lambda: bait.rename(folder / "stolen")):
        try:
            attempt()
        except PermissionError:
            continue
        except OSError as error:
            if error.errno == errno.EXDEV:  # a rename out of the jail is refused like this
                continue
            raise
        raise NoJail("The lock does not hold: a file outside of the jail could be changed.")
    if bait.read_bytes() != b"still here":
        raise NoJail("The lock does not hold: a file outside of the jail was changed.")
    (folder / "inside").write_bytes(b"")
    (folder / "inside").unlink()


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _done(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise NoJail(f"Landlock refused: {os.strerror(number)}")
    return result
