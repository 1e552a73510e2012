"""The design tokens of `resources/tokens.toml` as values: colours per scheme, grid, corners, type sizes."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from desktop_app.paths import resources

Colours = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRole:
    """How text of one role is set; `size` in pixels at 100 %."""

    family: str
    size: int
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """`unit` is the grid step in pixels at 100 %. Colours are "#RRGGBB" or "#AARRGGBB"."""

    unit: int
    radii: dict[str, int]
    type_roles: dict[str, TypeRole]
    schemes: dict[str, Colours]


def load_tokens(path: Path | None = None) -> Tokens:
    """Raises OSError, KeyError, tomllib.TOMLDecodeError: the file is ours, a broken one is a bug."""
    raw = tomllib.loads((path or resources() / "tokens.toml").read_text(encoding="utf-8"))
    return Tokens(
        unit=raw["grid"]["unit"],
        radii=raw["radius"],
        type_roles={role: TypeRole(**look) for role, look in raw["font"].items()},
        schemes=raw["scheme"],
    )
