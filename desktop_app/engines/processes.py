"""A command as a process that does not outlive the block, its words as text."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_GRACE_S = 5.0


@contextmanager
def running(
    command: Sequence[str], scratch: Path, *, stdin: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[str]]:
    """The command with its temporary files in `scratch`; what it writes, errors too, arrives at `stdout`."""
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    quiet = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    process = subprocess.Popen(
        command,
        env={**os.environ, **places, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        creationflags=quiet,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(_GRACE_S)
                except subprocess.TimeoutExpired:
                    process.kill()
