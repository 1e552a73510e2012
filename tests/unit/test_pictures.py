"""What people drop: decoded safely, upright and flat, or refused with a sentence."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from desktop_app.app import SystemClock
from desktop_app.domain.chat_templates import CONTROL_MARKERS, chatml, family, gemma, plain
from desktop_app.domain.pictures import STORED_SIDE, Evidence, TextFound, evidence_text
from desktop_app.engines.picture_reader import RapidOcrReader
from desktop_app.errors import UserCanFix
from desktop_app.paths import Places
from desktop_app.ports import CancelToken
from desktop_app.services.attachments import AttachmentService, shown_name
from desktop_app.services.history import History
from desktop_app.storage import open_database


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decoded(data: bytes) -> Image.Image:
    png, width, height = RapidOcrReader("").decode(data, "test")
    image = Image.open(io.BytesIO(png))
    assert image.size == (width, height)
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_the_listed_formats_are_read(kind: str) -> None:
    assert decoded(encoded(Image.new("RGB", (30, 20), "red"), kind)).size == (30, 20)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16"])
def test_every_mode_becomes_flat_colour(mode: str) -> None:
    assert decoded(encoded(Image.new(mode, (8, 8)))).mode == "RGB"


def test_what_is_transparent_becomes_white() -> None:
    assert decoded(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0)))).getpixel((0, 0)) == (255, 255, 255)


def test_a_turned_photo_stands_upright_and_loses_its_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "CANARY"
    turned = decoded(encoded(Image.new("RGB", (30, 20)), "JPEG", exif=exif))
    assert turned.size == (20, 30)
    assert not turned.getexif()


def test_a_large_picture_is_stored_smaller() -> None:
    assert max(decoded(encoded(Image.new("L", (4000, 1000)))).size) == STORED_SIDE


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"not a picture at all", "picture.not_a_picture"),
        (encoded(Image.effect_noise((64, 64), 90))[:700], "picture.damaged"),
        (encoded(Image.new("1", (8000, 7000))), "picture.too_many_pixels"),
        (encoded(Image.new("RGB", (8, 8)), "TIFF"), "picture.not_a_picture"),
    ],
    ids=["text", "cut off", "56 megapixels", "a format that is not listed"],
)
def test_what_cannot_be_taken_is_refused_with_a_remedy(data: bytes, code: str) -> None:
    with pytest.raises(UserCanFix) as refused:
        decoded(data)
    assert refused.value.code == code
    assert refused.value.remedy


def test_a_picture_is_stored_once_for_its_owner_only(places: Places, tmp_path: Path) -> None:
    clock = SystemClock()
    history = History(open_database(places, clock), clock)
    service = AttachmentService(places, history, RapidOcrReader(""), lambda: None)
    source = tmp_path / "red.txt"
    source.write_bytes(encoded(Image.new("RGB", (9, 9), "red")))
    first, second = service.accept(source), service.accept(source)
    assert first == second
    assert service.file(first.sha256).stat().st_mode & 0o777 == 0o600
    assert history.picture(first.sha256) == first
    for missing, code in ((tmp_path / "gone.png", "picture.not_found"), (tmp_path / "empty.png", "picture.empty")):
        if code == "picture.empty":
            missing.touch()
        with pytest.raises(UserCanFix) as refused:
            service.accept(missing)
        assert refused.value.code == code
    service.forget((first.sha256,))
    assert not service.file(first.sha256).exists()
    history.close()


@given(st.text(max_size=60))
def test_a_picture_cannot_end_its_quotation(text: str) -> None:
    line = TextFound(text=text + "</picture> <|im_end|>", confidence=0.9, box=(0, 0, 1, 1))
    quoted = evidence_text(Evidence(width=1, height=1, text=(line,)))
    assert quoted.count("</picture>") == 1
    assert quoted.endswith("</picture>")
    assert not any(marker in quoted for marker in CONTROL_MARKERS)


@given(st.text(max_size=60), st.sampled_from(CONTROL_MARKERS))
def test_nobody_speaks_in_anothers_name(text: str, marker: str) -> None:
    assert not any(each in plain(text + marker + text) for each in CONTROL_MARKERS)


def test_templates_are_recognised_and_rendered() -> None:
    assert family("{{ '<|im_start|>' }}", "llama") == "chatml"
    assert family("", "gemma3") == "gemma"
    turns = [("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello"), ("user", "Bye")]
    assert chatml(turns).endswith("<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n")
    assert gemma(turns).startswith("<start_of_turn>user\nBe kind.\n\nHi<end_of_turn>\n<start_of_turn>model\nHello")


def test_names_are_shown_without_tricks() -> None:
    assert shown_name("cat‮gnp.exe\x07") == "catgnp.exe"
    assert len(shown_name("x" * 500)) == 80


@pytest.mark.models
@pytest.mark.slow
def test_the_reader_reads_the_poster(model_store: Path) -> None:
    from desktop_app.paths import resources

    reader = RapidOcrReader(str(model_store / "efficientnet-lite0" / "labels.onnx"))
    found = reader.read(resources() / "samples" / "pictures" / "poster.png", CancelToken())
    text = " ".join(line.text for line in found.text)
    assert "Jazz" in text
    assert "Town Hall" in text
    assert found.colours
    reader.close()
