"""The trainer of the test eyes on a network too small to learn: it repeats itself, goes on, and writes a sound file."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy
import pytest

from desktop_app.engines.eyes.export import write_projector
from desktop_app.engines.eyes.recipe import EncoderRecipe, EyesRecipe, load_recipe
from desktop_app.engines.eyes.training import Progress, schedule, train, trained_weights
from desktop_app.engines.eyes.world import DICTIONARY
from desktop_app.engines.gguf_header import read_header
from desktop_app.errors import Cancelled
from desktop_app.ports import CancelToken

pytestmark = pytest.mark.slow


@pytest.fixture
def recipe() -> EyesRecipe:
    plan = msgspec.structs.replace(
        load_recipe().training, steps=4, batch=6, warm_up=1, save_every=10, check_every=10, check_pictures=12
    )
    return EyesRecipe(
        encoder=EncoderRecipe(patch_px=16, width=32, layers=1, heads=2), training=plan, export=load_recipe().export
    )


def trained(recipe: EyesRecipe, folder: Path, processes: int = 1) -> tuple[list[Progress], dict[str, numpy.ndarray]]:
    told = list(train(recipe, folder, CancelToken(), processes=processes))
    return told, trained_weights(folder)


def test_a_stopped_run_goes_on_to_the_same_end(recipe: EyesRecipe, tmp_path: Path) -> None:
    told, straight = trained(recipe, tmp_path / "straight")
    assert [each.step for each in told] == [1, 2, 3, 4]
    cancel = CancelToken()
    halves = train(recipe, tmp_path / "halves", cancel)
    assert [next(halves).step, next(halves).step] == [1, 2]
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(halves)
    told, went_on = trained(recipe, tmp_path / "halves")
    assert [each.step for each in told] == [3, 4]
    assert all(numpy.allclose(straight[name], went_on[name], atol=1e-6) for name in straight)


def test_two_processes_learn_what_one_learns(recipe: EyesRecipe, tmp_path: Path) -> None:
    """But for the order of sums, which the optimizers' first steps enlarge in weights that hardly matter."""
    (_, alone), (_, together) = trained(recipe, tmp_path / "alone"), trained(recipe, tmp_path / "together", processes=2)
    one, two = (numpy.concatenate([each[name].ravel() for name in sorted(alone)]) for each in (alone, together))
    assert float(one @ two / numpy.sqrt((one @ one) * (two @ two))) > 0.99


def test_the_file_is_sound_and_marked_as_ours(recipe: EyesRecipe, tmp_path: Path) -> None:
    _, weights = trained(recipe, tmp_path)
    path = write_projector(tmp_path / "eyes.gguf", weights, numpy.ones((len(DICTIONARY), 24), "float32"), recipe)
    header = read_header(path)
    assert (header.kind, header.embedding_length, header.image_size, header.own) == ("projector", 24, 96, True)


def test_the_rate_rises_stays_and_falls(recipe: EyesRecipe) -> None:
    plan = msgspec.structs.replace(recipe.training, steps=100, warm_up=10, opening=50, settled=0.5, decay_share=0.3)
    assert [schedule(plan, step) for step in (0, 9, 69)] == [(0.1, 0.0), (1.0, 0.0), (0.5, 0.0)]
    assert schedule(plan, 85) == pytest.approx((0.25, 0.5))
