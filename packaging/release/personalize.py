"""The personalization pack: what training adapters needs and the program does not have, as plain packages.

A frozen program finds the folder `personalize` beside itself and looks for modules there last. What both need comes
from the program; of the standard library it has every module for that reason.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement

from release.places import BUILD, ROOT

PACK = BUILD / "personalize"
_NOT_NEEDED = re.compile(
    r"(^|/)(tests?|__pycache__)/|^\.\./|^torch/(bin|include|share)/|^torch/lib/.*\.a$|\.pyi$"
    r"|(^|/)(RECORD|INSTALLER|REQUESTED|direct_url\.json)$"
)
_BUILD_TOOLS = ("setuptools",)
"""torch names it for compiling kernels, which is not done here."""


def write() -> Path:
    """Copy the packages out of the environment into build/package/personalize."""
    shutil.rmtree(PACK, ignore_errors=True)
    for package in pack_packages():
        for file in kept_files(package):
            target = PACK / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(package.locate_file(file)), target)
    return PACK


def pack_packages() -> list[Distribution]:
    """The packages of the extra `personalize` that the program itself does not bring."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    brought = closure(project["dependencies"])
    wanted = closure(project["optional-dependencies"]["personalize"])
    names = sorted(wanted - brought - set(_BUILD_TOOLS))
    return [distribution(name) for name in names]


def closure(requirements: Iterable[str]) -> set[str]:
    """Normal names of these packages and of all that they need here."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        wanted = waiting.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name not in found and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += [Requirement(text) for text in distribution(name).requires or ()]
    return found


def kept_files(package: Distribution) -> list[str]:
    """What is copied of a package, sorted: no tests, headers, programs, or files of this machine."""
    names = (PurePosixPath(file).as_posix() for file in package.files or ())
    return sorted(name for name in names if not _NOT_NEEDED.search(name) and Path(package.locate_file(name)).is_file())
