"""The packages for Linux: a .deb and a relocatable archive."""

from __future__ import annotations

from pathlib import Path

from release.bundle import frozen

OPTIONS: dict[str, str] = {}


def build(options: list[str]) -> list[Path]:
    assert not options
    return [frozen()]
