"""What the record of use says: how long people wait, where they struggle, how their tasks come out. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from desktop_app.domain.insights import Chart, Point, Section, Sentence, Series, how_sure, point
from desktop_app.domain.intervals import percentile, share
from desktop_app.domain.usage_words import spoken

PERCENTILES = ((0.5, "Half are quicker"), (0.9, "9 of 10 are quicker"), (0.99, "99 of 100 are quicker"))
MOST_SURFACES = 8
SIGNS = {
    "error.shown": "Trouble",
    "ui.rage_click": "Rage clicks",
    "ui.dead_click": "Dead clicks",
    "ui.backtrack": "Backtracks",
    "ui.stall": "Stalls",
}
Milliseconds = Mapping[str, Sequence[float]]
TaskTimes = Mapping[str, tuple[Sequence[float], Sequence[float]]]
"""By task: the person's milliseconds and the model's, one of each for every time that it was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often something happened. `words` are the details that tell it apart."""

    name: str
    n: int
    total: float = 0.0
    words: dict[str, str] = field(default_factory=dict)


# -- waiting


def waiting(first_token_ms: Milliseconds, first_audio_ms: Milliseconds) -> Section:
    """Both by the way of asking."""
    return Section(
        id="waiting",
        title="Waiting",
        note="Milliseconds from the question, and in hands-free from the last word that was said.",
        charts=(
            _percentiles("first_token", "Time to the first word", first_token_ms),
            _percentiles("first_audio", "Time to the first sound", first_audio_ms),
        ),
    )


def _percentiles(id_: str, title: str, found: Milliseconds) -> Chart:
    ordered = {way: sorted(values) for way, values in sorted(found.items()) if values}
    series = tuple(
        Series(
            name=name,
            points=tuple(
                Point(label=spoken(way), value=percentile(values, at), n=len(values)) for way, values in ordered.items()
            ),
        )
        for at, name in PERCENTILES
    )
    everything = sorted(value for values in ordered.values() for value in values)
    if not everything:
        return Chart(
            id=id_, title=title, kind="bars", summary=Sentence("Nothing was measured in this time."), unit="ms"
        )
    words = {
        "half": f"{percentile(everything, 0.5):.0f}",
        "most": f"{percentile(everything, 0.9):.0f}",
        "sure": how_sure(len(everything)).told(),
    }
    summary = Sentence("Half came within {half} ms, 9 of 10 within {most} ms ({sure}).", words)
    return Chart(id=id_, title=title, kind="bars", summary=summary, series=series, unit="ms")


# -- struggling


def struggling(tallies: Sequence[Tally], times: TaskTimes) -> Section:
    return Section(
        id="struggling",
        title="Where people struggle",
        note="From the record of use. Time on task is the person's; the model's is shown apart.",
        charts=(_surfaces(tallies), _rates(tallies), _tasks(tallies), _task_times(times)),
    )


def _surfaces(tallies: Iterable[Tally]) -> Chart:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for tally in tallies:
        if tally.name in SIGNS and (surface := tally.words.get("surface")):
            found[surface][tally.name] += tally.n
    worst = sorted(found, key=lambda surface: -found[surface].total())[:MOST_SURFACES]
    series = tuple(
        Series(name=title, points=tuple(_count(surface, found[surface][name]) for surface in worst))
        for name, title in SIGNS.items()
        if any(found[surface][name] for surface in worst)
    )
    if not worst:
        summary = Sentence("No sign of struggle was recorded in this time.")
    else:
        words = {"surface": spoken(worst[0]), "n": str(found[worst[0]].total())}
        summary = Sentence("Most signs of struggle ({n}) are at: {surface}.", words)
    title = "Signs of struggle by place"
    return Chart(id="struggle_by_surface", title=title, kind="stacked", summary=summary, series=series)


def _count(surface: str, n: int) -> Point:
    return Point(label=spoken(surface), value=n, n=n)


def _rates(tallies: Sequence[Tally]) -> Chart:
    """Shares of answers, recordings, words and conversations that did not come out as they should."""
    answers = _sum(tallies, "chat.answered")
    talked = _sum(tallies, "chat.answered", way="talk")
    recordings = _sum(tallies, "voice.recorded")
    searches = _sum(tallies, "search.used")
    wanted = (
        ("Answers stopped", _sum(tallies, "chat.stopped"), answers),
        ("Answers wanted again", _sum(tallies, "chat.regenerated"), answers),
        ("Questions changed afterwards", _sum(tallies, "chat.edited"), answers),
        ("Recordings without a word", recordings - _sum(tallies, "voice.recorded", ended="heard"), recordings),
        ("Spoken answers interrupted", _sum(tallies, "talk.interrupted"), talked),
        ("Searches without a hit opened", searches - _sum(tallies, "search.opened"), searches),
    )
    points = tuple(
        point(title, found, times=100)
        for title, hits, n in wanted
        if (found := share(min(max(hits, 0), n), n)) is not None
    )
    worst = max((each for each in points if each.enough), key=lambda each: each.value, default=None)
    if worst is None:
        summary = Sentence("There is too little to tell.")
    else:
        summary = Sentence("Highest: {what}, {share} %.", {"what": worst.label, "share": f"{worst.value:.0f}"})
    return Chart(
        id="rates",
        title="What did not come out well",
        kind="bars",
        summary=summary,
        series=(Series(name="Share", points=points),) if points else (),
        unit="%",
        most=100,
    )


def _tasks(tallies: Sequence[Tally]) -> Chart:
    names = {tally.words["task"] for tally in tallies if tally.name in _TASK_ENDS and "task" in tally.words}
    points = []
    for task in sorted(names):
        done = _sum(tallies, "task.done", task=task, success="1")
        tried = _sum(tallies, "task.done", task=task) + _sum(tallies, "task.abandoned", task=task)
        if (found := share(done, tried)) is not None:
            points.append(point(spoken(task), found, times=100))
    worst = min((each for each in points if each.enough), key=lambda each: each.value, default=None)
    if worst is None:
        summary = Sentence("There is too little to tell.")
    else:
        summary = Sentence("Least often done: {task}, {share} %.", {"task": worst.label, "share": f"{worst.value:.0f}"})
    return Chart(
        id="task_success",
        title="Tasks brought to their end",
        kind="bars",
        summary=summary,
        series=(Series(name="Done", points=tuple(points)),) if points else (),
        unit="%",
        most=100,
    )


def _task_times(times: TaskTimes) -> Chart:
    def medians(of: int) -> tuple[Point, ...]:
        return tuple(
            Point(label=spoken(task), value=percentile(sorted(both[of]), 0.5) / 1000, n=len(both[of]))
            for task, both in sorted(times.items())
        )

    title, id_ = "Time on task, half are quicker", "task_time"
    person, model = medians(0), medians(1)
    if not times:
        return Chart(id=id_, title=title, kind="stacked", summary=Sentence("No task was timed in this time."), unit="s")
    longest = max(person, key=lambda each: each.value)
    words = {"task": longest.label, "s": f"{longest.value:.1f}", "sure": how_sure(longest.n).told()}
    return Chart(
        id=id_,
        title=title,
        kind="stacked",
        summary=Sentence("Longest for the person: {task}, {s} s ({sure}).", words),
        series=(
            Series(name="Person", points=person),
            Series(name="Model", points=model),
        ),
        unit="s",
    )


_TASK_ENDS = ("task.done", "task.abandoned")


def _sum(tallies: Iterable[Tally], name: str, **words: str) -> int:
    return sum(
        tally.n
        for tally in tallies
        if tally.name == name and all(tally.words.get(key) == value for key, value in words.items())
    )
