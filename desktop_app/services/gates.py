"""Reads `models/gates/*.toml`: the thresholds of the gate, and what it asks, as values."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from desktop_app.domain.gate import GateRules
from desktop_app.errors import Bug, UserCanFix
from desktop_app.paths import model_data

Kind = TypeVar("Kind")
PROBES = "probes"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatProbe:
    kind: Literal["json", "code", "list"]
    ask: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """What is asked. `axes` and `controls` are pairs of people for the `situations`."""

    neutral: tuple[str, ...]
    questions: tuple[str, ...]
    unrelated: tuple[str, ...]
    accept: tuple[str, ...]
    decline: tuple[str, ...]
    dangerous: tuple[str, ...]
    harmless: tuple[str, ...]
    opinions: tuple[str, ...]
    agree: tuple[str, ...]
    disagree: tuple[str, ...]
    format: tuple[FormatProbe, ...]
    situations: tuple[str, ...]
    axes: dict[str, tuple[tuple[str, str], ...]]
    controls: Controls


def load_gate(name: str = "", folder: Path | None = None) -> GateRules:
    """The thresholds of that name, "" the default. Raises UserCanFix("gate.unknown"), Bug."""
    file = (folder or model_data() / "gates") / f"{name or 'default'}.toml"
    if not file.is_file() or file.stem == PROBES:
        raise UserCanFix("gate.unknown", f"There is no gate {name!r}.", remedy="Use the default one.")
    return _read(file, GateRules)


def load_probes(folder: Path | None = None) -> Probes:
    """Raises Bug when the file that ships with the application is broken."""
    return _read((folder or model_data() / "gates") / f"{PROBES}.toml", Probes)


def _read(file: Path, kind: type[Kind]) -> Kind:
    try:
        raw: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert(raw, kind, strict=True)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise Bug(
            "gate.bad_file",
            "The checks that ship with Stonechat cannot be read.",
            remedy="Install Stonechat again.",
            detail=f"{file.name}: {error}",
        ) from error
