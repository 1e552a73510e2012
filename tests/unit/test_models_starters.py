"""The starter models as they are installed: the right bytes, sound headers, and labels that see a cat."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.engines.efficientnet_onnx import INPUT, SIDE
from desktop_app.engines.gguf_header import read_header
from desktop_app.files import sha256_of
from desktop_app.paths import Places, resources
from desktop_app.services.model_catalog import load_catalog
from tests.unit import models_kit as kit

pytestmark = pytest.mark.models
PHOTOS = Path(__file__).resolve().parents[1] / "data" / "photos"
STARTERS = [spec for spec in load_catalog() if spec.starter]


@pytest.mark.parametrize("spec", STARTERS, ids=lambda spec: spec.id)
def test_every_file_has_the_sum_of_the_catalog(spec: object, model_store: Path, tmp_path: Path) -> None:
    places = Places(data=tmp_path, cache=tmp_path, logs=tmp_path, models=model_store)
    record = kit.library(places).store.record(spec.id)  # type: ignore[attr-defined]
    if record is None and spec.starter == "better":  # type: ignore[attr-defined]
        pytest.skip("this machine has too little memory for the better language model")
    assert record is not None
    for file, installed in zip(spec.files, record.files, strict=True):  # type: ignore[attr-defined]
        assert sha256_of(model_store / record.id / file.name) == installed.sha256
        assert (installed.source_sha256 if file.convert else installed.sha256) == file.sha256


def test_the_headers_say_what_the_catalog_says(model_store: Path) -> None:
    for spec in STARTERS:
        if spec.role == "language" and (model_store / spec.id).exists():
            header = read_header(model_store / spec.id / spec.files[0].name)
            assert (header.kind, header.context_length) == ("model", spec.context_tokens)
            assert header.template


@pytest.mark.parametrize(
    ("photo", "names"), [("cat.jpg", {"tabby", "tiger cat", "Egyptian cat"}), ("coffee.jpg", {"espresso"})]
)
def test_the_converted_labels_see_what_is_there(photo: str, names: set[str], model_store: Path) -> None:
    import numpy
    import onnxruntime
    from PIL import Image, ImageOps

    picture = ImageOps.fit(Image.open(PHOTOS / photo), (SIDE, SIDE), Image.Resampling.BICUBIC)
    session = onnxruntime.InferenceSession(str(model_store / "efficientnet-lite0" / "labels.onnx"))
    (chances,) = session.run(None, {INPUT: numpy.asarray(picture)[None]})[0]
    labels = (resources() / "labels" / "imagenet1k.txt").read_text(encoding="utf-8").splitlines()
    assert abs(chances.sum() - 1) < 1e-4
    assert sum(chance for name, chance in zip(labels, chances, strict=True) if name in names) > 0.75
