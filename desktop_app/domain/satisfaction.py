"""How the rated answers were liked: over time, by model, adapter and way of asking. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from desktop_app.domain.insights import Chart, Point, RatedAnswer, Section, Sentence, Series, how_sure, point
from desktop_app.domain.intervals import Estimate, share
from desktop_app.domain.usage_words import spoken

LONG_DAYS = 31
"""A longer period is shown by weeks."""
NO_ADAPTER = "No adapter"
UNKNOWN = "Unknown"


def satisfaction(answers: Sequence[RatedAnswer], days: int) -> Section:
    return Section(
        id="satisfaction",
        title="Satisfaction",
        note="From your ratings; the thin lines show the 95 % interval.",
        charts=(
            _over_time(answers, days),
            _by("model", "Satisfaction by model", answers, lambda answer: answer.model or UNKNOWN),
            _by("adapter", "Satisfaction by adapter", answers, lambda answer: answer.adapter or NO_ADAPTER),
            _by("way", "Satisfaction by voice, text and picture", answers, lambda answer: spoken(answer.way)),
        ),
    )


def told(estimate: Estimate) -> dict[str, str]:
    """A share as words: per cent and its interval."""
    return {
        "share": f"{estimate.value:.0%}",
        "low": f"{estimate.low:.0%}",
        "high": f"{estimate.high:.0%}",
        "sure": how_sure(estimate.n).told(),
    }


def _over_time(answers: Sequence[RatedAnswer], days: int) -> Chart:
    weekly = days > LONG_DAYS
    points = _points(answers, lambda answer: _period(answer.when, weekly=weekly))
    overall = share(sum(answer.liked for answer in answers), len(answers))
    if overall is None:
        summary = Sentence("No answer was rated in this time.")
    else:
        summary = Sentence("{share} of the rated answers were liked ({low} to {high}; {sure}).", told(overall))
    return Chart(
        id="satisfaction_over_time",
        title="Satisfaction over time, by week" if weekly else "Satisfaction over time, by day",
        kind="line",
        summary=summary,
        series=(Series(name="Liked", points=tuple(sorted(points, key=lambda each: each.label))),),
        unit="%",
        most=100,
    )


def _by(id_: str, title: str, answers: Sequence[RatedAnswer], key: Callable[[RatedAnswer], str]) -> Chart:
    points = sorted(_points(answers, key), key=lambda each: -each.n)
    return Chart(
        id=f"satisfaction_by_{id_}",
        title=title,
        kind="bars",
        summary=_compared(points),
        series=(Series(name="Liked", points=tuple(points)),),
        unit="%",
        most=100,
    )


def _compared(points: Sequence[Point]) -> Sentence:
    """Names a best one only where the intervals of best and worst do not meet."""
    sure = sorted((each for each in points if each.enough), key=lambda each: -each.value)
    if not points:
        return Sentence("No answer was rated in this time.")
    if len(sure) < 2:
        return Sentence("There is too little to compare.")
    best, worst = sure[0], sure[-1]
    if (best.low or 0) > (worst.high or 0):
        return Sentence("{best} is liked more than {worst}.", {"best": best.label, "worst": worst.label})
    return Sentence("The differences may be chance.")


def _points(answers: Iterable[RatedAnswer], key: Callable[[RatedAnswer], str]) -> list[Point]:
    piles: defaultdict[str, list[bool]] = defaultdict(list)
    for answer in answers:
        piles[key(answer)].append(answer.liked)
    estimates = ((label, share(sum(pile), len(pile))) for label, pile in piles.items())
    return [point(label, found, times=100) for label, found in estimates if found is not None]


def _period(when: float, *, weekly: bool) -> str:
    day = date.fromtimestamp(when)
    return (day - timedelta(days=day.weekday()) if weekly else day).isoformat()
