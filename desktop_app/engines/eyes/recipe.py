"""`models/recipes/eyes.toml` as values."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from desktop_app.paths import model_data


class EncoderRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shape of the network: square patches of `patch_px`, `layers` blocks of `width` units."""

    patch_px: int
    width: int
    layers: int
    heads: int


class TrainingRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Steps of `batch` pictures; the rate rises over `warm_up` and is full to the end of the `opening`,
    then `settled` of that, and falls to nothing over the last `decay_share`. From step `harder_from` on the pictures
    are those of `scenes.HARDER`."""

    seed: int
    steps: int
    batch: int
    warm_up: int
    opening: int
    settled: float
    decay_share: float
    harder_from: int
    matrix_rate: float
    other_rate: float
    weight_decay: float
    sharpness: float
    closeness: float
    save_every: int
    check_every: int
    check_pictures: int


class ExportRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the units' outputs become nearly yes or no in the file."""

    slope: float
    threshold: float
    full: float


class EyesRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    encoder: EncoderRecipe
    training: TrainingRecipe
    export: ExportRecipe


def load_recipe(path: Path | None = None) -> EyesRecipe:
    """Raises OSError, ValueError."""
    text = (path or model_data() / "recipes" / "eyes.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), EyesRecipe)
