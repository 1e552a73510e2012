"""The mtmd path on random weights: what it costs, what is kept, how it stops. What it says means nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from desktop_app.domain.generation import GenerationEnded, ModelRequest, PromptProgress, Sampling
from desktop_app.domain.messages import Message, Picture, said
from desktop_app.engines.gguf_header import read_header
from desktop_app.engines.host import EngineHost
from desktop_app.engines.hosted import HostedLanguageModel
from desktop_app.engines.llama import LlamaModel
from desktop_app.errors import UserCanFix
from desktop_app.ports import CancelToken
from tests.fakes.projector import random_projector

pytestmark = [pytest.mark.models, pytest.mark.slow]
SIDE, TOKENS = 96, 36
RED, BLUE = (Picture(sha256=letter * 64, width=120, height=80) for letter in "ab")
CALM = Sampling(temperature=0, max_tokens=4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("eyes")
    random_projector(folder / "mmproj.gguf")
    for picture, colour in ((RED, "red"), (BLUE, "blue")):
        Image.new("RGB", (picture.width, picture.height), colour).save(folder / f"{picture.sha256}.png")
    return folder


@pytest.fixture
def model(folder: Path, model_store: Path) -> Iterator[LlamaModel]:
    made = LlamaModel(language(model_store), projector_path=str(folder / "mmproj.gguf"), context_tokens=2048)
    yield made
    made.close()


def language(store: Path) -> str:
    return str(next((store / "smollm2-135m").glob("*.gguf")))


def asked(folder: Path, *messages: Message, key: str = "one") -> ModelRequest:
    files = {picture.sha256: str(folder / f"{picture.sha256}.png") for picture in (RED, BLUE)}
    return ModelRequest(messages=messages, sampling=CALM, cache_key=key, picture_files=files)


def ended(model: LlamaModel | HostedLanguageModel, request: ModelRequest) -> GenerationEnded:
    last = list(model.stream(request, CancelToken()))[-1]
    assert isinstance(last, GenerationEnded)
    return last


FIRST = said("user", "What is this?", (RED,))
ANSWER = said("assistant", "A square.")


def test_it_loads_and_tells_what_a_picture_costs(model: LlamaModel, folder: Path) -> None:
    abilities = model.load()
    assert abilities.sees_pictures
    assert abilities.picture_tokens == (TOKENS, TOKENS)
    assert abilities.picture_side == SIDE
    words_only = model.count_tokens(asked(folder, said("user", "What is this?")))
    seen = model.count_tokens(asked(folder, FIRST))
    assert TOKENS <= seen - words_only <= TOKENS + 2  # the line break after the picture may be a token


def test_a_follow_up_encodes_nothing_and_reads_only_the_new_words(model: LlamaModel, folder: Path) -> None:
    first = ended(model, asked(folder, FIRST))
    assert (first.pictures_encoded, first.reused_tokens) == (1, 0)
    again = ended(model, asked(folder, FIRST, ANSWER, said("user", "Which colour?")))
    assert again.pictures_encoded == 0
    assert again.reused_tokens >= first.prompt_tokens - 1


def test_another_conversation_about_the_same_picture_reads_it_without_the_encoder(
    model: LlamaModel, folder: Path
) -> None:
    ended(model, asked(folder, FIRST, key="one"))
    other = ended(model, asked(folder, said("user", "Tell me more.", (RED,)), key="two"))
    assert other.pictures_encoded == 0
    back = ended(model, asked(folder, FIRST, ANSWER, said("user", "And?"), key="one"))
    assert back.reused_tokens > TOKENS


def test_two_pictures_are_two_and_in_order(model: LlamaModel, folder: Path) -> None:
    both = ended(model, asked(folder, said("user", "Compare them.", (RED, BLUE))))
    assert both.pictures_encoded == 2
    swapped = ended(model, asked(folder, said("user", "Compare them.", (BLUE, RED))))
    assert swapped.pictures_encoded == 0
    assert swapped.reused_tokens < TOKENS


def test_vectors_are_those_of_the_picture(model: LlamaModel, folder: Path) -> None:
    model.load()
    eyes = model._eyes
    assert eyes is not None
    red, blue = (eyes.look(each.sha256, str(folder / f"{each.sha256}.png"))[0] for each in (RED, BLUE))
    assert not isinstance(red, int) and not isinstance(blue, int)
    assert list(eyes.encode(red)) == list(eyes.encode(red))
    assert list(eyes.encode(red)) != list(eyes.encode(blue))


def test_the_child_sees_too(folder: Path, model_store: Path) -> None:
    options = {
        "model_path": language(model_store),
        "projector_path": str(folder / "mmproj.gguf"),
        "context_tokens": 2048,
    }
    model = HostedLanguageModel(EngineHost("language model", "desktop_app.engines.llama:LlamaModel", options))
    assert ended(model, asked(folder, FIRST)).pictures_encoded == 1
    model.close()


def test_cancel_reaches_the_encoder(tmp_path: Path, folder: Path, model_store: Path) -> None:
    """A large tower takes seconds for one picture; the person does not wait for it."""
    heavy = random_projector(tmp_path / "heavy.gguf", image=448, patch=14, hidden=512, layers=12, heads=8)
    model = LlamaModel(language(model_store), projector_path=str(heavy), context_tokens=2048)
    model.load()
    cancel = CancelToken()
    events = model.stream(asked(folder, FIRST), cancel)
    assert isinstance(next(events), PromptProgress)
    threading.Timer(0.2, cancel.cancel).start()
    last = list(events)[-1]
    assert isinstance(last, GenerationEnded)
    assert (last.stopped_by, last.pictures_encoded, last.tokens) == ("person", 0, 0)
    assert last.total_ms < 3000  # the whole picture takes longer; the measured time stands in the bench
    assert ended(model, asked(folder, said("user", "Hello"))).stopped_by != "person"
    model.close()


def test_a_deleted_picture_is_a_sentence_until_it_was_seen(model: LlamaModel, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UserCanFix) as failed:
        list(model.stream(asked(tmp_path, FIRST), CancelToken()))
    assert failed.value.code == "picture.gone"
    ended(model, asked(folder, FIRST))
    assert ended(model, asked(tmp_path, FIRST, ANSWER, said("user", "And?"))).pictures_encoded == 0


def test_a_projector_of_another_model_is_a_sentence(tmp_path: Path, model_store: Path) -> None:
    foreign = random_projector(tmp_path / "foreign.gguf", width=896)
    with pytest.raises(UserCanFix) as failed:
        LlamaModel(language(model_store), projector_path=str(foreign)).load()
    assert failed.value.code == "models.eyes_not_loaded"


def test_our_header_check_takes_it(folder: Path) -> None:
    header = read_header(folder / "mmproj.gguf")
    assert (header.kind, header.embedding_length, header.image_size) == ("projector", 576, SIDE)


def test_a_blind_model_says_so(model_store: Path, folder: Path) -> None:
    model = LlamaModel(language(model_store), context_tokens=2048)
    with pytest.raises(UserCanFix) as failed:
        list(model.stream(asked(folder, FIRST), CancelToken()))
    assert failed.value.code == "chat.no_eyes"
    model.close()
