"""What the insights page shows, as values: charts that are tables too, sentences that can be translated, a log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from desktop_app.domain.intervals import ENOUGH, Estimate

Way = Literal["text", "voice", "picture"]
ChartKind = Literal["line", "bars", "stacked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedAnswer:
    """An answer that a person judged. `when` in seconds since the epoch; `adapter` "" for the model as it came."""

    when: float
    liked: bool
    model: str = ""
    adapter: str = ""
    way: Way = "text"
    first_token_ms: float | None = None
    first_audio_ms: float | None = None


RatedAnswers = Callable[[], Iterable[RatedAnswer]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words to be translated, and what is put into their {braces}, which is translated too where it can be."""

    template: str
    values: dict[str, str] = field(default_factory=dict)

    def told(self, translate: Callable[[str], str] = str) -> str:
        return translate(self.template).format(**{name: translate(value) for name, value in self.values.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value of a chart. `low`..`high` is its 95 % interval where it has one; `n` what it was made from."""

    label: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None

    @property
    def enough(self) -> bool:
        return self.n >= ENOUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`summary` says in words what the chart shows. `most` ends the scale, None: as the values need; `unit` is "%",
    "ms", "s", or "" for a count. Shares are in per cent."""

    id: str
    title: str
    kind: ChartKind
    summary: Sentence
    series: tuple[Series, ...] = ()
    unit: str = ""
    most: float | None = None
    reference: float | None = None
    reference_name: str = ""

    @property
    def empty(self) -> bool:
        return not any(series.points for series in self.series)

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label once, in the order in which they come."""
        return tuple(dict.fromkeys(point.label for series in self.series for point in series.points))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Charts that belong together; `note` says where the numbers are from."""

    id: str
    title: str
    note: str
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that changed: noted by the person, told by the project ("team"), or seen by itself ("version")."""

    day: date
    text: str
    source: Literal["person", "team", "version"] = "person"
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyResult:
    """One scripted usability test of the last run. `way`: by mouse or keyboard; `klm_s`: what it would take a
    practised person, computed by the keystroke-level model, 0 where it is not known."""

    name: str
    success: bool
    steps: int
    optimum_steps: int
    stalls: int
    way: str = ""
    klm_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Insights:
    """Everything for `days` days up to `until`. `level` is what was recorded meanwhile."""

    until: date
    days: int
    level: str
    ratings: int
    events: int
    sections: tuple[Section, ...] = ()
    changes: tuple[Change, ...] = ()
    journeys: tuple[JourneyResult, ...] = ()
    journeys_day: str = ""


def point(label: str, estimate: Estimate, *, times: float = 1.0) -> Point:
    """An estimate on a chart, `times` for the unit: 100 makes per cent of a share."""
    return Point(
        label=label,
        value=estimate.value * times,
        n=estimate.n,
        low=estimate.low * times,
        high=estimate.high * times,
    )


def how_sure(n: int) -> Sentence:
    """Says plainly when there is too little to conclude anything."""
    if n >= ENOUGH:
        return Sentence("n = {n}", {"n": str(n)})
    return Sentence("n = {n}, not enough to conclude", {"n": str(n)})
