"""Short questions about Stonechat: when one may be put, and what was answered. Only with a yes to surveys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from desktop_app.domain.surveys import Asked, Instrument, Moment, Outcome, due, score
from desktop_app.ports import Clock
from desktop_app.services.telemetry import UsageService
from desktop_app.storage import usage_rows
from desktop_app.storage.usage_file import UsageFile, UsageGone


class SurveyService:
    """Blocking; the answers live in `usage.db`."""

    def __init__(self, file: UsageFile, usage: UsageService, clock: Clock) -> None:
        self._file, self._usage, self._clock = file, usage, clock

    @property
    def wanted(self) -> bool:
        """Whether the person agreed to be asked."""
        return self._usage.level == "surveys" and self._usage.on

    def due(self, *, idle: bool, task: str = "") -> Instrument | None:
        """What may be asked now. `idle`: nothing is written, said or played. Raises AppError."""
        if not self.wanted or not idle:
            return None
        try:
            with self._file.read() as connection:
                moment = Moment(day=self._today(), sessions=usage_rows.sessions(connection), idle=idle, task=task)
                return due(moment, usage_rows.asked(connection))
        except UsageGone:
            return None

    def answer(self, instrument: Instrument, items: Sequence[int], task: str = "") -> float:
        """Keep an answer; gives its score. Raises AppError, ValueError for items off the scale."""
        result = score(instrument, items)
        self._keep(instrument, "answered", task, tuple(items), result)
        return result

    def put_off(self, instrument: Instrument, task: str = "") -> None:
        """Not now. Raises AppError."""
        self._keep(instrument, "later", task)

    def never_again(self, instrument: Instrument, task: str = "") -> None:
        """Takes the yes to surveys back; what is recorded besides goes on. Raises AppError."""
        self._keep(instrument, "never", task)
        self._usage.withdraw_surveys()

    def _keep(
        self,
        instrument: Instrument,
        outcome: Outcome,
        task: str,
        items: tuple[int, ...] = (),
        result: float | None = None,
    ) -> None:
        each = Asked(instrument=instrument, day=self._today(), outcome=outcome, task=task, items=items, score=result)
        self._usage.record("survey.asked", instrument=instrument, outcome=outcome)
        try:
            with self._file.write() as connection:
                usage_rows.add_asked(connection, each)
        except UsageGone:
            return

    def _today(self) -> int:
        return date.fromtimestamp(self._clock.now()).toordinal()
