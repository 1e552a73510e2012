"""A whole run: every scenario, every surface, the contrast of the tokens; told, compared and written down."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from desktop_app.paths import places
from usability_tests.accessibility import Audit, audit
from usability_tests.actors import HOLD
from usability_tests.contrast import pairs
from usability_tests.report import Run, as_json, save
from usability_tests.scenario import Scenario, all_scenarios
from usability_tests.surfaces import surfaces
from usability_tests.trends import worse
from usability_tests.trial import Trial, perform

BASELINE = Path(__file__).with_name("baseline.json")
_IN_BASELINE = ("name", "way", "steps", "klm_s", "backtracks", "dead_clicks")
Say = Callable[[str], None]


def run(report: Path, *, baseline: Path = BASELINE, real: bool = False, only: Sequence[str] = (), say: Say) -> Run:
    """Try everything (or the scenarios `only` names), write the report into `report`, say how it goes."""
    began = time.monotonic()
    with _scratch() as folder:
        trials = tuple(_trials(folder, real=real, only=only, say=say))
        audits = () if only else tuple(_audits(folder, say))
    return finish(trials, audits, time.monotonic() - began, report, baseline)


def finish(
    trials: tuple[Trial, ...], audits: tuple[Audit, ...], seconds: float, report: Path, baseline: Path = BASELINE
) -> Run:
    """Compare with the baseline and write the report."""
    done = Run(trials=trials, audits=audits, pairs=pairs(), changes=(), seconds=seconds)
    if baseline.is_file():
        known = json.loads(baseline.read_text(encoding="utf-8"))
        done = Run(trials=trials, audits=audits, pairs=done.pairs, changes=worse(as_json(done), known), seconds=seconds)
    save(done, report)
    return done


def save_baseline(done: Run, path: Path = BASELINE) -> None:
    """What later runs are measured by."""
    kept = [{key: one[key] for key in _IN_BASELINE} for one in as_json(done)["scenarios"] if not one["real"]]
    lines = ",\n".join("  " + json.dumps(one) for one in kept)
    path.write_text(f'{{"scenarios": [\n{lines}\n]}}\n', encoding="utf-8")


def _trials(folder: Path, *, real: bool, only: Sequence[str], say: Say) -> Iterator[Trial]:
    models = places().models
    for scenario in all_scenarios():
        if only and scenario.id not in only:
            continue
        for way in scenario.ways:
            yield _said(perform(scenario, way, folder / f"{scenario.id}-{way.name}"), say)
            if real and scenario.real:
                where = folder / f"{scenario.id}-{way.name}-real"
                yield _said(perform(_for_real(scenario), way, where, real_models=models), say)


def _for_real(scenario: Scenario) -> Scenario:
    """The small starter model, always the same words, and few where it may come to an end."""
    endless = any(HOLD in answer for answer in scenario.start.answers)
    chosen = {"language_model": "smollm2-135m", "temperature": 0.0, "max_tokens": 1024 if endless else 48}
    settings = {**scenario.start.settings, **chosen}
    return replace(scenario, start=replace(scenario.start, settings=settings))


def _said(trial: Trial, say: Say) -> Trial:
    verdict = "ok " if not trial.problems else "BAD"
    words = f"{verdict} {trial.name:30} {trial.way:9} {trial.steps}/{trial.optimum_steps} steps {trial.klm_s:6.2f} s"
    say(words + (" (real models)" if trial.real else ""))
    for problem in trial.problems:
        say(f"      {problem}")
    return trial


def _audits(folder: Path, say: Say) -> Iterator[Audit]:
    for place, surface in enumerate(surfaces()):
        done = audit(surface, folder / f"surface-{place}")
        say(f"{'BAD' if done.findings else 'ok '} {done.surface:30} {done.controls} controls, {done.stops} stops")
        for finding in done.findings:
            say(f"      {finding.rule} ({finding.wcag}): {finding.what}")
        yield done


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="stonechat-usability-") as name:
        yield Path(name)
