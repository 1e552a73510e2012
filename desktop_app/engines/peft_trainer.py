"""The trainer: from what a person taught to an adapter file, phase by phase, in the trainer child.

What each phase does stands in the files it calls. Here: their order, pausing, resuming, cancelling, the memory budget
and the numbers that are told.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from desktop_app.domain.training import (
    Phase,
    TrainingEnded,
    TrainingEvent,
    TrainingJob,
    TrainingPaused,
    TrainingProgress,
)
from desktop_app.engines import gguf_weights, hidden_cache, training_loop, training_plan
from desktop_app.engines.checkpoints import JobFolder, Plan
from desktop_app.engines.gguf_export import GgufExporter
from desktop_app.engines.gguf_families import Family, read_family, reason_against
from desktop_app.engines.hidden_cache import Lessons
from desktop_app.engines.policy import Policy
from desktop_app.engines.training_loop import TrainingLoop
from desktop_app.engines.training_room import check_memory, free_threads, peak_memory_mb, step_aside
from desktop_app.errors import Bug, EnvironmentProblem
from desktop_app.ports import CancelToken

CHECKPOINT_S = 5.0
T = TypeVar("T")
_Told = Generator[TrainingEvent, None, T]

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # waiting threads leave the cores to the person


class Interrupted(Exception):
    """A pause was asked for in the middle of a computation, which is done again afterwards."""


class PeftTrainer:
    """The port `Trainer`."""

    def __init__(self) -> None:
        self._going = threading.Event()
        self._going.set()
        self._cancel = CancelToken()

    def check(self, base_path: str) -> str:
        return reason_against(base_path)

    def train(self, job: TrainingJob, cancel: CancelToken) -> Iterator[TrainingEvent]:
        self._cancel = cancel
        folder = JobFolder(job)
        try:
            folder.make()
            ended = yield from _Training(job, folder, self).run()
        except OSError as error:
            raise EnvironmentProblem(
                "training.disk",
                "The training could not write what it needs.",
                remedy="Free some space on the disk, then start once more: it goes on where it was.",
                detail=str(error),
            ) from error
        folder.remove()
        yield ended

    def pause(self) -> None:
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    def forget(self, job: TrainingJob) -> None:
        JobFolder(job).remove()

    def close(self) -> None:
        return

    def breathe(self) -> None:
        """Called often inside computations. Raises Cancelled, Interrupted."""
        self._cancel.raise_if_cancelled()
        if not self._going.is_set():
            raise Interrupted

    def wait(self, phase: Phase) -> Iterator[TrainingPaused]:
        """Where a pause is sat out. Raises Cancelled."""
        self._cancel.raise_if_cancelled()
        if self._going.is_set():
            return
        yield TrainingPaused(phase=phase)
        with self._cancel.calling(self._going.set):
            self._going.wait()
        self._cancel.raise_if_cancelled()


class _Training:
    """One training, from its job to its end."""

    def __init__(self, job: TrainingJob, folder: JobFolder, trainer: PeftTrainer) -> None:
        self._job = job
        self._folder = folder
        self._trainer = trainer
        self._seconds: dict[str, float] = {}
        self._paused_s = 0.0

    def run(self) -> _Told[TrainingEnded]:
        import torch

        job, recipe = self._job, self._job.recipe
        step_aside(job.nice)
        with self._timed("checking"):
            yield TrainingProgress(phase="checking", done=0, total=1)
            yield from self._paced("checking", gguf_weights.check_base(job))
            family = read_family(Path(job.base_path))
            check_memory(family, recipe, job.memory_budget_bytes)
        found = self._folder.read_plan()
        threads = found.threads if found else job.threads or free_threads()
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(True)
        policy = yield from self._policy(family)
        plan = found or (yield from self._planned(policy, threads))
        lessons = yield from self._lessons(policy, plan)
        policy.drop_lower()
        loop, stopped_by = yield from self._trained(policy, lessons, plan)
        strength = yield from self._strength(loop)
        with self._timed("export"):
            yield TrainingProgress(phase="export", done=0, total=1, seconds_left=0.0)
            adapter = policy.adapter(recipe, job.base_sha256, job.name, strength)
            GgufExporter().export(adapter, Path(job.adapter_path))
        return TrainingEnded(
            adapter_path=job.adapter_path,
            seconds=self._seconds,
            tokens_per_second=loop.tokens / max(1e-9, self._seconds.get("training", 0.0)),
            peak_memory_mb=peak_memory_mb(),
            steps=loop.step,
            examples=len(plan.items),
            losses={**loop.losses, "strength": strength},
            stopped_by=stopped_by,
        )

    def _policy(self, family: Family) -> _Told[Policy]:
        file = gguf_weights.weights_file(self._job)
        with self._timed("weights"):
            yield TrainingProgress(phase="weights", done=0, total=1)
            for fresh in (False, True):
                if fresh or not file.is_file():
                    yield from self._paced("weights", gguf_weights.dequantise(Path(self._job.base_path), family, file))
                try:
                    return Policy(family, gguf_weights.load(file), self._job.recipe, self._trainer.breathe)
                except (ValueError, KeyError):  # a damaged file is made once more
                    file.unlink(missing_ok=True)
                    if fresh:
                        raise
        raise AssertionError

    def _planned(self, policy: Policy, threads: int) -> _Told[Plan]:
        """The words of everything that is learned, written down for a resume."""
        with self._timed("words"):
            plan: Plan = yield from self._paced("words", training_plan.planned(self._job, policy, threads))
        self._folder.write_plan(plan)
        return plan

    def _lessons(self, policy: Policy, plan: Plan) -> _Told[Lessons]:
        lessons = Lessons(policy, plan.lessons, plan.replayed)
        with self._timed("cache"):
            try:
                lessons.open(self._folder.cache)
            except ValueError:
                kept: dict[str, Any] = {}
                for index in range(len(lessons)):
                    kept |= yield from self._whole("cache", partial(lessons.computed, index))
                    yield TrainingProgress(phase="cache", done=index + 1, total=len(lessons))
                hidden_cache.save(kept, self._folder.cache)
                lessons.open(self._folder.cache)
        return lessons

    def _trained(self, policy: Policy, lessons: Lessons, plan: Plan) -> _Told[tuple[TrainingLoop, Any]]:
        recipe, job = self._job.recipe, self._job
        loop = TrainingLoop(policy, lessons, plan, recipe)
        state = self._folder.read_state()
        if state is not None:
            loop.restore(state)
            self._seconds["training"] = state["seconds"]
        resumed = state is not None
        yield TrainingProgress(phase="training", done=loop.step, total=loop.steps, resumed=resumed)
        saved, first, began = time.monotonic(), loop.step, self._clock()
        with self._timed("training"):
            while loop.step < loop.steps:
                spent = self._clock() - began
                if job.time_cap_s and self._seconds.get("training", 0.0) + spent > job.time_cap_s and loop.step:
                    return loop, "time"
                for part in loop.parts():
                    yield from self._whole("training", part)
                loop.update()
                if time.monotonic() - saved >= CHECKPOINT_S:
                    saved = time.monotonic()
                    so_far = self._seconds.get("training", 0.0) + self._clock() - began
                    self._folder.write_state({**loop.state(), "seconds": so_far})
                left = (self._clock() - began) / (loop.step - first) * (loop.steps - loop.step)
                yield TrainingProgress(
                    phase="training",
                    done=loop.step,
                    total=loop.steps,
                    seconds_left=left,
                    loss=sum(loop.losses.values()),
                    resumed=resumed,
                )
        return loop, "steps"

    def _strength(self, loop: TrainingLoop) -> _Told[float]:
        """The greatest strength at which the adapter stays near enough to the base."""
        recipe = self._job.recipe
        with self._timed("drift"):
            for strength in training_loop.STRENGTHS if recipe.drift_limit else (1.0,):
                found: list[tuple[float, float]] = []
                for part in loop.drift(strength):
                    found.append((yield from self._whole("training", part)))
                drift, loss = (sum(each[place] for each in found) / max(1, len(found)) for place in (0, 1))
                loop.losses |= {"held-out drift": drift, "held-out loss": loss}
                if not isfinite(drift + loss):
                    raise astray()
                if drift <= recipe.drift_limit and loss <= recipe.loss_limit:
                    break
        return strength

    def _paced(self, phase: Phase, steps: Generator[Any, None, Any]) -> _Told[Any]:
        """Run a generator, sitting out pauses at its yields; what it returns."""
        try:
            while True:
                yield from self._sat_out(phase)
                told = next(steps)
                if isinstance(told, TrainingProgress):
                    yield told
        except StopIteration as ended:
            return ended.value
        finally:
            steps.close()

    def _whole(self, phase: Phase, compute: Callable[[], T]) -> _Told[T]:
        """Compute; interrupted by a pause, compute again after it."""
        while True:
            try:
                return compute()
            except Interrupted:
                yield from self._sat_out(phase)

    def _sat_out(self, phase: Phase) -> Iterator[TrainingEvent]:
        began = time.monotonic()
        yield from self._trainer.wait(phase)
        self._paused_s += time.monotonic() - began

    def _clock(self) -> float:
        """Seconds that were not spent in pauses."""
        return time.monotonic() - self._paused_s

    @contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        began = self._clock()
        try:
            yield
        finally:
            self._seconds[phase] = self._seconds.get(phase, 0.0) + self._clock() - began


def astray() -> Bug:
    return Bug(
        "training.not_finite",
        "The training went astray and gave numbers that no model can use.",
        remedy="Start once more; nothing has changed.",
    )
