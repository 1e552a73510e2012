"""From ratings to an offered adapter: data set, training, gate; one at a time, stoppable, and whole after any crash.

The journal in the database names the stage. A killed run goes on with the same adapter when nothing has changed since,
else it is cleared away. A candidate is offered in the same transaction that ends its line of the journal.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from desktop_app.domain.adapters import Adapter, Lineage
from desktop_app.domain.dataset import Dataset
from desktop_app.domain.gate import Verdict
from desktop_app.domain.model_specs import InstalledModel
from desktop_app.domain.personalizing import (
    STAGE_OF,
    Paused,
    Personalized,
    PersonalizeEvent,
    Preview,
    Run,
    Stage,
    StageProgress,
    seconds_expected,
)
from desktop_app.domain.training import Recipe, TrainingEnded, TrainingJob, TrainingPaused, TrainingProgress
from desktop_app.errors import AppError, Cancelled, EngineCrashed, EnvironmentProblem, UserCanFix
from desktop_app.files import disk_errors, sha256_of
from desktop_app.ports import CancelToken, LanguageModel, Trainer
from desktop_app.services.adapter_card import code_version
from desktop_app.services.adapter_zip import AdapterZip
from desktop_app.services.adapters import AdapterService
from desktop_app.services.dataset import DatasetService, characters, check_ready, counts
from desktop_app.services.evaluation import Candidate, EvaluationService
from desktop_app.services.recipes import recipe as load_recipe

MOST_CRASHES = 2
GATE_SECONDS = 60.0
_log = logging.getLogger(__name__)


class Bases(Protocol):
    """The models that adapters are made for."""

    def chosen(self) -> InstalledModel:
        """The language model in use. Raises UserCanFix("models.missing")."""
        ...

    def judge(self, model: InstalledModel) -> LanguageModel:
        """This model in a process of its own, so that conversations go on meanwhile."""
        ...

    def make_room(self) -> None:
        """Give back the memory of the conversation's model."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """`work` keeps what can be made again, private things only while a training runs."""

    work: Path

    @property
    def jobs(self) -> Path:
        return self.work / "jobs"


class PersonalizationService:
    """Blocking; `personalize` is a generator of events. `pause` and `resume` may be called from any thread."""

    def __init__(
        self,
        adapters: AdapterService,
        dataset: DatasetService,
        evaluation: EvaluationService,
        trainer: Trainer,
        bases: Bases,
        folders: Folders,
        zip_files: AdapterZip,
        *,
        recipes: Callable[[str], Recipe] = load_recipe,
    ) -> None:
        self.adapters = adapters
        self.dataset = dataset
        self._registry = adapters.registry
        self._evaluation = evaluation
        self._trainer = trainer
        self._bases = bases
        self._folders = folders
        self._zip = zip_files
        self._recipes = recipes
        self._running: CancelToken | None = None
        self._gives_up = False
        self._watchers: list[Callable[[bool], None]] = []

    @property
    def running(self) -> bool:
        return self._running is not None

    def preview(self, removed: frozenset[str] = frozenset()) -> Preview:
        """What would be used, how long it takes, what is missing. Raises UserCanFix when there is no model."""
        data, base = self.dataset.snapshot(removed), self._bases.chosen()
        return Preview(
            readiness=data.readiness,
            train=len(data.train),
            held_out=len(data.held_out),
            counts=counts(data),
            seconds=seconds_expected(characters(data)),
            model_title=base.title,
            base_sha256=base.sha256,
            refusal=self._trainer.check(base.path),
        )

    def personalize(
        self,
        *,
        recipe_id: str = "",
        removed: frozenset[str] = frozenset(),
        force_small: bool = False,
        dry_run: bool = False,
        time_cap_s: float = 0.0,
        cancel: CancelToken,
    ) -> Iterator[PersonalizeEvent]:
        """Progress and, at the end, one `Personalized`. A killed or cancelled run that asked for the same goes on.

        Raises UserCanFix("personalize.too_few", "training.*"), EnvironmentProblem("personalize.running"), Cancelled.
        """
        recipe, base = self._recipes(recipe_id), self._bases.chosen()
        lock = self._registry.alone()
        try:
            self._gives_up = False
            self._run(cancel)
            started = time.perf_counter()
            yield StageProgress(stage="dataset", done=0, total=1)
            data = self.dataset.snapshot(removed)
            check_ready(data, force_small=force_small)
            self._refuse_what_cannot_be_trained(base)
            took = time.perf_counter() - started
            yield StageProgress(stage="dataset", done=1, total=1)
            if dry_run:
                yield Personalized(
                    adapter_id="",
                    outcome="dry_run",
                    train=len(data.train),
                    held_out=len(data.held_out),
                    seconds={"dataset": took},
                )
                return
            wanted = Run(
                adapter_id="",
                model_id=base.id,
                base_sha256=base.sha256,
                recipe=recipe.id,
                stage="cache",
                removed=removed,
                small=force_small,
                started_at=0.0,
            )
            adapter = self._resumed(wanted, data) or self._registry.add(self._lineage(base, recipe, data), wanted)
            work = _Work(adapter=adapter, base=base, recipe=recipe, data=data, time_cap_s=time_cap_s)
            work.seconds["dataset"] = took
            yield from self._finished(work, cancel)
        finally:
            self._run(None)
            lock.release()

    def when_due(self, cancel: CancelToken, *, time_cap_s: float = 0.0) -> Iterator[PersonalizeEvent]:
        """`personalize` if it can, and would learn something that the last one did not; else nothing."""
        data = self.dataset.snapshot()
        known = {each.lineage.learned_from for each in self._registry.list() if each.state != "stale"}
        due = self.unfinished() is not None or data.learned_from not in known
        if due and data.readiness.ready and not self._trainer.check(self._bases.chosen().path):
            yield from self.personalize(cancel=cancel, time_cap_s=time_cap_s)

    def unfinished(self) -> Run | None:
        """A run that was killed and can go on, if nothing else runs."""
        found = self._registry.unfinished()
        return found[0] if found and not self.running else None

    def give_up(self) -> None:
        """Cancel the running personalization for good, or clear away one that was stopped."""
        self._gives_up = True
        if self._running is not None:
            self._running.cancel()
            return
        for run in self._registry.unfinished():
            self._registry.give_up(run.adapter_id, "cancelled")
        self._clear_jobs()

    def pause(self) -> None:
        self._trainer.pause()

    def resume(self) -> None:
        self._trainer.resume()

    def withdrawn(self, feedback_ids: frozenset[str]) -> None:
        """Feedback no longer holds: what learned from it is out of use, what is learning from it stops."""
        candidates = {run.adapter_id for run in self._registry.unfinished()}
        gone = {adapter.id for adapter in self.adapters.withdrawn(feedback_ids)}
        if gone & candidates:
            if self._running is not None:
                self._running.cancel()
            else:
                self._clear_jobs()

    def ratings_changed(self) -> None:
        """A rating was given: if daily use has turned against the adapter, go back by itself."""
        with contextlib.suppress(UserCanFix):  # without a model there is nothing to go back from
            self.adapters.look_at_ratings(self._bases.chosen().sha256)

    @property
    def rebuild_due(self) -> bool:
        """An adapter was taken away with the feedback it learned from, and none has been made since."""
        last = self._registry.last_ended()
        since = last[1] if last else 0.0
        return any(
            event.after == "stale" and event.before in ("active", "offered", "resting") and event.at > since
            for event in self._registry.timeline()
        )

    def take_in(
        self,
        source: Path,
        cancel: CancelToken,
        progress: Callable[[str, int, int], None] = lambda _name, _done, _total: None,
    ) -> tuple[Adapter, Verdict]:
        """Import an exported adapter and judge it, on this person's ratings as far as there are any.

        Raises UserCanFix("adapters.*"), Cancelled; then nothing of it stays.
        """
        base = self._bases.chosen()
        lock = self._registry.alone()
        try:
            self._run(cancel)
            adapter = self._zip.take_in(source, base.sha256, base.title)
            try:
                self._registry.made(adapter.id)
                data = self.dataset.snapshot()
                verdict = self._verdict(adapter, base, data if data.readiness.ready else None, cancel, progress)
            except (Cancelled, AppError):
                self._registry.give_up(adapter.id, "import failed")
                raise
            return self._registry.judged(adapter.id, verdict), verdict
        finally:
            self._run(None)
            lock.release()

    def export(self, adapter_id: str, target: Path) -> Adapter:
        """Write an adapter to take along. Raises AppError."""
        adapter = self.adapters.find(adapter_id)
        self._zip.export(adapter, target)
        return adapter

    def watch_running(self, watcher: Callable[[bool], None]) -> Callable[[], None]:
        """Tell `watcher`, on the thread of the work, when something begins and ends; returns what ends it."""
        self._watchers.append(watcher)

        def stop() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return stop

    # inside

    def _run(self, cancel: CancelToken | None) -> None:
        self._running = cancel
        for watcher in tuple(self._watchers):
            watcher(cancel is not None)

    def _finished(self, work: _Work, cancel: CancelToken) -> Generator[PersonalizeEvent, None, None]:
        adapter_id = work.adapter.id
        try:
            if not work.adapter.sha256 or not self._registry.file(adapter_id).is_file():
                yield from self._trained(work, cancel)
            yield from self._judged(work, cancel)
        except Cancelled:
            if self._gives_up or self._registry.find(adapter_id).state != "candidate":
                self._registry.give_up(adapter_id, "cancelled")
                self._clear_jobs()
            raise
        except AppError as error:
            self._registry.give_up(adapter_id, error.code)
            self._clear_jobs()
            raise
        self._clear_jobs()

    def _trained(self, work: _Work, cancel: CancelToken) -> Generator[PersonalizeEvent, None, None]:
        folder = self._registry.folder(work.adapter.id)
        with disk_errors(folder.parent):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        job = self._job(work)
        for crashes in range(MOST_CRASHES + 1):
            try:
                yield from self._train_once(work, job, cancel)
                break
            except EngineCrashed:
                if crashes == MOST_CRASHES:
                    raise
                _log.warning("the trainer died; it goes on from its last checkpoint")
            except EnvironmentProblem as error:
                if error.code != "training.memory" or crashes:
                    raise
                self._bases.make_room()
        self._raise_if_withdrawn(work.adapter.id)
        self._raise_if_replaced(work.base)
        self._registry.made(work.adapter.id)

    def _train_once(
        self, work: _Work, job: TrainingJob, cancel: CancelToken
    ) -> Generator[PersonalizeEvent, None, None]:
        stage: Stage = "cache"
        since = time.perf_counter()
        for event in self._trainer.train(job, cancel):
            now = time.perf_counter()
            work.spent(stage, now - since)
            since = now
            if isinstance(event, TrainingEnded):
                work.ended = event
            elif isinstance(event, TrainingPaused):
                yield Paused(stage=STAGE_OF[event.phase])
            elif isinstance(event, TrainingProgress):
                if STAGE_OF[event.phase] != stage:
                    stage = STAGE_OF[event.phase]
                    self._registry.set_stage(work.adapter.id, stage)
                left = event.seconds_left + GATE_SECONDS if event.seconds_left >= 0 else -1.0
                yield StageProgress(
                    stage=stage, done=event.done, total=event.total, seconds_left=left, words=event.phase
                )

    def _judged(self, work: _Work, cancel: CancelToken) -> Generator[PersonalizeEvent, None, None]:
        self._registry.set_stage(work.adapter.id, "gate")
        steps: list[tuple[str, int, int]] = []
        started = time.perf_counter()
        yield StageProgress(stage="gate", done=0, total=1, seconds_left=GATE_SECONDS)
        judging = _InThread(
            lambda: self._verdict(work.adapter, work.base, work.data, cancel, lambda *step: steps.append(step))
        )
        try:
            while not judging.wait(0.2):
                title, done, total = steps[-1] if steps else ("", 0, 1)
                left = (time.perf_counter() - started) / done * (total - done) if done else GATE_SECONDS
                yield StageProgress(stage="gate", done=done, total=total, seconds_left=left, words=title)
        except GeneratorExit:
            cancel.cancel()
            raise
        verdict = judging.result()
        work.spent("gate", time.perf_counter() - started)
        self._raise_if_withdrawn(work.adapter.id)
        self._registry.judged(work.adapter.id, verdict)
        yield work.personalized(verdict)

    def _verdict(
        self,
        adapter: Adapter,
        base: InstalledModel,
        data: Dataset | None,
        cancel: CancelToken,
        progress: Callable[[str, int, int], None],
    ) -> Verdict:
        """Judged again from the beginning when the judging model dies."""
        self._raise_if_replaced(base)
        current = self._registry.active(base.sha256)
        candidate = Candidate(
            path=str(self._registry.file(adapter.id)),
            base_sha256=base.sha256,
            data=data,
            current=str(self._registry.file(current.id)) if current and current.id != adapter.id else "",
            seed=adapter.lineage.seed,
        )
        for crashes in range(MOST_CRASHES):
            model = self._bases.judge(base)
            try:
                return self._evaluation.judge(model, candidate, cancel, progress)
            except EngineCrashed:
                if crashes == MOST_CRASHES - 1:
                    raise
            finally:
                model.close()
        raise AssertionError("unreachable")

    def _job(self, work: _Work) -> TrainingJob:
        return TrainingJob(
            base_path=work.base.path,
            base_sha256=work.base.sha256,
            examples=work.data.train,
            recipe=work.recipe,
            adapter_path=str(self._registry.file(work.adapter.id)),
            work_folder=str(self._folders.work),
            time_cap_s=work.time_cap_s,
            name=f"Personal adapter {work.adapter.id[:12]}",
        )

    def _lineage(self, base: InstalledModel, recipe: Recipe, data: Dataset) -> Lineage:
        current = self._registry.active(base.sha256)
        return Lineage(
            base_sha256=base.sha256,
            base_name=base.title,
            recipe=recipe.id,
            seed=recipe.seed,
            code_version=code_version(),
            parent_id=current.id if current else "",
            learned_from=data.learned_from,
            judged_on=data.judged_on,
        )

    def _resumed(self, wanted: Run, data: Dataset) -> Adapter | None:
        """The candidate of a killed run that asked for just this, if there is one; all others are cleared away."""
        going_on: Adapter | None = None
        for run in self._registry.unfinished():
            adapter = self._registry.find(run.adapter_id)
            same = replace(run, adapter_id="", stage=wanted.stage, started_at=0.0) == wanted
            sources = (adapter.lineage.learned_from, adapter.lineage.judged_on) == (data.learned_from, data.judged_on)
            if going_on is None and same and sources and adapter.state == "candidate":
                going_on = adapter
                self._registry.take_over(adapter.id)
            else:
                self._registry.give_up(adapter.id, "given up")
        if going_on is None:
            self._clear_jobs()
        return going_on

    def _refuse_what_cannot_be_trained(self, base: InstalledModel) -> None:
        if why := self._trainer.check(base.path):
            raise UserCanFix(
                "training.not_possible",
                why,
                remedy="Choose another model; ratings still act through rules and examples.",
            )
        self._raise_if_replaced(base)

    def _raise_if_replaced(self, base: InstalledModel) -> None:
        """Raises UserCanFix("personalize.model_changed") unless the file is the very one it was."""
        try:
            if not base.sha256 or sha256_of(Path(base.path)) == base.sha256:
                return
        except OSError as error:
            _log.warning("the model cannot be read: %s", error)
        raise UserCanFix(
            "personalize.model_changed",
            f"The file of {base.title} was replaced or removed.",
            remedy="Fetch the model again, or choose another one, then personalize again.",
        )

    def _raise_if_withdrawn(self, adapter_id: str) -> None:
        if self._registry.find(adapter_id).state != "candidate":
            raise Cancelled

    def _clear_jobs(self) -> None:
        """What a training leaves behind holds what the person wrote."""
        shutil.rmtree(self._folders.jobs, ignore_errors=True)


class _Work:
    """One personalization on its way: what goes in, and what was measured."""

    def __init__(
        self, *, adapter: Adapter, base: InstalledModel, recipe: Recipe, data: Dataset, time_cap_s: float
    ) -> None:
        self.adapter = adapter
        self.base = base
        self.recipe = recipe
        self.data = data
        self.time_cap_s = time_cap_s
        self.seconds: dict[str, float] = {}
        self.ended: TrainingEnded | None = None

    def spent(self, stage: str, seconds: float) -> None:
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    def personalized(self, verdict: Verdict) -> Personalized:
        return Personalized(
            adapter_id=self.adapter.id,
            outcome=verdict.outcome,
            train=len(self.data.train),
            held_out=len(self.data.held_out),
            verdict=verdict,
            seconds=self.seconds,
            tokens_per_second=self.ended.tokens_per_second if self.ended else 0.0,
            peak_memory_mb=self.ended.peak_memory_mb if self.ended else 0.0,
        )


class _InThread:
    """A blocking call beside the generator that tells of its progress."""

    def __init__(self, call: Callable[[], Verdict]) -> None:
        self._call = call
        self._result: Verdict | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="gate", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> Verdict:
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._call()
        except BaseException as error:  # noqa: BLE001  handed over to the caller's thread
            self._error = error
