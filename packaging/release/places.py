"""Where a build reads and writes, what it calls itself, and how it stops."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from desktop_app import __version__

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "package"
FROZEN = BUILD / "dist" / "stonechat"
"""What PyInstaller makes: the program and `_internal` beside it."""
VERSION = __version__


class Stop(Exception):
    """Cannot go on; the sentence says why and what to do."""


def epoch() -> int:
    """Seconds since 1970 that every file of a build carries: SOURCE_DATE_EPOCH, else the time of the last commit."""
    if told := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(told)
    asked = ["git", "log", "-1", "--format=%ct"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return int(said) if said.isdecimal() else 1_700_000_000


def run(command: list[str | Path], **extra: str) -> None:
    """Run a tool from the tree's root, with these extra environment variables. Raises Stop."""
    words = [str(word) for word in command]
    if subprocess.run(words, cwd=ROOT, env={**os.environ, **extra}, check=False).returncode:
        raise Stop(f"{Path(words[0]).name} failed: {' '.join(words)}")
