"""Everything that Stonechat is made of, with version, licence and texts: for the page About and the list of parts of a
package. Read from the metadata of what is really installed, and from `resources/parts.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any, Literal

from desktop_app.paths import model_data, resources
from desktop_app.services.model_catalog import load_catalog

Kind = Literal["package", "part", "model"]
OURS = "stonechat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """`version` "" where it is not known. `text`: the licences and notices that came with it, "" for none."""

    name: str
    kind: Kind
    version: str
    licence: str
    text: str
    home: str = ""


def collected() -> tuple[Component, ...]:
    """Ours first, then the others by name. Blocks while files are read."""
    others = (*packages(), *_parts(), *_models())
    return tuple(sorted(others, key=lambda each: (each.name != OURS, each.name.casefold())))


def packages(extras: tuple[str, ...] = ("", "personalize")) -> tuple[Component, ...]:
    """Ours and every Python package that it needs, as far as it is installed."""
    return tuple(_component(found) for found in _needed(extras))


def _needed(extras: tuple[str, ...]) -> Iterator[Distribution]:
    from packaging.requirements import Requirement

    seen: set[tuple[str, str]] = set()
    told: set[str] = set()
    waiting = [(OURS, extra) for extra in extras]
    while waiting:
        name, extra = waiting.pop()
        if (key(name), extra) in seen:
            continue
        seen.add((key(name), extra))
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        if key(name) not in told:
            told.add(key(name))
            yield found
        for line in found.requires or ():
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                waiting += [(wanted.name, each) for each in ("", *wanted.extras)]


def key(name: str) -> str:
    """The name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _component(found: Distribution) -> Component:
    about: Any = found.metadata
    return Component(
        name=about["Name"],
        kind="package",
        version=found.version,
        licence=_licence(found),
        text="\n\n".join(_texts(found)),
        home=about.get("Home-page") or _home(about.get_all("Project-URL") or []),
    )


def _licence(found: Distribution) -> str:
    about: Any = found.metadata
    stated = about.get("License-Expression") or about.get("License") or ""
    if stated and "\n" not in stated and len(stated) < 80:
        return stated
    classified = [line.rsplit("::", 1)[1].strip() for line in about.get_all("Classifier") or [] if "License ::" in line]
    return ", ".join(classified)


def _texts(found: Distribution) -> Iterator[str]:
    """By the metadata's own list, else under the usual names."""
    listed = found.metadata.get_all("License-File") or []
    for name in listed or ("LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING", "NOTICE"):
        text = found.read_text(f"licenses/{name}") or found.read_text(name)
        if text:
            yield text.strip()


def _home(lines: list[str]) -> str:
    pairs = [line.split(",", 1) for line in lines if "," in line]
    return next((address.strip() for _, address in pairs), "")


def _parts() -> Iterator[Component]:
    """What is no Python package: libraries inside wheels, fonts, Python itself."""
    for each in tomllib.loads((resources() / "parts.toml").read_text(encoding="utf-8"))["part"]:
        text = each.get("note", "")
        if file := each.get("text"):
            text = f"{text}\n\n{(resources() / file).read_text(encoding='utf-8')}".strip()
        version = each.get("version", "")
        yield Component(name=each["name"], kind="part", version=version, licence=each["licence"], text=text)


def _models() -> Iterator[Component]:
    """Those that can be fetched or come along; their cards say where they are from."""
    for each in load_catalog():
        card = model_data() / "cards" / each.card if each.card else None
        text = card.read_text(encoding="utf-8") if card and card.is_file() else each.origin
        yield Component(name=each.title, kind="model", version="", licence=each.licence, text=text)
