"""Remembers the sums of files whose catalog entry has none: what the hub gave first must come again."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from desktop_app.domain.model_specs import ModelSpec
from desktop_app.files import write_atomically


class ModelPins:
    """A JSON file of SHA-256 by model and file name. Callers hold the store's lock while they keep one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def pinned(self, spec: ModelSpec) -> ModelSpec:
        """`spec` with the sums that were kept for it."""
        if spec.pinned:
            return spec
        kept = self._read().get(spec.id, {})
        files = (dataclasses.replace(file, sha256=file.sha256 or kept.get(file.name, "")) for file in spec.files)
        return dataclasses.replace(spec, files=tuple(files))

    def keep(self, spec: ModelSpec, sums: dict[str, str]) -> None:
        """Keep the sums of what was fetched for `spec`, by file name. Raises OSError."""
        if not spec.pinned:
            write_atomically(self._path, json.dumps({**self._read(), spec.id: sums}, indent=2).encode())

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}
