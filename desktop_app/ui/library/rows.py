"""The models as the page lists them: one row each, those that differ in size only together. Knows no widget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.measurements import Measurement
from desktop_app.domain.model_fit import Fit, Machine
from desktop_app.domain.model_forms import Size, form_of
from desktop_app.domain.model_specs import InstalledModel, ModelRole, ModelSpec, best_fitting
from desktop_app.errors import AppError

if TYPE_CHECKING:
    from desktop_app.services.services import Services

ROLES: tuple[ModelRole, ...] = ("language", "hearing", "voice", "labels")
CONTEXTS = (2_048, 4_096, 8_192, 16_384, 32_768)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model of the page. `bytes` is the size of its files; `contexts` are lengths with the bytes they take.

    `pinned`: the sum of every file is known before it is fetched. `original` is the measurement, with the bytes, of
    the larger form from which it was made here. `teaches` is the title of the smaller model in use, if it could.
    """

    id: str
    role: ModelRole
    title: str
    summary: str
    licence: str
    origin: str
    languages: tuple[str, ...]
    bytes: int
    installed: bool
    in_use: bool
    automatic: bool
    sees: bool
    added: bool
    recommended: bool
    fit: Fit
    measured: Measurement | None = None
    series: str = ""
    size: Size | str = ""
    form: str = ""
    pinned: bool = True
    context_tokens: int = 0
    contexts: tuple[tuple[int, int], ...] = ()
    original: tuple[int, Measurement] | None = None
    sha256: str = ""
    teaches: str = ""

    def looks_like(self, other: Row) -> bool:
        """Whether a card of one need not be made anew for the other: free memory changes all the time."""
        free = other.fit.free
        return replace(self, fit=replace(self.fit, free=free)) == other


def listing(services: Services) -> tuple[Row, ...]:
    """All models, by role; those that are here first. Memory and measurements are looked at once."""
    return _Listing(services).rows()


def together(rows: Iterable[Row]) -> tuple[tuple[Row, ...], ...]:
    """The rows of a card each: sizes of one series share it."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.role, row.series or row.id), []).append(row)
    found = [tuple(sorted(group, key=lambda row: row.bytes)) for group in groups.values()]
    by_role = groupby(sorted(found, key=_place), key=lambda group: group[0].role)
    return tuple(group for _, groups_of_role in by_role for group in groups_of_role)


def shown_first(group: tuple[Row, ...]) -> Row:
    """The size that a card begins with: used, here, recommended, the largest that fits, else the smallest."""
    fitting = [row for row in group if row.fit.verdict == "fits"]
    wishes = (
        [row for row in group if row.in_use],
        [row for row in group if row.installed],
        [row for row in group if row.recommended],
        fitting[::-1],
    )
    return next((found[0] for found in wishes if found), group[0])


def _place(group: tuple[Row, ...]) -> tuple[int, bool, bool, bool]:
    some = (any(row.in_use for row in group), any(row.installed for row in group), any(r.recommended for r in group))
    return ROLES.index(group[0].role), not some[0], not some[1], not some[2]


class _Listing:
    def __init__(self, services: Services) -> None:
        self._fits = services.fits
        self._library = services.library
        self._machine: Machine = services.fits.machine()
        self._measured: Mapping[str, Measurement] = services.measure.results()
        self._installed = {model.id: model for model in self._library.installed()}
        self._by_sum = {model.sha256: model for model in self._installed.values()}
        self._used = {role: self._chosen(role) for role in ROLES}

    def rows(self) -> tuple[Row, ...]:
        specs = {spec.id: spec for spec in self._library.catalog()}
        offers = [(spec, self._fits.offered(spec, self._machine)) for spec in specs.values()]
        best = best_fitting([(spec, fit) for spec, fit in offers if spec.role == "language"])
        rows = [self._of_catalog(spec, fit, best) for spec, fit in offers]
        return (*rows, *(self._own(model) for model in self._installed.values() if model.id not in specs))

    def _of_catalog(self, spec: ModelSpec, offered: Fit, best: str) -> Row:
        here = self._installed.get(spec.id)
        made = Row(
            id=spec.id,
            role=spec.role,
            title=spec.title.partition(",")[0] if spec.series else spec.title,
            summary=spec.summary,
            licence=spec.licence,
            origin=spec.origin,
            languages=spec.languages,
            bytes=spec.bytes,
            installed=False,
            in_use=False,
            automatic=spec.role == "labels",
            sees=bool(spec.projector),
            added=False,
            recommended=spec.id == best,
            fit=offered,
            series=spec.series,
            size=spec.size,
            form=form_of(spec.files[0].name),
            pinned=spec.pinned,
            context_tokens=spec.context_tokens,
        )
        return self._with_what_is_here(made, here) if here else made

    def _own(self, model: InstalledModel) -> Row:
        made = Row(
            id=model.id,
            role=model.role,
            title=model.title,
            summary="",
            licence=model.licence,
            origin="",
            languages=(),
            bytes=model.bytes,
            installed=True,
            in_use=False,
            automatic=False,
            sees=False,
            added=True,
            recommended=False,
            fit=self._fits.installed(model, self._machine),
            context_tokens=model.context_tokens,
        )
        return self._with_what_is_here(made, model)

    def _with_what_is_here(self, row: Row, model: InstalledModel) -> Row:
        language = model.role == "language"
        return replace(
            row,
            bytes=model.bytes,
            installed=True,
            in_use=self._used.get(model.role) == model.id,
            sees=bool(model.projector_path),
            fit=self._fits.installed(model, self._machine),
            measured=self._measured.get(model.sha256),
            form=form_of(Path(model.path).name),
            sha256=model.sha256,
            contexts=self._contexts(model) if language else (),
            original=self._original(model),
            teaches=self._pupil(model) if language else "",
        )

    def _contexts(self, model: InstalledModel) -> tuple[tuple[int, int], ...]:
        most = model.context_tokens or CONTEXTS[-1]
        lengths = [length for length in CONTEXTS if length <= most]
        return tuple((each, self._fits.installed(model, self._machine, each).cache) for each in lengths)

    def _original(self, model: InstalledModel) -> tuple[int, Measurement] | None:
        larger, measured = self._by_sum.get(model.made_from), self._measured.get(model.made_from)
        return (larger.bytes, measured) if larger and measured else None

    def _pupil(self, model: InstalledModel) -> str:
        used = self._installed.get(self._used["language"])
        return used.title if used and used.bytes < model.bytes else ""

    def _chosen(self, role: ModelRole) -> str:
        try:
            return self._library.chosen(role).id
        except AppError:
            return ""
