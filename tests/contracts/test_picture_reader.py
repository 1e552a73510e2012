"""The contract of a `PictureReader`, held against the real one. Text needs no starter model; labels do."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from desktop_app.engines.picture_reader import SURE, RapidOcrReader
from desktop_app.errors import Cancelled, EnvironmentProblem
from desktop_app.paths import resources
from desktop_app.ports import CancelToken

PHOTOS = Path(__file__).resolve().parents[1] / "data" / "photos"
POSTER = resources() / "samples" / "pictures" / "poster.png"
pytestmark = pytest.mark.slow


class OneFlatLabel:
    """Stands where the labels' network stands, and is sure of nothing."""

    def run(self, _outputs: object, _inputs: object) -> list[Any]:
        import numpy

        return [numpy.full((1, 1000), 0.001, numpy.float32)]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def without_labels(monkeypatch: pytest.MonkeyPatch, offline: None) -> RapidOcrReader:
    reader = RapidOcrReader("")
    monkeypatch.setattr(reader, "_load_labels", lambda: OneFlatLabel())
    return reader


def drawn(path: Path, *words: tuple[str, int, int]) -> Path:
    image = Image.new("RGB", (640, 240), "white")
    font = ImageFont.truetype(resources() / "fonts" / "Inter-Medium.otf", 48)
    for word, left, top in words:
        ImageDraw.Draw(image).text((left, top), word, fill="black", font=font)
    image.save(path)
    return path


def test_drawn_words_are_read_in_order(
    without_labels: RapidOcrReader, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    picture = drawn(tmp_path / "it.png", ("LANTERN", 40, 140), ("Harbour", 40, 30), ("Street", 400, 36))
    found = without_labels.read(str(picture), CancelToken())
    assert " ".join(line.text for line in found.text) == "Harbour Street LANTERN"
    assert all(line.confidence > 0.8 for line in found.text)
    left, top, right, bottom = found.text[-1].box
    assert 20 < left < 60 and 120 < top < bottom < 220 and right < 400
    assert found.labels == ()
    assert (found.width, found.height, found.colours[0].name) == (640, 240, "white")
    assert capfd.readouterr() == ("", "")


def test_an_empty_or_tiny_picture_has_no_text(without_labels: RapidOcrReader, tmp_path: Path) -> None:
    for size in ((300, 200), (1, 1), (2048, 1), (9, 2048)):
        Image.new("RGB", size, "navy").save(tmp_path / "it.png")
        found = without_labels.read(tmp_path / "it.png", CancelToken())
        assert found.text == ()
        assert (found.colours[0].name, found.colours[0].share) == ("navy", 1.0)


def test_a_stop_is_heeded(without_labels: RapidOcrReader, tmp_path: Path) -> None:
    stopped = CancelToken()
    stopped.cancel()
    with pytest.raises(Cancelled):
        without_labels.read(drawn(tmp_path / "it.png"), stopped)


def test_labels_that_cannot_be_loaded_say_so_every_time(tmp_path: Path) -> None:
    (tmp_path / "labels.onnx").write_bytes(os.urandom(64))
    reader = RapidOcrReader(str(tmp_path / "labels.onnx"))
    for _ in range(2):
        with pytest.raises(EnvironmentProblem) as caught:
            reader.read(drawn(tmp_path / "it.png"), CancelToken())
        assert caught.value.code == "picture.reader_not_loaded"


@pytest.mark.models
def test_photos_and_the_poster_are_known(model_store: Path, tmp_path: Path, offline: None) -> None:
    reader = RapidOcrReader(str(model_store / "efficientnet-lite0" / "labels.onnx"))
    png, _, _ = reader.decode((PHOTOS / "coffee.jpg").read_bytes(), "coffee.jpg")
    (tmp_path / "coffee.png").write_bytes(png)
    coffee = reader.read(tmp_path / "coffee.png", CancelToken())
    assert coffee.labels and coffee.labels[0].name == "espresso"
    assert all(label.confidence >= SURE for label in coffee.labels)
    poster = reader.read(POSTER, CancelToken())
    words = " ".join(line.text for line in poster.text)
    assert "Jazz Night" in words and "Friday 8 pm" in words and "Town Hall" in words
    assert {"white", "orange", "navy"} <= {colour.name for colour in poster.colours}
