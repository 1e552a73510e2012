"""Which process writes an answer, and whether it still runs.

A writer is its pid with its start time, because pids are given out again. On Linux the start is the kernel's own
count of ticks since boot: unlike a time of day it does not move when the clock is set.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_GONE = frozenset({"Z", "X", "x"})
_STATE, _START = 0, 19  # fields of /proc/PID/stat, counted after the command's name


def this_writer() -> str:
    """The name of this process. Right in a forked child too."""
    return _writer(os.getpid()) or f"{os.getpid()}:unknown"


def runs(writer: str) -> bool:
    """Whether the process that called itself `writer` is still running."""
    pid = writer.partition(":")[0]
    return pid.isdecimal() and _writer(int(pid)) == writer


def _writer(pid: int) -> str | None:
    start = _ticks(pid) if _boot() else _seconds(pid)
    return f"{pid}:{start}" if start else None


@cache
def _boot() -> str:
    """Names this start of the machine; empty where the platform has no /proc."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
    except OSError:
        return ""


def _ticks(pid: int) -> str | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].decode("ascii").split()
    except OSError:
        return None
    return None if fields[_STATE] in _GONE else f"{_boot()}-{fields[_START]}"


def _seconds(pid: int) -> str | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.1f}"
    except psutil.Error:
        return None
