"""What the store of pictures promises: one private file per picture, each read once, refusals with a remedy."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from desktop_app.domain.generation import ModelAbilities
from desktop_app.domain.messages import Picture
from desktop_app.domain.pictures import MAX_FILE_BYTES, Evidence
from desktop_app.engines.picture_reader import RapidOcrReader
from desktop_app.errors import Cancelled, EnvironmentProblem, UserCanFix
from desktop_app.paths import Places
from desktop_app.ports import CancelToken, PictureDecoder, PictureReader
from desktop_app.services.attachments import AttachmentService, shown_name
from tests.unit.storage_kit import opened


class CountingReader(RapidOcrReader):
    """The real decoder; instead of reading, it counts how often it is asked to."""

    def __init__(self) -> None:
        super().__init__("")
        self.reads = 0

    def read(self, picture: Path | str, cancel: CancelToken) -> Evidence:
        cancel.raise_if_cancelled()
        self.reads += 1
        return Evidence(width=1, height=1)


@pytest.fixture
def reader() -> CountingReader:
    return CountingReader()


@pytest.fixture
def store(places: Places, reader: CountingReader) -> Iterator[AttachmentService]:
    with opened(places.data) as (history, _):
        yield AttachmentService(places, history, reader, lambda: None)


def png(colour: str = "red", size: tuple[int, int] = (30, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def code(store: AttachmentService, path: Path) -> str:
    with pytest.raises(UserCanFix) as caught:
        store.accept(path)
    assert caught.value.remedy
    return caught.value.code


def test_the_reader_is_both_ports(reader: CountingReader) -> None:
    assert isinstance(reader, PictureReader)
    assert isinstance(reader, PictureDecoder)


def test_a_picture_is_stored_under_its_hash_for_its_owner_only(
    store: AttachmentService, places: Places, tmp_path: Path
) -> None:
    file = tmp_path / "holiday.png"
    file.write_bytes(png())
    picture = store.accept(file)
    assert (picture.width, picture.height, picture.name) == (30, 20, "holiday.png")
    kept = store.file(picture.sha256)
    assert kept == places.pictures / picture.sha256[:2] / f"{picture.sha256}.png"
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == picture.sha256
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_the_same_picture_is_stored_once_even_when_it_comes_from_several_threads(
    store: AttachmentService, places: Places
) -> None:
    taken: list[Picture] = []
    gate = threading.Barrier(3)

    def take() -> None:
        gate.wait(10)
        taken.append(store.accept_bytes(png(), "it"))

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(taken) == 3 and len(set(taken)) == 1
    assert [path for path in places.pictures.rglob("*") if path.is_file()] == [store.file(taken[0].sha256)]


def test_files_that_cannot_be_taken_say_why(store: AttachmentService, places: Places, tmp_path: Path) -> None:
    empty, text, cut = tmp_path / "empty.png", tmp_path / "text.png", tmp_path / "cut.png"
    empty.touch()
    text.write_text("not a picture")
    whole = io.BytesIO()
    Image.effect_noise((64, 64), 80).save(whole, "PNG")
    cut.write_bytes(whole.getvalue()[:1500])
    assert code(store, empty) == "picture.empty"
    assert code(store, text) == "picture.not_a_picture"
    assert code(store, cut) == "picture.unreadable"
    assert code(store, tmp_path / "nowhere.png") == "picture.not_found"
    assert code(store, tmp_path) == "picture.not_found"
    assert not [path for path in places.pictures.rglob("*") if path.is_file()]


def test_a_file_with_the_wrong_ending_is_taken_for_what_it_is(store: AttachmentService, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "JPEG")
    file = tmp_path / "really_a_photo.gif"
    file.write_bytes(out.getvalue())
    assert store.accept(file).width == 9


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_hang_it(store: AttachmentService, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert code(store, tmp_path / "pipe.png") == "picture.not_found"


def test_files_that_are_too_large_are_not_decoded(store: AttachmentService, tmp_path: Path) -> None:
    file = tmp_path / "huge.png"
    with file.open("wb") as out:
        out.truncate(MAX_FILE_BYTES + 1)
    assert code(store, file) == "picture.too_large"


def test_evidence_is_found_once(store: AttachmentService, reader: CountingReader) -> None:
    picture = store.accept_bytes(png(), "it")
    stopped = CancelToken()
    stopped.cancel()
    with pytest.raises(Cancelled):
        store.evidence(picture, stopped)
    assert store.evidence(picture, CancelToken()) == store.evidence(picture, CancelToken())
    assert reader.reads == 1


def test_the_cost_is_known_beforehand(store: AttachmentService) -> None:
    cost = store.cost(store.accept_bytes(png(), "it"))
    assert (cost.width, cost.height, cost.seen_by, cost.tokens) == (30, 20, "reader", None)
    assert cost.seconds is not None and cost.seconds > 0


def test_a_model_that_sees_tells_the_cost_in_tokens(places: Places, reader: CountingReader) -> None:
    abilities = ModelAbilities(
        name="Seer",
        sha256="",
        architecture="llama",
        context_tokens=4096,
        sees_pictures=True,
        load_ms=0,
        picture_tokens=(100, 1600),
    )
    with opened(places.data) as (history, _):
        store = AttachmentService(places, history, reader, lambda: abilities)
        small, large = (store.cost(store.accept_bytes(png(size=size), "it")) for size in ((30, 20), (1792, 1792)))
        assert (small.tokens, large.tokens, large.seen_by) == (100, 1600, "model")
        abilities = dataclasses.replace(abilities, picture_tokens=(36, 36), picture_side=96)
        fixed = store.cost(store.accept_bytes(png(), "it"))
        assert (fixed.width, fixed.height, fixed.tokens) == (96, 96, 36)


def test_forgotten_pictures_are_gone_and_may_be_forgotten_twice(store: AttachmentService) -> None:
    picture = store.accept_bytes(png(), "it")
    store.forget((picture.sha256,))
    store.forget((picture.sha256,))
    assert not store.file(picture.sha256).exists()


def test_a_stored_picture_that_is_lost_says_so(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        RapidOcrReader("").read(str(tmp_path / "gone.png"), CancelToken())
    assert caught.value.code == "picture.lost"


def test_names_are_fit_to_be_shown() -> None:
    assert shown_name("a\u202egnp.exe\n\x00") == "agnp.exe"
    assert shown_name("\ud800\n") == "picture"
    assert len(shown_name("x" * 500)) == 80
