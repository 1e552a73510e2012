"""A model that looks at pictures itself, all the way from the file to the stored answer, and the answer is right.

The eyes are the project's own (`models/own`), the language model is a starter model. With random weights in their
place the same questions are answered wrongly: these tests see whether somebody sees.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_app.app import build, engines_with_test_eyes
from desktop_app.cli_turn import Told, answer_object, turn
from desktop_app.files import sha256_of
from desktop_app.paths import Places, resources
from desktop_app.services import own_models
from desktop_app.services.chat import AskOptions
from desktop_app.services.services import Services
from tests.fakes.projector import random_projector

pytestmark = [pytest.mark.models, pytest.mark.slow]
LANGUAGE = "smollm2-135m"
OPTIONS = AskOptions(model_id=LANGUAGE, temperature=0, seed=1, max_tokens=20)
SAMPLES = resources() / "samples" / "pictures"
DRAWN = Path(__file__).resolve().parents[1] / "data" / "eyes"
STARS, PAIR, DOG = SAMPLES / "stars.png", SAMPLES / "pair.png", DRAWN / "dog.png"
LOOKS: tuple[tuple[Path, str, str], ...] = (
    (STARS, "What shape is in the picture?", "star"),
    (STARS, "How many shapes are there?", "three"),
    (PAIR, "What is on the left?", "circle on the left"),
    (DOG, "What is in the picture?", "dog"),
)

Start = Callable[[], Services]


@pytest.fixture
def start(tmp_path: Path, model_store: Path) -> Iterator[Start]:
    """Everything as the application builds it, on an empty home and the starter models, with the test eyes."""
    started: list[Services] = []

    def begin() -> Services:
        home = tmp_path / "home"
        places = Places(data=home, cache=home / "cache", logs=home / "logs", models=model_store).create()
        started.append(build(places, engines_with_test_eyes))
        return started[-1]

    yield begin
    for services in started:
        services.close()


@pytest.fixture
def services(start: Start) -> Services:
    return start()


def asked(services: Services, text: str, *images: Path, conversation: str | None = None) -> Told:
    return turn(services, text, images=images, conversation_id=conversation, options=OPTIONS)


def answer(services: Services, told: Told) -> str:
    return services.history.message(told.answer_id).text.lower()


def right_answers(services: Services) -> int:
    return sum(wanted in answer(services, asked(services, question, file)) for file, question, wanted in LOOKS)


def test_shape_count_side_and_emoji_are_seen(services: Services) -> None:
    for file, question, wanted in LOOKS:
        told = asked(services, question, file)
        assert wanted in answer(services, told), (file.name, question)
        (picture,) = answer_object(services, told)["pictures"]
        assert picture["seen_by"] == "model"


def test_random_eyes_see_nothing(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above is worth something: it fails when the projector only looks like one."""
    (eyes,) = (each for each in own_models.own_eyes() if each.language == LANGUAGE)
    blind = random_projector(tmp_path / eyes.file)
    listed = {"id": eyes.id, "title": eyes.title, "language": LANGUAGE, "file": eyes.file, "card": eyes.card}
    listed |= {"sha256": sha256_of(blind), "bytes": blind.stat().st_size}
    lines = [f"{key} = {json.dumps(value)}" for key, value in listed.items()]
    (tmp_path / "own.toml").write_text("\n".join(["[[eyes]]", *lines]))
    monkeypatch.setattr(own_models, "own_folder", lambda: tmp_path)
    assert right_answers(start()) <= 1


def test_two_pictures_in_one_conversation(services: Services) -> None:
    first = asked(services, "What shape is in the picture?", STARS)
    second = asked(services, "What is in the picture?", DOG, conversation=first.conversation_id)
    assert "star" in answer(services, first)
    assert "dog" in answer(services, second)
    assert (second.timings.reused_tokens or 0) >= (first.timings.prompt_tokens or 0) - 1


def test_a_picture_deleted_in_the_middle(services: Services) -> None:
    """What was seen is gone, the conversation is not, and another picture is still seen."""
    first = asked(services, "What shape is in the picture?", STARS)
    (seen,) = answer_object(services, first)["pictures"]
    services.attachments.file(seen["sha256"]).unlink()
    second = asked(services, "What is in the picture?", DOG, conversation=first.conversation_id)
    assert "dog" in answer(services, second)
    back = asked(services, "What shape is in the picture?", STARS)
    assert "star" in answer(services, back)


def test_what_is_not_of_its_world_is_not_clear(services: Services) -> None:
    assert "not clear" in answer(services, asked(services, "What is in the picture?", SAMPLES / "poster.png"))


def test_the_application_itself_never_takes_these_eyes(tmp_path: Path, model_store: Path) -> None:
    home = tmp_path / "home"
    places = Places(data=home, cache=home / "cache", logs=home / "logs", models=model_store).create()
    services = build(places)
    try:
        assert all(not model.projector_path for model in services.library.installed("language") if not model.added)
        assert answer_object(services, asked(services, "What is it?", STARS))["pictures"][0]["seen_by"] == "reader"
    finally:
        services.close()
