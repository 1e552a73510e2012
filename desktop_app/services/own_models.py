"""The project's own test eyes: projectors that know a small drawn world, shipped in `models/own`.

They are in no catalog and no list of installed models, and no person's question ever meets them. Only the doctor, the
tests, `stonechat demo --eyes` and what the page of models shows to developers ask for them, by name, here.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import msgspec

from desktop_app.domain.model_specs import InstalledModel, OwnEyes
from desktop_app.errors import Bug, UserCanFix
from desktop_app.files import sha256_of
from desktop_app.paths import model_data


def own_eyes(folder: Path | None = None) -> tuple[OwnEyes, ...]:
    """All of them. Raises Bug when the list that ships with the application is broken."""
    file = (folder or own_folder()) / "own.toml"
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")).get("eyes", []), tuple[OwnEyes, ...])
    except (OSError, ValueError) as error:
        raise _broken(f"{file}: {error}") from error


def own_folder() -> Path:
    return model_data() / "own"


def with_test_eyes(model: InstalledModel) -> InstalledModel:
    """The language model with our own eyes in place of its own. Raises UserCanFix("models.no_test_eyes"), Bug."""
    for eyes in own_eyes():
        if eyes.language == model.id:
            return replace(model, projector_path=str(_checked(eyes)))
    raise UserCanFix(
        "models.no_test_eyes",
        f"There are no test eyes for {model.title}.",
        remedy=f"Use one of: {', '.join(eyes.language for eyes in own_eyes())}.",
    )


def _checked(eyes: OwnEyes) -> Path:
    path = own_folder() / eyes.file
    if not path.is_file() or sha256_of(path) != eyes.sha256:
        raise _broken(f"{path} is not what own.toml says")
    return path


def _broken(detail: str) -> Bug:
    return Bug(
        "models.bad_own",
        "The test models that ship with Stonechat cannot be read.",
        remedy="Install Stonechat again.",
        detail=detail,
    )
