"""What a run says afterwards: one JSON for machines, one HTML with pictures and trends for people."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage

from usability_tests.accessibility import Audit
from usability_tests.contrast import Pair
from usability_tests.trends import Change, history
from usability_tests.trial import Picture, Trial

WIDTH_PX = 560
QUALITY = 62
STYLE = Path(__file__).with_name("report.css")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything of one run. `changes` are what differs from the baseline by more than is allowed."""

    trials: tuple[Trial, ...]
    audits: tuple[Audit, ...]
    pairs: tuple[Pair, ...]
    changes: tuple[Change, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        failed = any(trial.problems for trial in self.trials) or any(audit.findings for audit in self.audits)
        return not failed and not self.changes and all(pair.enough for pair in self.pairs)


def as_json(run: Run) -> dict[str, Any]:
    """One entry for each way of each scenario under `scenarios`; pictures are only in the HTML."""
    return {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "passed": run.passed,
        "seconds": round(run.seconds, 1),
        "scenarios": [_trial(trial) for trial in run.trials],
        "regressions": [asdict(change) for change in run.changes],
        "accessibility": [_audit(audit) for audit in run.audits],
        "contrast": [asdict(pair) | {"enough": pair.enough} for pair in run.pairs],
    }


def save(run: Run, folder: Path) -> Path:
    """Write `report.json` and `report.html`, and add a line to `history.jsonl`; gives the HTML."""
    folder.mkdir(parents=True, exist_ok=True)
    told = as_json(run)
    (folder / "report.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    earlier = history.add(folder, told)
    page = folder / "report.html"
    page.write_text(_page(run, told, earlier), encoding="utf-8")
    return page


def _trial(trial: Trial) -> dict[str, Any]:
    return {key: value for key, value in asdict(replace(trial, pictures=())).items() if key != "pictures"}


def _audit(audit: Audit) -> dict[str, Any]:
    return {
        "surface": audit.surface,
        "controls": audit.controls,
        "stops": audit.stops,
        "findings": [asdict(finding) for finding in audit.findings],
    }


# the page


def _page(run: Run, told: dict[str, Any], earlier: Sequence[dict[str, Any]]) -> str:
    verdict = "All tasks can be done within their budgets" if run.passed else "Something needs a look"
    parts = [
        f"<h1>{verdict}</h1>",
        f'<p class="lead">{_summary(run)} {escape(told["made_at"])}, {run.seconds:.0f} s.</p>',
        _overview(run.trials, earlier),
        _changes(run.changes),
        *(_chapter(trials) for trials in _by_scenario(run.trials)),
        _audits(run.audits),
        _contrast(run.pairs),
        _limits(),
    ]
    style = STYLE.read_text(encoding="utf-8")
    head = f'<meta charset="utf-8"><title>Stonechat: usability</title><style>{style}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>'


def _summary(run: Run) -> str:
    done = sum(trial.success for trial in run.trials)
    findings = sum(len(audit.findings) for audit in run.audits)
    words = f"{done} of {len(run.trials)} ways led to the goal; {findings} findings on {len(run.audits)} surfaces."
    return escape(words)


def _by_scenario(trials: Sequence[Trial]) -> list[list[Trial]]:
    found: dict[str, list[Trial]] = {}
    for trial in trials:
        found.setdefault(trial.name, []).append(trial)
    return list(found.values())


def _overview(trials: Sequence[Trial], earlier: Sequence[dict[str, Any]]) -> str:
    heads = (
        "Task",
        "Way",
        "Done",
        "Steps",
        "Seconds of a person",
        "Budget",
        "Trend",
        "Back",
        "Dead",
        "Stalls",
        "Machine",
    )
    rows = "".join(_row(trial, earlier) for trial in trials)
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return f"<h2>At a glance</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(trial: Trial, earlier: Sequence[dict[str, Any]]) -> str:
    good = "good" if not trial.problems else "bad"
    points = history.of(earlier, trial.name, trial.way)
    cells = (
        f'<a href="#{trial.name}">{escape(trial.title)}</a>',
        escape(trial.way + (" (real models)" if trial.real else "")),
        f'<span class="{good}">{"yes" if trial.success else "no"}</span>',
        f"{trial.steps} of {trial.optimum_steps}",
        _bar(trial),
        f"{trial.budget_s:g} s",
        _spark(points),
        str(trial.backtracks),
        str(trial.dead_clicks),
        f"{len(trial.stalls)} <small>{trial.longest_stall_ms:.0f} ms</small>",
        f"{trial.waited_ms:.0f} ms",
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _bar(trial: Trial) -> str:
    share = min(100, round(100 * trial.klm_s / trial.budget_s))
    return f'<span class="bar"><i style="width:{share}%"></i></span> {trial.klm_s:g}'


def _spark(points: Sequence[float]) -> str:
    """The seconds of the last runs as a line, with the numbers for those who do not see it."""
    if len(points) < 2:
        return "<small>first run</small>"
    low, high = min(points), max(points)
    room = (high - low) or 1.0
    steps = [
        (round(80 * at / (len(points) - 1), 1), round(18 - 14 * (value - low) / room, 1))
        for at, value in enumerate(points)
    ]
    line = " ".join(f"{x},{y}" for x, y in steps)
    words = f"from {points[0]:g} to {points[-1]:g} seconds over {len(points)} runs"
    return f'<svg role="img" aria-label="{words}" viewBox="0 0 80 20"><polyline points="{line}"/></svg>'


def _changes(changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    items = "".join(f"<li>{escape(change.sentence)}</li>" for change in changes)
    return f'<h2>Worse than the baseline</h2><ul class="bad">{items}</ul>'


def _chapter(trials: Sequence[Trial]) -> str:
    first = trials[0]
    ways = "".join(_way(trial) for trial in trials)
    head = f'<h2>{escape(first.title)}</h2><p class="task">“{escape(first.task)}”</p>'
    return f'<section id="{first.name}">{head}{ways}</section>'


def _way(trial: Trial) -> str:
    problems = "".join(f"<li>{escape(problem)}</li>" for problem in trial.problems)
    said = "".join(f"<li>{escape(words)}</li>" for words in trial.announcements) or "<li>nothing</li>"
    title = f"By {trial.way}" + (", with the real models" if trial.real else "")
    operators = _operators(trial.operators)
    return (
        f"<h3>{title}: {trial.steps} steps, {trial.klm_s:g} s</h3>"
        + (f'<ul class="bad">{problems}</ul>' if problems else "")
        + f'<p class="operators" aria-label="operators">{escape(operators)}</p>'
        + f'<ol class="film">{"".join(_frame(shown) for shown in _frames(trial.pictures))}</ol>'
        + f"<details><summary>What a screen reader was told</summary><ul>{said}</ul></details>"
    )


def _frames(pictures: Sequence[Picture]) -> list[list[Picture]]:
    """Steps after which the window looks the same share a frame."""
    frames: list[list[Picture]] = []
    for picture in pictures:
        if frames and frames[-1][-1].image == picture.image:
            frames[-1].append(picture)
        else:
            frames.append([picture])
    return frames


def _frame(pictures: Sequence[Picture]) -> str:
    last = pictures[-1]
    alt = escape(f"The window after “{last.line}”: {last.surface}")
    lines = "".join(f"<div>{_line(picture)}</div>" for picture in pictures)
    image = f'<img loading="lazy" alt="{alt}" src="{data_uri(last.image)}">'
    return f"<li><figure>{image}<figcaption>{lines}</figcaption></figure></li>"


def _line(picture: Picture) -> str:
    waited = f" <small>{picture.waited_ms:.0f} ms</small>" if picture.waited_ms >= 1 else ""
    dead = ' <strong class="bad">nothing came of it</strong>' if picture.dead else ""
    return escape(picture.line) + waited + dead


def _operators(written: str) -> str:
    runs = ((one, len(list(same))) for one, same in groupby(written))
    return " ".join(f"{one}×{times}" if times > 1 else one for one, times in runs)


def _audits(audits: Sequence[Audit]) -> str:
    if not audits:
        return ""
    words = "Name, role, value, actions, sizes, focus and reflow, as WCAG 2.2 AA and EN 301 549 V3.2.1 (clause 11) ask."
    return f"<h2>Accessibility of {len(audits)} surfaces</h2><p>{words}</p>" + "".join(
        _surface(audit) for audit in audits
    )


def _surface(audit: Audit) -> str:
    found = "".join(
        f"<li>{escape(one.what)} <small>{escape(one.rule)}, WCAG {one.wcag}"
        f"{', EN ' + one.clause if one.clause else ''}</small></li>"
        for one in audit.findings
    )
    words = f"{audit.controls} controls, {audit.stops} stops of Tab"
    verdict = f'<ul class="bad">{found}</ul>' if found else '<p class="good">No finding.</p>'
    alt = escape(f"The surface: {audit.surface}")
    picture = f'<img loading="lazy" alt="{alt}" src="{data_uri(audit.image)}">'
    return f"<details><summary>{escape(audit.surface)} <small>{words}</small></summary>{verdict}{picture}</details>"


def _contrast(pairs: Sequence[Pair]) -> str:
    rows = []
    for theme in dict.fromkeys(pair.theme for pair in pairs):
        for least in (4.5, 3.0):
            worst = min(
                (pair for pair in pairs if (pair.theme, pair.least) == (theme, least)), key=lambda pair: pair.ratio
            )
            good = "good" if worst.enough else "bad"
            rows.append(
                f"<tr><td>{theme}</td><td>{'words' if least > 4 else 'marks'}</td>"
                f"<td>{worst.over} on {worst.under}</td>"
                f'<td class="{good}">{worst.ratio}:1</td><td>{least}:1</td></tr>'
            )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Theme", "What", "Weakest pair", "Contrast", "Least"))
    return f"<h2>Contrast</h2><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _limits() -> str:
    return (
        "<h2>What this does not say</h2><p>Scripts show that a task can be done and what it costs, not that people "
        "understand it. Seconds of a person are computed by the keystroke-level model, which is about a fifth off; "
        "they compare designs. With scripted engines the times of the machine are those of the window alone. "
        "What people say belongs to the study in <code>human_protocol.md</code>.</p>"
    )


def data_uri(image: QImage) -> str:
    """The picture, small enough that a report of many stays light."""
    small = image.scaledToWidth(min(WIDTH_PX, image.width()), Qt.TransformationMode.SmoothTransformation)
    room = QByteArray()
    buffer = QBuffer(room)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    small.convertToFormat(QImage.Format.Format_RGB32).save(buffer, "JPG", QUALITY)  # type: ignore[call-overload]
    return "data:image/jpeg;base64," + base64.b64encode(room.data()).decode()
