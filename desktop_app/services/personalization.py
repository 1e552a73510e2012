"""From ratings to an offered adapter: data set, training, gate; one at a time, stoppable, and whole after any crash.

The journal in the database names the stage. A killed run goes on with the same adapter when nothing has changed since,
else it is cleared away. A candidate is offered in the same transaction that ends its line of the journal.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

from desktop_app import __version__
from desktop_app.domain.adapters import Adapter, Lineage
from desktop_app.domain.dataset import Dataset
from desktop_app.domain.gate import Verdict
from desktop_app.domain.model_specs import InstalledModel
from desktop_app.domain.personalizing import (
    Personalized,
    PersonalizeEvent,
    Preview,
    Run,
    StageProgress,
    seconds_expected,
)
from desktop_app.domain.training import Recipe
from desktop_app.errors import AppError, Cancelled, UserCanFix
from desktop_app.ports import CancelToken, Trainer
from desktop_app.services.adapter_zip import AdapterZip
from desktop_app.services.adapters import AdapterService
from desktop_app.services.dataset import DatasetService, characters, check_ready, counts
from desktop_app.services.evaluation import EvaluationService
from desktop_app.services.recipes import recipe as load_recipe
from desktop_app.services.training_stages import Bases, Folders, TrainingStages, Work


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
        self._stages = TrainingStages(adapters.registry, evaluation, trainer, bases, folders)
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
            seconds=seconds_expected(characters(data), base.bytes),
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
            work = Work(adapter=adapter, base=base, recipe=recipe, data=data, time_cap_s=time_cap_s)
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
                verdict = self._stages.verdict(adapter, base, data if data.readiness.ready else None, cancel, progress)
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

    def _finished(self, work: Work, cancel: CancelToken) -> Generator[PersonalizeEvent, None, None]:
        adapter_id = work.adapter.id
        try:
            if not work.adapter.sha256 or not self._registry.file(adapter_id).is_file():
                yield from self._stages.trained(work, cancel)
            yield from self._stages.judged(work, cancel)
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

    def _lineage(self, base: InstalledModel, recipe: Recipe, data: Dataset) -> Lineage:
        current = self._registry.active(base.sha256)
        return Lineage(
            base_sha256=base.sha256,
            base_name=base.title,
            recipe=recipe.id,
            seed=recipe.seed,
            code_version=__version__,
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
        self._stages.raise_if_replaced(base)

    def _clear_jobs(self) -> None:
        """What a training leaves behind holds what the person wrote."""
        shutil.rmtree(self._folders.jobs, ignore_errors=True)
