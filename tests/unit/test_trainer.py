"""The trainer on a tiny random model: the file it writes, interruptions that change nothing, refusals."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest
from gguf import GGUFReader

from desktop_app.domain.dataset import Dataset, snapshot
from desktop_app.domain.training import TrainingEnded, TrainingEvent, TrainingJob, TrainingPaused, TrainingProgress
from desktop_app.engines import peft_trainer
from desktop_app.engines.adapter_check import check_adapter
from desktop_app.engines.checkpoints import Item
from desktop_app.engines.gguf_families import reason_against
from desktop_app.engines.host import EngineHost
from desktop_app.engines.hosted import HostedTrainer
from desktop_app.engines.peft_trainer import PeftTrainer
from desktop_app.engines.training_loop import batches
from desktop_app.engines.training_plan import class_factors
from desktop_app.errors import AppError, Cancelled, EngineCrashed
from desktop_app.ports import CancelToken, Trainer
from tests.unit import lora_kit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lora_kit.tiny_model(tmp_path_factory.mktemp("base") / "tiny.gguf", "llama")


@pytest.fixture(scope="module")
def undisturbed(base: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The adapter file of the usual job, trained in one go."""
    job = lora_kit.job(base, tmp_path_factory.mktemp("undisturbed"))
    list(PeftTrainer().train(job, CancelToken()))
    return Path(job.adapter_path).read_bytes()


@pytest.fixture
def saving_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peft_trainer, "CHECKPOINT_S", 0.0)


def trainer_that_saves_always() -> PeftTrainer:
    """Built in a child."""
    peft_trainer.CHECKPOINT_S = 0.0
    return PeftTrainer()


def steps(events: Iterator[TrainingEvent]) -> Iterator[TrainingProgress]:
    """The events after each finished step."""
    for event in events:
        if isinstance(event, TrainingProgress) and event.phase == "training" and event.done:
            yield event


def trained_file(trainer: Trainer, job: TrainingJob) -> bytes:
    list(trainer.train(job, CancelToken()))
    return Path(job.adapter_path).read_bytes()


def test_a_training_ends_with_an_adapter_that_the_model_takes(base: Path, tmp_path: Path) -> None:
    from desktop_app.engines.llama import LlamaModel

    job = lora_kit.job(base, tmp_path)
    *before, ended = PeftTrainer().train(job, CancelToken())
    assert isinstance(ended, TrainingEnded)
    assert all(isinstance(event, TrainingProgress) for event in before)
    assert ended.steps == 6
    assert ended.examples == 12
    assert ended.peak_memory_mb > 0
    assert {"checking", "weights", "words", "cache", "training", "export"} <= set(ended.seconds)
    check_adapter(Path(job.adapter_path), base, job.base_sha256)
    assert not list((tmp_path / "work" / "jobs").iterdir()), "what a person wrote does not stay behind"
    model = LlamaModel(str(base), sha256=job.base_sha256, context_tokens=256, threads=1)
    model.use_adapter(job.adapter_path)
    model.close()


def test_the_same_job_gives_the_same_file(base: Path, undisturbed: bytes, tmp_path: Path) -> None:
    assert trained_file(PeftTrainer(), lora_kit.job(base, tmp_path)) == undisturbed


@pytest.mark.parametrize("objective", ["kto", "sft", "dpo"])
def test_every_objective_trains(objective: str, base: Path, undisturbed: bytes, tmp_path: Path) -> None:
    recipe = replace(lora_kit.RECIPE, objective=objective, epochs=1)
    ended = list(PeftTrainer().train(lora_kit.job(base, tmp_path, recipe=recipe), CancelToken()))[-1]
    assert isinstance(ended, TrainingEnded)
    assert ended.steps > 0


def test_what_goes_too_far_is_written_down_weaker(base: Path, tmp_path: Path) -> None:
    recipe = replace(lora_kit.RECIPE, drift_limit=1e-4)
    ended = list(PeftTrainer().train(lora_kit.job(base, tmp_path, recipe=recipe), CancelToken()))[-1]
    assert isinstance(ended, TrainingEnded)
    assert ended.losses["strength"] < 1


@pytest.mark.usefixtures("saving_always")
def test_a_training_that_was_left_alone_goes_on(base: Path, undisturbed: bytes, tmp_path: Path) -> None:
    job = lora_kit.job(base, tmp_path)
    events = PeftTrainer().train(job, CancelToken())
    seen = [next(steps(events)).done for _ in range(3)]
    events.close()  # type: ignore[attr-defined]
    resumed = list(PeftTrainer().train(job, CancelToken()))
    assert seen == [1, 2, 3]
    assert next(steps(iter(resumed))).done == 3
    assert Path(job.adapter_path).read_bytes() == undisturbed


def test_kill_9_changes_nothing(base: Path, undisturbed: bytes, tmp_path: Path) -> None:
    host = EngineHost("trainer", "tests.unit.test_trainer:trainer_that_saves_always", {})
    trainer = HostedTrainer(host, reason_against)
    job = lora_kit.job(base, tmp_path)
    events = trainer.train(job, CancelToken())
    for event in steps(events):
        if event.done == 2:
            os.kill(host.pid or 0, signal.SIGKILL)
            break
    with pytest.raises(EngineCrashed):
        list(events)
    assert not Path(job.adapter_path).exists()
    assert trained_file(trainer, job) == undisturbed
    trainer.close()


def test_unlearning_is_having_never_learned(base: Path, tmp_path: Path) -> None:
    """Trained again without one rating, the adapter is the one of somebody who never gave it."""
    every = lora_kit.examples(40)
    withdrawn = every[11]
    others = tuple(each for each in every if each is not withdrawn)

    def trained(name: str, data: Dataset) -> dict[str, Any]:
        job = lora_kit.job(base, tmp_path / name, examples=data.train)
        trained_file(PeftTrainer(), job)
        return {tensor.name: tensor.data for tensor in GGUFReader(job.adapter_path).tensors}

    knew, forgot, never = (
        trained("knew", snapshot(every)),
        trained("forgot", snapshot(every, removed=frozenset({withdrawn.feedback_id}))),
        trained("never", snapshot(others)),
    )
    assert knew.keys() == forgot.keys() == never.keys()
    assert all(numpy.array_equal(forgot[name], never[name]) for name in never)
    assert not all(numpy.allclose(knew[name], never[name], atol=1e-4) for name in never), "the rating taught something"


def test_of_many_dislikes_an_epoch_takes_some_in_turn() -> None:
    items = [Item(lesson=k, liked=k < 3, weight=1.0, smoothing=0.1) for k in range(12)]
    recipe = replace(lora_kit.RECIPE, dislikes_per_like=1.0, epochs=3, batch=100)
    taken = [[item.lesson for item in batch] for batch in batches(items, recipe)]
    assert [sum(lesson < 3 for lesson in batch) for batch in taken] == [3, 3, 3]
    assert sorted(lesson for batch in taken for lesson in batch if lesson >= 3) == list(range(3, 12))
    assert class_factors(items, recipe) == {True: 1.0, False: 1.0}


def test_damaged_leftovers_are_made_again(base: Path, undisturbed: bytes, tmp_path: Path) -> None:
    job = lora_kit.job(base, tmp_path)
    events = PeftTrainer().train(job, CancelToken())
    next(steps(events))
    events.close()  # type: ignore[attr-defined]
    for file in (tmp_path / "work").rglob("*"):
        if file.is_file() and file.suffix != ".json":
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert trained_file(PeftTrainer(), job) == undisturbed


def test_a_pause_in_the_middle_of_a_computation_changes_nothing(base: Path, undisturbed: bytes, tmp_path: Path) -> None:
    class Disturbed(PeftTrainer):
        breaths = 0

        def breathe(self) -> None:
            self.breaths += 1
            if self.breaths % 41 == 0:
                self.pause()
            super().breathe()

    trainer, job, pauses = Disturbed(), lora_kit.job(base, tmp_path), 0
    for event in trainer.train(job, CancelToken()):
        if isinstance(event, TrainingPaused):
            pauses += 1
            trainer.resume()
    assert pauses > 5
    assert Path(job.adapter_path).read_bytes() == undisturbed


def test_a_pause_reaches_the_child_and_a_cancel_ends_it(base: Path, tmp_path: Path) -> None:
    trainer = HostedTrainer(EngineHost("trainer", "desktop_app.engines.peft_trainer:PeftTrainer", {}), reason_against)
    job, cancel = lora_kit.job(base, tmp_path), CancelToken()
    trainer.pause()
    events = trainer.train(job, cancel)
    assert any(isinstance(event, TrainingPaused) for event in events if not _other(event, cancel))
    with pytest.raises(Cancelled):
        list(events)
    assert not Path(job.adapter_path).exists()
    trainer.forget(job)
    assert not list((tmp_path / "work" / "jobs").iterdir())
    trainer.close()


def _other(event: TrainingEvent, cancel: CancelToken) -> bool:
    if isinstance(event, TrainingPaused):
        cancel.cancel()
        return False
    return True


def test_the_kept_path_is_the_whole_computation(base: Path, tmp_path: Path) -> None:
    import torch

    from desktop_app.engines.hidden_cache import Lessons, save
    from desktop_app.engines.training_words import Lesson
    from tests.unit.test_lora_families import policy_of

    policy = policy_of(base, tmp_path)
    ids = torch.randint(0, 256, (40,), generator=torch.Generator().manual_seed(3)).tolist()
    lessons = Lessons(policy, [Lesson(tuple(ids), 25)], 0)
    with policy.as_base():
        kept = lessons.computed(0)
    save(kept, tmp_path / "kept.safetensors")
    lessons.open(tmp_path / "kept.safetensors")

    def whole() -> Any:
        out = policy._core(input_ids=torch.tensor([ids[:-1]])).last_hidden_state[0]
        return policy._head(out).log_softmax(1)[torch.arange(24, 39), torch.tensor(ids[25:])]

    with torch.no_grad():
        assert torch.allclose(lessons.now(0), whole(), atol=1e-5)
        with policy.as_base():
            assert torch.allclose(lessons.base(0), whole(), atol=1e-5)
    assert not torch.allclose(lessons.now(0), lessons.base(0), atol=1e-3)


def test_a_full_disk_is_a_sentence(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from safetensors import SafetensorError

    def full(*_arguments: object) -> None:
        raise SafetensorError("No space left on device")

    monkeypatch.setattr("safetensors.torch.save_file", full)
    with pytest.raises(AppError) as failed:
        list(PeftTrainer().train(lora_kit.job(base, tmp_path), CancelToken()))
    assert failed.value.code == "training.disk"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"base_sha256": "0" * 64}, "training.base_changed"),
        ({"memory_budget_bytes": 1 << 20}, "training.memory"),
        ({"examples": ()}, "training.nothing"),
    ],
)
def test_what_cannot_be_trained_is_a_sentence(changes: dict[str, Any], code: str, base: Path, tmp_path: Path) -> None:
    job = lora_kit.job(base, tmp_path, **changes)
    with pytest.raises(AppError) as failed:
        list(PeftTrainer().train(job, CancelToken()))
    assert failed.value.code == code
    assert not Path(job.adapter_path).exists()
