"""What was answered to the short questions, with intervals, and plainly where it is too little. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import get_args

from desktop_app.domain.insights import Chart, Point, Section, Sentence, Series, how_sure, point
from desktop_app.domain.intervals import Estimate, mean
from desktop_app.domain.surveys import SCALES, Asked, Instrument
from desktop_app.domain.usage_words import spoken

REFERENCES: dict[Instrument, float] = {"seq": 5.5, "umux_lite": 68.0, "sus": 68.0}
"""What many products come to: SEQ about 5.5 (Sauro), SUS 68 (Sauro and Lewis); UMUX-Lite is on the scale of SUS."""


def surveys(asked: Sequence[Asked]) -> Section:
    return Section(
        id="surveys",
        title="What you said when asked",
        note="The line is what many products come to. An interval that spans it concludes nothing.",
        charts=(_whole(asked), _by_task(asked)),
    )


def _whole(asked: Sequence[Asked]) -> Chart:
    """UMUX-Lite and SUS, both from 0 to 100."""
    points, words = [], []
    for instrument in get_args(Instrument):
        found = _mean(instrument, asked)
        if found is not None:
            words.append(f"{spoken(instrument)}: {found.value:.1f}, {how_sure(found.n).told()}")
            if instrument != "seq":
                points.append(point(spoken(instrument), found))
    summary = Sentence("{said}.", {"said": "; ".join(words)}) if words else Sentence("Nothing was answered yet.")
    return Chart(
        id="survey_scores",
        title="Scores from 0 to 100",
        kind="bars",
        summary=summary,
        series=(Series(name="Score", points=tuple(points)),) if points else (),
        most=100,
        reference=REFERENCES["sus"],
        reference_name="Many products",
    )


def _by_task(asked: Sequence[Asked]) -> Chart:
    piles: defaultdict[str, list[Asked]] = defaultdict(list)
    for each in asked:
        if each.instrument == "seq" and each.score is not None:
            piles[each.task].append(each)
    points: list[Point] = []
    for task, pile in sorted(piles.items()):
        if (found := _mean("seq", pile)) is not None:
            points.append(point(spoken(task), found))
    hardest = min(points, key=lambda each: each.value, default=None)
    if hardest is None:
        summary = Sentence("No task was judged yet.")
    else:
        words = {"task": hardest.label, "score": f"{hardest.value:.1f}", "sure": how_sure(hardest.n).told()}
        summary = Sentence("Hardest: {task}, {score} of 7 ({sure}).", words)
    return Chart(
        id="ease_by_task",
        title="Ease of tasks, from 1 to 7",
        kind="bars",
        summary=summary,
        series=(Series(name="Ease", points=tuple(points)),) if points else (),
        most=7,
        reference=REFERENCES["seq"],
        reference_name="Many products",
    )


def _mean(instrument: Instrument, asked: Sequence[Asked]) -> Estimate | None:
    least, most = SCALES[instrument]
    scores = [each.score for each in asked if each.instrument == instrument and each.score is not None]
    return mean(scores, least=least, most=most)
