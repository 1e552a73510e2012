"""One trial: one way of one scenario, from the opened window to its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtGui import QImage

from usability_tests import klm
from usability_tests.conditions import unmet
from usability_tests.driver import PATIENCE_S, Driver, Lost, Taken
from usability_tests.scenario import Scenario, Way
from usability_tests.stage import stage
from usability_tests.watch import Stall, watching

STEPS_ALLOWED_OVER = 1
REAL_PATIENCE_S = 300.0
STALL_FAILS_MS = 1000.0
"""Of computing: a machine that is busy with something else does not make the window fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the screen showed after a step."""

    line: str
    surface: str
    dead: bool
    waited_ms: float
    image: QImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How it went. Times of the person in `klm_s` are computed, those of the machine (`waited_ms`) measured."""

    name: str
    title: str
    task: str
    way: str
    real: bool
    success: bool
    problems: tuple[str, ...]
    steps: int
    optimum_steps: int
    klm_s: float
    budget_s: float
    operators: str
    backtracks: int
    dead_clicks: int
    stalls: tuple[Stall, ...]
    longest_stall_ms: float
    waited_ms: float
    announcements: tuple[str, ...]
    pictures: tuple[Picture, ...] = field(repr=False)


def perform(scenario: Scenario, way: Way, folder: Path, *, real_models: Path | None = None) -> Trial:
    """Open a window in `folder`, go this way, and judge."""
    with watching() as watch:
        with stage(scenario.start, folder, real_models=real_models) as opened:
            driver = Driver(stage=opened, watch=watch, patience_s=REAL_PATIENCE_S if real_models else PATIENCE_S)
            lost = _walk(driver, way)
            missed = () if lost or real_models else unmet(opened, scenario.success, watch.announcements)
        problems = (*lost, *(f"not true at the end: {line}" for line in missed), *_faults(driver, way))
    written = klm.operators(way.steps)
    return Trial(
        name=scenario.id,
        title=scenario.title,
        task=scenario.task,
        way=way.name,
        real=real_models is not None,
        success=not lost and not missed,
        problems=problems,
        steps=sum(one.counts for one in driver.taken),
        optimum_steps=way.optimum,
        klm_s=klm.seconds(written),
        budget_s=way.budget_s,
        operators="".join(written),
        backtracks=backtracks(driver.taken),
        dead_clicks=sum(one.dead for one in driver.taken),
        stalls=tuple(watch.stalls),
        longest_stall_ms=round(watch.longest_ms, 1),
        waited_ms=round(sum(one.waited_ms for one in driver.taken), 1),
        announcements=tuple(watch.announcements),
        pictures=tuple(
            Picture(line=one.line, surface=one.surface, dead=one.dead, waited_ms=one.waited_ms, image=one.image)
            for one in driver.taken
        ),
    )


def backtracks(taken: Sequence[Taken]) -> int:
    """How often a surface was opened and left again with nothing done in it."""
    surfaces = [one.surface for one in taken if one.counts]
    lost = 0
    for place in range(2, len(surfaces)):
        before, between, after = surfaces[place - 2 : place + 1]
        lost += before == after != between
    return lost


def _walk(driver: Driver, way: Way) -> tuple[str, ...]:
    try:
        driver.walk(way.steps)
    except Lost as reason:
        return (str(reason),)
    return ()


def _faults(driver: Driver, way: Way) -> tuple[str, ...]:
    """Broken budgets, and what must never happen on a good way."""
    taken, watch = driver.taken, driver.watch
    steps = sum(one.counts for one in taken)
    cost = klm.seconds(klm.operators(way.steps))
    faults = [f"nothing came of: {one.line}" for one in taken if one.dead]
    if steps > way.optimum + STEPS_ALLOWED_OVER:
        faults.append(f"{steps} steps where {way.optimum} would do")
    if cost > way.budget_s:
        faults.append(f"takes {cost} s, the budget is {way.budget_s} s")
    faults += [f"no answer for {one.ms} ms after: {one.during}" for one in watch.stalls if one.busy_ms > STALL_FAILS_MS]
    return (*faults, *(f"warning: {line}" for line in watch.warnings))
