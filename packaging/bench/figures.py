"""One measured number, with the bound it was measured for."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`met` is None where there is no bound. `samples` are the single measurements, in `unit`."""

    name: str
    value: float
    unit: str
    bound: str = ""
    met: bool | None = None
    samples: tuple[float, ...] = field(default=(), repr=False)

    def line(self) -> str:
        verdict = {True: "met", False: "MISSED", None: ""}[self.met]
        return f"{self.name:58} {self.value:10.3f} {self.unit:9} {self.bound:>12}  {verdict}"


def at_most(name: str, samples: Sequence[float], most: float, unit: str, of: Callable = statistics.median) -> Figure:
    value = of(samples)
    return Figure(name=name, value=value, unit=unit, bound=f"<= {most:g}", met=value <= most, samples=tuple(samples))


def at_least(name: str, samples: Sequence[float], least: float, unit: str) -> Figure:
    value = statistics.median(samples)
    return Figure(name=name, value=value, unit=unit, bound=f">= {least:g}", met=value >= least, samples=tuple(samples))


def plain(name: str, samples: Sequence[float], unit: str) -> Figure:
    return Figure(name=name, value=statistics.median(samples), unit=unit, samples=tuple(samples))
