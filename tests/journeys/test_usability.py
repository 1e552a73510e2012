"""Every scenario and every surface of `usability_tests`, and the report that a run leaves in `build/usability`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from usability_tests.accessibility import Audit, audit
from usability_tests.run import BASELINE, finish
from usability_tests.scenario import Scenario, Way, all_scenarios
from usability_tests.surfaces import Surface, surfaces
from usability_tests.trial import Trial, perform

pytestmark = pytest.mark.slow
REPORT = Path(__file__).resolve().parents[2] / "build" / "usability"
WAYS = [(scenario, way) for scenario in all_scenarios() for way in scenario.ways]
Done = tuple[dict[str, Trial], dict[str, Audit]]


@pytest.fixture(scope="module")
def done(request: pytest.FixtureRequest) -> Iterator[Done]:
    """What was tried. When everything was, the report is written."""
    trials: dict[str, Trial] = {}
    audits: dict[str, Audit] = {}
    began = time.monotonic()
    yield trials, audits
    if len(trials) == len(WAYS) and len(audits) == len(surfaces()):
        finish(tuple(trials.values()), tuple(audits.values()), time.monotonic() - began, REPORT)


@pytest.mark.flaky(reruns=3)  # a block of the event loop is measured
@pytest.mark.parametrize(("scenario", "way"), WAYS, ids=[f"{one.id}-{way.name}" for one, way in WAYS])
def test_the_task_can_be_done(scenario: Scenario, way: Way, qapp: QApplication, tmp_path: Path, done: Done) -> None:
    trial = perform(scenario, way, tmp_path)
    done[0][f"{scenario.id} {way.name}"] = trial
    assert not trial.problems


@pytest.mark.parametrize("surface", surfaces(), ids=lambda surface: surface.name)
def test_the_surface_is_accessible(surface: Surface, qapp: QApplication, tmp_path: Path, done: Done) -> None:
    found = audit(surface, tmp_path)
    done[1][surface.name] = found
    assert not found.findings


def test_nothing_is_worse_than_the_baseline_and_the_report_tells_of_everything(
    qapp: QApplication, tmp_path: Path, done: Done
) -> None:
    trials, audits = (tuple(one.values()) for one in done)
    if len(trials) < len(WAYS):
        pytest.skip("only a part was tried")
    run = finish(trials, audits, 1.0, tmp_path, BASELINE)
    assert not run.changes
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert told["passed"]
    assert {one["name"] for one in told["scenarios"]} == {scenario.id for scenario in all_scenarios()}
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<img ") >= len(trials) + len(audits)
    assert "http" not in page
