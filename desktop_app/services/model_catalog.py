"""Reads `models/catalog.toml`: the models Stonechat knows, as values."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from desktop_app.domain.model_specs import ModelSpec
from desktop_app.errors import Bug
from desktop_app.paths import model_data


def load_catalog(path: Path | None = None) -> tuple[ModelSpec, ...]:
    """Every entry, in the file's order. Raises Bug when the file that ships with the application is broken."""
    file = path or model_data() / "catalog.toml"
    try:
        raw: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert(raw["model"], tuple[ModelSpec, ...], strict=True)
    except (OSError, ValueError, KeyError, msgspec.ValidationError) as error:
        raise Bug(
            "models.bad_catalog",
            "The list of models that ships with Stonechat cannot be read.",
            remedy="Install Stonechat again.",
            detail=f"{file}: {error}",
        ) from error
