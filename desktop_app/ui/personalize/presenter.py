"""What the Personalize page shows and does. Knows no widget; looks things up on lane `io`, trains on lane `train`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.adapters import Adapter, AdapterEvent
from desktop_app.domain.gate import Verdict
from desktop_app.domain.personalizing import Paused, Personalized, PersonalizeEvent, Preview
from desktop_app.errors import AppError
from desktop_app.services.blind import BlindPair, Result, Side
from desktop_app.services.dataset import PlannedItem
from desktop_app.ui.jobs import Job, Lanes

if TYPE_CHECKING:
    from desktop_app.services.services import Services

SHOWN_QUESTIONS = ("How can I sleep better?", "Explain what a database is.")
"""What is asked before and after, of every adapter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """Everything the page shows, at one moment. `preview` None: there is no model; `active` is for the chosen one."""

    preview: Preview | None
    planned: tuple[PlannedItem, ...]
    adapters: tuple[Adapter, ...]
    active: Adapter | None
    timeline: tuple[AdapterEvent, ...]
    unfinished: bool
    rebuild_due: bool
    rules: int
    base_sha256: str


class PersonalizePresenter(QObject):
    state_found = Signal(object)  # PageState
    running_changed = Signal(bool)
    paused_changed = Signal(bool)
    progressed = Signal(object)  # StageProgress
    ended = Signal(object)  # Personalized
    report_found = Signal(str, object)  # adapter id, Verdict
    pair_found = Signal(object)  # BlindPair
    voted = Signal(object)  # Result
    compared = Signal(str, object)  # adapter id, tuple of (question, before, after)
    done = Signal(str)  # what was done, in a word: exported, imported
    failed = Signal(object)  # AppError

    def __init__(self, services: Services, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._lanes = lanes
        self._training: Job | None = None
        self._asking: Job | None = None
        self.removed: frozenset[str] = frozenset()
        self.paused = False

    # -- looking -------------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        return self._training is not None

    def look(self) -> None:
        """`state_found` follows."""
        removed = self.removed
        self._do("io", lambda _: _state(self._services, removed), self.state_found.emit)

    def leave_out(self, feedback_id: str, out: bool) -> None:
        """Leave one opinion out of the next training, or take it in again."""
        self.removed = self.removed | {feedback_id} if out else self.removed - {feedback_id}
        self.look()

    def show_report(self, adapter_id: str) -> None:
        self._do("io", lambda _: self._services.adapters.report(adapter_id), lambda v: self._reported(adapter_id, v))

    # -- training ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        if self._training is not None:
            return
        service, removed = self._services.personalization, self.removed
        job = self._lanes.job("train", lambda cancel: service.personalize(removed=removed, cancel=cancel))
        self._training = job
        job.event.connect(self._on_event)
        job.finished.connect(lambda _: self._on_over())
        job.cancelled.connect(self._on_over)
        job.failed.connect(self._on_failed)
        self.running_changed.emit(True)
        job.start()

    def give_up(self) -> None:
        self._services.personalization.give_up()
        self._services.personalization.resume()
        if self._training is None:
            self.look()

    def pause(self, on: bool) -> None:
        service = self._services.personalization
        (service.pause if on else service.resume)()
        self._set_paused(on)

    # -- adapters ------------------------------------------------------------------------------------------------

    def use(self, adapter: Adapter) -> None:
        base = adapter.lineage.base_sha256
        self._do("io", lambda _: self._services.adapters.use(adapter.id, base, strength=adapter.strength), self._again)

    def off(self) -> None:
        self._do("io", lambda _: self._services.adapters.off(), self._again)

    def roll_back(self, base_sha256: str) -> None:
        self._do("io", lambda _: self._services.adapters.rollback(base_sha256), self._again)

    def set_strength(self, adapter_id: str, strength: float) -> None:
        self._do("io", lambda _: self._services.adapters.set_strength(adapter_id, strength), lambda _: None)

    def remove(self, adapter_id: str) -> None:
        self._do("io", lambda _: self._services.adapters.remove(adapter_id), self._again)

    def export(self, adapter_id: str, target: Path) -> None:
        service = self._services.personalization
        self._do("io", lambda _: service.export(adapter_id, target), lambda _: self.done.emit("exported"))

    def take_in(self, source: Path) -> None:
        service = self._services.personalization

        def show(found: tuple[Adapter, Verdict]) -> None:
            self.report_found.emit(found[0].id, found[1])
            self.done.emit("imported")
            self.look()

        self._do("train", lambda cancel: service.take_in(source, cancel), show)

    def compare(self, adapter_id: str) -> None:
        """The same questions before and after; `compared` follows."""
        blind = self._services.blind

        def ask(cancel: Any) -> tuple[tuple[str, str, str], ...]:
            return tuple((each, *blind.answers(adapter_id, each, cancel, seed=1)) for each in SHOWN_QUESTIONS)

        self._do("train", ask, lambda found: self.compared.emit(adapter_id, found))

    # -- blind comparison ----------------------------------------------------------------------------------------

    def ask_both(self, adapter_id: str, question: str) -> None:
        blind = self._services.blind
        self._do("train", lambda cancel: blind.pair(adapter_id, question, cancel), self.pair_found.emit)

    def vote(self, pair: BlindPair, better: Side) -> None:
        def counted(result: Result) -> None:
            self.voted.emit(result)
            self.look()

        self._do("io", lambda _: self._services.blind.vote(pair, better), counted)

    # -- inside --------------------------------------------------------------------------------------------------

    def _do(self, lane: Any, work: Callable[[Any], Any], then: Callable[[Any], None]) -> None:
        job = self._lanes.job(lane, work)
        job.finished.connect(then)
        job.failed.connect(self.failed.emit)
        job.start()

    def _again(self, _: object) -> None:
        self.look()

    def _reported(self, adapter_id: str, verdict: Verdict) -> None:
        self.report_found.emit(adapter_id, verdict)

    def _on_event(self, event: PersonalizeEvent) -> None:
        if isinstance(event, Personalized):
            self.ended.emit(event)
            if event.verdict is not None:
                self.report_found.emit(event.adapter_id, event.verdict)
        elif isinstance(event, Paused):
            self._set_paused(True)
        else:
            self._set_paused(False)
            self.progressed.emit(event)

    def _on_over(self) -> None:
        self._training = None
        self._set_paused(False)
        self.running_changed.emit(False)
        self.look()

    def _on_failed(self, error: AppError) -> None:
        self._on_over()
        self.failed.emit(error)

    def _set_paused(self, on: bool) -> None:
        if on != self.paused:
            self.paused = on
            self.paused_changed.emit(on)


def _state(services: Services, removed: frozenset[str]) -> PageState:
    personalization, adapters = services.personalization, services.adapters
    try:
        preview: Preview | None = personalization.preview(removed)
    except AppError:
        preview = None
    base = preview.base_sha256 if preview else ""
    return PageState(
        preview=preview,
        planned=personalization.dataset.planned(),
        adapters=adapters.list(),
        active=adapters.active(base),
        timeline=adapters.timeline(),
        unfinished=personalization.unfinished() is not None,
        rebuild_due=personalization.rebuild_due,
        rules=len(services.learned.rules()),
        base_sha256=base,
    )
