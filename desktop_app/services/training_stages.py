"""The stages of one personalization: the trainer makes the file, the gate judges it. What surrounds them is not here.

A trainer or a judge that dies is started again; the training goes on from its last checkpoint.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from desktop_app.domain.adapters import Adapter
from desktop_app.domain.dataset import Dataset
from desktop_app.domain.gate import Verdict
from desktop_app.domain.model_specs import InstalledModel
from desktop_app.domain.personalizing import STAGE_OF, Paused, Personalized, PersonalizeEvent, Stage, StageProgress
from desktop_app.domain.training import Recipe, TrainingEnded, TrainingJob, TrainingPaused, TrainingProgress
from desktop_app.errors import Cancelled, EngineCrashed, EnvironmentProblem, UserCanFix
from desktop_app.files import disk_errors, sha256_of
from desktop_app.ports import CancelToken, LanguageModel, Trainer
from desktop_app.services.adapter_registry import AdapterRegistry
from desktop_app.services.evaluation import Candidate, EvaluationService

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


class Work:
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


class TrainingStages:
    """Blocking generators of events. `folders.work` keeps what can be made again."""

    def __init__(
        self, registry: AdapterRegistry, evaluation: EvaluationService, trainer: Trainer, bases: Bases, folders: Folders
    ) -> None:
        self._registry = registry
        self._evaluation = evaluation
        self._trainer = trainer
        self._bases = bases
        self._folders = folders

    def trained(self, work: Work, cancel: CancelToken) -> Generator[PersonalizeEvent, None, None]:
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
        self.raise_if_replaced(work.base)
        self._registry.made(work.adapter.id)

    def _train_once(self, work: Work, job: TrainingJob, cancel: CancelToken) -> Generator[PersonalizeEvent, None, None]:
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

    def judged(self, work: Work, cancel: CancelToken) -> Generator[PersonalizeEvent, None, None]:
        self._registry.set_stage(work.adapter.id, "gate")
        steps: list[tuple[str, int, int]] = []
        started = time.perf_counter()
        yield StageProgress(stage="gate", done=0, total=1, seconds_left=GATE_SECONDS)
        judging = _InThread(
            lambda: self.verdict(work.adapter, work.base, work.data, cancel, lambda *step: steps.append(step))
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

    def verdict(
        self,
        adapter: Adapter,
        base: InstalledModel,
        data: Dataset | None,
        cancel: CancelToken,
        progress: Callable[[str, int, int], None],
    ) -> Verdict:
        """Judged again from the beginning when the judging model dies."""
        self.raise_if_replaced(base)
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

    def _job(self, work: Work) -> TrainingJob:
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

    def raise_if_replaced(self, base: InstalledModel) -> None:
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
