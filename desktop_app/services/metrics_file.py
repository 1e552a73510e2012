"""Reads `resources/metrics.yaml`, the list of everything that may be recorded. The only place that knows YAML."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from desktop_app.domain.metrics import Registry, parse_registry
from desktop_app.paths import resources


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The shipped registry, read once. Raises ValueError, OSError: the file is ours, a broken one is a bug."""
    return read_registry(resources() / "metrics.yaml")


def read_registry(path: Path) -> Registry:
    return parse_registry(_load(path.read_text(encoding="utf-8")))


def _load(text: str) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # both are the safe kind; not everywhere is the one in C
    return yaml.load(text, Loader=loader)
