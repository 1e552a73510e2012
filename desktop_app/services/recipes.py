"""Reads `models/recipes/adapters/*.toml`: the ways to train an adapter, as values."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import msgspec

from desktop_app.domain.lora import MOST_RANK, PROJECTIONS
from desktop_app.domain.training import Recipe
from desktop_app.errors import Bug, UserCanFix
from desktop_app.paths import model_data

DEFAULT_RECIPE = "bco"


def load_recipes(folder: Path | None = None) -> dict[str, Recipe]:
    """Every recipe by its id, the default first. Raises Bug when a file that ships with the application is broken."""
    files = sorted(
        (folder or model_data() / "recipes" / "adapters").glob("*.toml"), key=lambda file: file.stem != DEFAULT_RECIPE
    )
    return {file.stem: _read(file) for file in files}


def recipe(name: str = "", folder: Path | None = None) -> Recipe:
    """The recipe of that id, "" the default. Raises UserCanFix("training.no_recipe")."""
    known = load_recipes(folder)
    found = known.get(name or DEFAULT_RECIPE)
    if found is None:
        raise UserCanFix(
            "training.no_recipe",
            f"There is no recipe {name!r}.",
            remedy=f"Choose one of: {', '.join(known)}.",
        )
    return found


def _read(file: Path) -> Recipe:
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        if unknown := set(raw) - {field.name for field in fields(Recipe)}:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        read = msgspec.convert({"id": file.stem, **raw}, Recipe, strict=True)
        _check(read)
    except (OSError, ValueError, TypeError, msgspec.ValidationError) as error:
        raise Bug(
            "training.bad_recipe",
            "A recipe that ships with Stonechat cannot be read.",
            remedy="Install Stonechat again.",
            detail=f"{file.name}: {error}",
        ) from error
    return read


def _check(read: Recipe) -> None:
    """Raises ValueError."""
    sound = (
        1 <= read.rank <= MOST_RANK
        and read.alpha > 0
        and read.layers > 0
        and read.targets
        and set(read.targets) <= set(PROJECTIONS)
        and read.learning_rate > 0
        and min(read.epochs, read.most_steps, read.batch) > 0
        and min(read.nll_weight, read.kl_weight, read.pair_weight) >= 0
    )
    if not sound:
        raise ValueError("a value is out of its range")
