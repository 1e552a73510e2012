"""Brings ratings, the record of use, answers to questions, changes and usability tests together as charts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from desktop_app.domain.insights import Change, Insights, RatedAnswer, RatedAnswers, Section
from desktop_app.domain.metrics import Registry, Value
from desktop_app.domain.satisfaction import satisfaction
from desktop_app.domain.survey_charts import surveys
from desktop_app.domain.surveys import Asked
from desktop_app.domain.usage_charts import Tally, TaskTimes, struggling, waiting
from desktop_app.ports import Clock
from desktop_app.services.journeys import JourneyReport
from desktop_app.services.metrics_file import registry as shipped_registry
from desktop_app.storage import usage_reading, usage_rows
from desktop_app.storage.change_notes import ChangeNotes
from desktop_app.storage.usage_file import UsageFile, UsageGone

DAYS = 90
LONGEST_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """What `usage.db` gives for a period."""

    level: str = "off"
    events: int = 0
    tallies: tuple[Tally, ...] = ()
    first_token_ms: dict[str, list[float]] | None = None
    first_audio_ms: dict[str, list[float]] | None = None
    times: TaskTimes = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()
    versions: tuple[tuple[int, str], ...] = ()


class InsightsService:
    """Blocking. `rated` gives every rated answer; `journeys` the last report of the usability tests."""

    def __init__(
        self,
        file: UsageFile,
        rated: RatedAnswers,
        notes: ChangeNotes,
        journeys: Callable[[], JourneyReport],
        clock: Clock,
        *,
        registry: Callable[[], Registry] = shipped_registry,
    ) -> None:
        self._file, self._rated, self._journeys = file, rated, journeys
        self._clock, self._registry = clock, registry
        self.notes = notes

    def gather(self, days: int = DAYS) -> Insights:
        """Everything of the last `days` days. Raises AppError."""
        days = min(max(1, days), LONGEST_DAYS)
        until = self.today()
        since = until - timedelta(days=days - 1)
        answers = [answer for answer in self._rated() if date.fromtimestamp(answer.when) >= since]
        use = self._use(since)
        report = self._journeys()
        return Insights(
            until=until,
            days=days,
            level=use.level,
            ratings=len(answers),
            events=use.events,
            sections=_sections(answers, use, days),
            changes=self._changes(use, since),
            journeys=report.journeys,
            journeys_day=report.day,
        )

    def note(self, text: str) -> Change:
        """Keep a note of today about something that was changed. Raises AppError."""
        return self.notes.add(self.today(), text)

    def today(self) -> date:
        return date.fromtimestamp(self._clock.now())

    # -- inside --------------------------------------------------------------------------------------------------

    def _use(self, since: date) -> _Use:
        day = since.toordinal()
        try:
            with self._file.read() as connection:
                return _Use(
                    level=usage_rows.consent(connection).level,
                    events=usage_reading.events(connection, day),
                    tallies=tuple(self._tally(count) for count in usage_reading.counts(connection, day)),
                    first_token_ms=_by_way(
                        usage_reading.values(connection, "chat.answered", ("way", "first_token_ms"), day)
                    ),
                    first_audio_ms=_by_way(
                        [("talk", ms) for (ms,) in usage_reading.values(connection, "talk.first_audio", ("ms",), day)]
                    ),
                    times=_task_times(
                        usage_reading.values(connection, "task.done", ("task", "success", "person_ms", "model_ms"), day)
                    ),
                    asked=tuple(each for each in usage_rows.asked(connection) if each.day >= day),
                    versions=usage_reading.versions(connection),
                )
        except UsageGone:
            return _Use()

    def _tally(self, count: usage_reading.Count) -> Tally:
        metric = self._registry().metrics.get(count.name)
        words = metric.words_of(count.label) if metric is not None else {}
        return Tally(name=count.name, n=count.n, total=count.total, words=words)

    def _changes(self, use: _Use, since: date) -> tuple[Change, ...]:
        """The notes, and the versions that came after the first one that was used."""
        new = [
            Change(day=date.fromordinal(day), text=f"Stonechat {version}", source="version")
            for day, version in use.versions[1:]
        ]
        found = [change for change in (*self.notes.all(), *new) if change.day >= since]
        return tuple(sorted(found, key=lambda change: change.day, reverse=True))


def _sections(answers: Sequence[RatedAnswer], use: _Use, days: int) -> tuple[Section, ...]:
    return (
        satisfaction(answers, days),
        waiting(use.first_token_ms or _waits_of(answers), use.first_audio_ms or {}),
        struggling(use.tallies, use.times),
        surveys(use.asked),
    )


def _by_way(rows: Sequence[tuple[Value, ...]]) -> dict[str, list[float]]:
    piles: defaultdict[str, list[float]] = defaultdict(list)
    for way, ms in rows:
        if isinstance(ms, int | float):
            piles[str(way)].append(ms)
    return dict(piles)


def _task_times(rows: Sequence[tuple[Value, ...]]) -> dict[str, tuple[list[float], list[float]]]:
    """Of the tasks that came out well."""
    times: defaultdict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for task, success, person_ms, model_ms in rows:
        if success and isinstance(person_ms, int | float) and isinstance(model_ms, int | float):
            person, model = times[str(task)]
            person.append(person_ms)
            model.append(model_ms)
    return dict(times)


def _waits_of(answers: Sequence[RatedAnswer]) -> dict[str, list[float]]:
    """Where nothing was recorded the rated answers still know how long they took."""
    return _by_way([(answer.way, answer.first_token_ms) for answer in answers])
