"""The committed test eyes in llama.cpp: what torch computes, once for each picture, stopped when it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest

from desktop_app.domain.generation import GenerationEnded, ModelRequest, Sampling, TextDelta
from desktop_app.domain.lora import LoraAdapter, LoraPair
from desktop_app.domain.messages import Message, Picture, said
from desktop_app.engines import llama_eyes
from desktop_app.engines.eyes.camera import letterbox
from desktop_app.engines.eyes.scenes import EVALUATION, pixels, snapshot
from desktop_app.engines.eyes.world import DICTIONARY
from desktop_app.engines.gguf_export import GgufExporter
from desktop_app.engines.llama import LlamaModel
from desktop_app.paths import resources
from desktop_app.ports import CancelToken
from desktop_app.services.own_models import own_eyes, own_folder

pytestmark = [pytest.mark.models, pytest.mark.slow]
LANGUAGE = "smollm2-135m"
EYES = own_folder() / next(eyes.file for eyes in own_eyes() if eyes.language == LANGUAGE)
STARS, PAIR = (resources() / "samples" / "pictures" / f"{name}.png" for name in ("stars", "pair"))
SEEN = Picture(sha256="5" * 64, width=480, height=320)
FIRST = said("user", "What shape is in the picture?", (SEEN,))


@pytest.fixture
def model(model_store: Path) -> Iterator[LlamaModel]:
    language = next((model_store / LANGUAGE).glob("*.gguf"))
    made = LlamaModel(str(language), projector_path=str(EYES), context_tokens=1024)
    made.load()
    yield made
    made.close()


def ask(model: LlamaModel, *messages: Message, cancel: CancelToken | None = None) -> tuple[str, GenerationEnded]:
    request = ModelRequest(
        messages=messages,
        sampling=Sampling(temperature=0, max_tokens=16),
        cache_key="one",
        picture_files={SEEN.sha256: str(STARS)},
    )
    events = list(model.stream(request, cancel or CancelToken()))
    assert isinstance(events[-1], GenerationEnded)
    return "".join(event.text for event in events if isinstance(event, TextDelta)).lower(), events[-1]


def test_a_picture_is_encoded_once_and_read_once(model: LlamaModel) -> None:
    told, first = ask(model, FIRST)
    assert "star" in told
    assert (first.pictures_encoded, first.reused_tokens) == (1, 0)
    told, second = ask(model, FIRST, said("assistant", told), said("user", "What color are they?"))
    assert "blue" in told
    assert second.pictures_encoded == 0
    assert second.reused_tokens >= first.prompt_tokens - 1


def test_stopped_in_the_middle_of_the_encoder(model: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder asks again and again whether to go on; the third time the answer is no."""
    monkeypatch.setattr(llama_eyes, "NODES_BETWEEN_LOOKS", 1)
    eyes, cancel, looks = model._eyes, CancelToken(), 0
    assert eyes is not None
    stopped = eyes._stopped

    def stop_soon() -> bool:
        nonlocal looks
        looks += 1
        if looks == 3:
            cancel.cancel()
        return stopped()

    monkeypatch.setattr(eyes, "_stopped", stop_soon)
    told, last = ask(model, FIRST, cancel=cancel)
    assert (told, last.stopped_by, last.pictures_encoded) == ("", "person", 0)
    assert 3 <= looks <= 5  # it obeyed at once: a whole picture asks some hundred times
    told, last = ask(model, FIRST)
    assert "star" in told
    assert last.pictures_encoded == 1


def test_an_adapter_comes_and_goes_while_a_picture_is_in_the_context(model: LlamaModel, tmp_path: Path) -> None:
    """What was read is read again, for the words mean something else now; the picture is not encoded again."""
    told, first = ask(model, FIRST)
    model.use_adapter(str(_loud_adapter(tmp_path / "adapter.gguf")))
    other, adapted = ask(model, FIRST)
    assert other != told
    assert (adapted.pictures_encoded, adapted.reused_tokens) == (0, 0)
    model.use_adapter("")
    again, after = ask(model, FIRST)
    assert again == told
    assert (after.pictures_encoded, after.reused_tokens) == (0, 0)
    assert first.pictures_encoded == 1


def test_torch_and_llama_see_the_same(model: LlamaModel, tmp_path: Path) -> None:
    """The file's weights in torch against the file in llama.cpp, pictures of many shapes; it fits them itself."""
    pictures = [snapshot(EVALUATION + index)[1] for index in range(8)]
    assert len({picture.size for picture in pictures}) > 3
    ours = _in_torch(pixels([letterbox(each) for each in pictures]))
    for index, picture in enumerate(pictures):
        picture.save(tmp_path / f"{index}.png")
        theirs = _seen(model, str(index), tmp_path / f"{index}.png")
        cosine = (ours[index] * theirs).sum(-1) / numpy.linalg.norm(ours[index], axis=-1)
        assert (cosine / numpy.linalg.norm(theirs, axis=-1)).min() >= 0.999


@pytest.mark.parametrize("eyes", own_eyes(), ids=lambda eyes: eyes.language)
def test_the_words_written_are_the_caption(eyes: Any, model_store: Path, tmp_path: Path) -> None:
    """The nearest word of the dictionary at each place, for either language model."""
    from desktop_app.engines.eyes.word_vectors import word_vectors

    language = next((model_store / eyes.language).glob("*.gguf"), None)
    if language is None:
        pytest.skip("this machine has too little memory for the better language model")
    vectors = word_vectors(language, DICTIONARY)
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    model = LlamaModel(str(language), projector_path=str(own_folder() / eyes.file), context_tokens=256)
    model.load()
    try:
        stars, pair = (
            "".join(DICTIONARY[each] for each in (_seen(model, name, file) @ vectors.T).argmax(1))
            for name, file in (("stars", STARS), ("pair", PAIR))
        )
        assert "three blue stars" in stars and "Color: blue. Shape: star." in stars
        assert "a red circle on the left and a green square on the right" in pair
    finally:
        model.close()


def _loud_adapter(path: Path) -> Path:
    """A random change to the last block, strong enough to change any answer."""
    draw = numpy.random.default_rng(1)
    a, b = (draw.normal(0, 0.5, shape).astype("float32").tobytes() for shape in ((4, 1536), (576, 4)))
    pair = LoraPair(layer=29, projection="down_proj", rank=4, rows=576, columns=1536, a=a, b=b)
    loud = LoraAdapter(architecture="llama", base_sha256="", alpha=64.0, heads=9, kv_heads=3, pairs=(pair,))
    GgufExporter().export(loud, path)
    return path


def _seen(model: LlamaModel, name: str, file: Path) -> Any:
    eyes = model._eyes
    assert eyes is not None
    (glimpse,) = eyes.look(name, str(file))
    assert not isinstance(glimpse, int)
    return numpy.ctypeslib.as_array(eyes.encode(glimpse)).reshape(glimpse.tokens, -1)


def _in_torch(pictures: Any) -> Any:
    """What the file's numbers give when torch computes with them: pictures x places x width."""
    import gguf
    import torch

    from desktop_app.engines.eyes.encoder import new_encoder
    from desktop_app.engines.eyes.recipe import load_recipe

    tensors = {each.name: torch.tensor(each.data.astype("float32")) for each in gguf.GGUFReader(EYES).tensors}
    encoder = new_encoder(load_recipe().encoder)
    state = {}
    for name in encoder.state_dict():
        stem, _, kind = name.rpartition(".")
        if stem.endswith("attn_qkv"):
            state[name] = torch.cat([tensors[f"v.{stem.removesuffix('qkv')}{part}.{kind}"] for part in "qkv"])
        else:
            state[name] = tensors[{"position_embd": "v.position_embd.weight"}.get(name) or _file_name(name)]
    encoder.load_state_dict(state)
    with torch.inference_mode():
        units = torch.nn.functional.gelu(encoder(torch.from_numpy(pictures)), approximate="tanh")
        return (units @ tensors["mm.2.weight"].T + tensors["mm.2.bias"]).numpy()


def _file_name(name: str) -> str:
    return name.replace("words.", "mm.0.") if name.startswith("words.") else f"v.{name}"
