"""What a trainer promises, kept by the scripted one; the real one's tests stand in tests/unit/test_trainer.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain.training import Recipe, TrainingEnded, TrainingEvent, TrainingJob, TrainingPaused
from desktop_app.engines.scripted import ScriptedTrainer
from desktop_app.errors import Cancelled
from desktop_app.ports import CancelToken, Trainer
from desktop_app.services.recipes import DEFAULT_RECIPE, load_recipes

RECIPE = Recipe(id="any", title="Any", summary="", objective="bco")


@pytest.fixture
def job(tmp_path: Path) -> TrainingJob:
    return TrainingJob(
        base_path="base.gguf",
        base_sha256="",
        examples=(),
        recipe=RECIPE,
        adapter_path=str(tmp_path / "adapter.gguf"),
        work_folder=str(tmp_path / "work"),
    )


def test_it_ends_once_with_the_file(job: TrainingJob) -> None:
    trainer: Trainer = ScriptedTrainer()
    events = list(trainer.train(job, CancelToken()))
    assert [isinstance(event, TrainingEnded) for event in events].count(True) == 1
    assert isinstance(events[-1], TrainingEnded)
    assert Path(job.adapter_path).is_file()


def test_a_pause_is_told_and_a_resume_goes_on(job: TrainingJob) -> None:
    trainer = ScriptedTrainer()
    trainer.pause()
    seen: list[TrainingEvent] = []
    for event in trainer.train(job, CancelToken()):
        seen.append(event)
        if isinstance(event, TrainingPaused):
            trainer.resume()
    assert sum(isinstance(event, TrainingPaused) for event in seen) == 1
    assert isinstance(seen[-1], TrainingEnded)


def test_a_cancelled_training_leaves_no_file(job: TrainingJob) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(ScriptedTrainer().train(job, cancel))
    assert not Path(job.adapter_path).exists()


def test_the_recipes_that_ship_can_be_read() -> None:
    recipes = load_recipes()
    assert next(iter(recipes)) == DEFAULT_RECIPE
    assert {recipe.objective for recipe in recipes.values()} == {"bco", "kto", "sft", "dpo"}
    assert all(recipe.title and recipe.summary for recipe in recipes.values())
