"""Eyes for a model that has none: text by RapidOCR, labels by EfficientNet-Lite0, colours; and the safe decoder.

Untrusted pictures are decoded here, in a child process, and leave it as plain PNGs.
"""

from __future__ import annotations

import io
import logging
import warnings
from pathlib import Path
from typing import Any

from desktop_app.domain.pictures import (
    MAX_PIXELS,
    STORED_SIDE,
    Colour,
    Evidence,
    Label,
    TextFound,
    reading_order,
)
from desktop_app.errors import EnvironmentProblem, UserCanFix
from desktop_app.paths import resources
from desktop_app.ports import CancelToken

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
SURE = 0.3
READABLE = 0.75
THREADS = 2
_SIDE = 224
_LEAST_SIDE = 64
_LONGEST_SHAPE = 4
_NAMED = (
    ("black", 20, 20, 20),
    ("white", 245, 245, 245),
    ("grey", 85, 85, 85),
    ("grey", 128, 128, 128),
    ("light grey", 200, 200, 200),
    ("red", 200, 40, 40),
    ("orange", 230, 130, 40),
    ("orange", 185, 85, 40),
    ("yellow", 235, 210, 60),
    ("green", 60, 150, 70),
    ("teal", 40, 140, 140),
    ("blue", 50, 90, 190),
    ("navy", 25, 35, 80),
    ("purple", 120, 60, 160),
    ("pink", 230, 140, 170),
    ("brown", 120, 80, 50),
    ("brown", 160, 122, 96),
    ("beige", 225, 205, 170),
)


class RapidOcrReader:
    """`labels_onnx` is the converted EfficientNet-Lite0 (see `efficientnet_onnx.py`). Doubtful labels are not said."""

    def __init__(self, labels_onnx: str) -> None:
        self._labels_onnx = labels_onnx
        self._ocr: Any = None
        self._labeller: Any = None
        self._names: list[str] = []

    def read(self, picture: Path | str, cancel: CancelToken) -> Evidence:
        """What stands in a stored PNG. Raises Cancelled, EnvironmentProblem."""
        image = _stored(picture)
        cancel.raise_if_cancelled()
        self._load()
        cancel.raise_if_cancelled()
        text = self._text(image)
        cancel.raise_if_cancelled()
        return Evidence(
            width=image.width, height=image.height, text=text, labels=self._labels(image), colours=_colours(image)
        )

    def decode(self, data: bytes, name: str) -> tuple[bytes, int, int]:
        """(PNG, width, height): the first frame, upright, on white, without metadata, at most `STORED_SIDE` a side.

        Raises UserCanFix("picture.not_a_picture" | "picture.too_large" | "picture.unreadable").
        """
        from PIL import Image, UnidentifiedImageError

        Image.MAX_IMAGE_PIXELS = MAX_PIXELS
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                    opened.load()
                    image = _flat(_upright(opened))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise UserCanFix(
                "picture.too_large",
                f"“{name}” has too many pixels.",
                remedy=f"Make it smaller, to at most {MAX_PIXELS // 1_000_000} megapixels.",
                detail=str(error),
            ) from error
        except UnidentifiedImageError as error:
            raise UserCanFix(
                "picture.not_a_picture",
                f"“{name}” is not a picture that can be read.",
                remedy="Choose a PNG, JPEG, WebP, GIF or BMP file.",
                detail=str(error),
            ) from error
        except Exception as error:  # decoders meet hostile bytes and raise what they like
            raise UserCanFix(
                "picture.unreadable",
                f"“{name}” is damaged or cut off.",
                remedy="Open it in another program and save it again, or choose another file.",
                detail=str(error),
            ) from error
        image.thumbnail((STORED_SIDE, STORED_SIDE))
        out = io.BytesIO()
        image.save(out, "PNG")
        return out.getvalue(), image.width, image.height

    def close(self) -> None:
        self._ocr = self._labeller = None

    def _load(self) -> None:
        if self._ocr is not None:
            return
        from rapidocr import RapidOCR

        self._labeller = self._load_labels()
        self._names = (resources() / "labels" / "imagenet1k.txt").read_text(encoding="utf-8").splitlines()
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        threads = {"EngineConfig.onnxruntime.intra_op_num_threads": THREADS, "Global.log_level": "error"}
        self._ocr = RapidOCR(params=threads)

    def _load_labels(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        try:
            return onnxruntime.InferenceSession(self._labels_onnx, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base
            raise EnvironmentProblem(
                "picture.reader_not_loaded",
                "The picture reader could not be loaded.",
                remedy="Remove the picture labels in the settings under Models and fetch them again.",
                detail=str(error),
            ) from error

    def _text(self, image: Any) -> tuple[TextFound, ...]:
        import numpy

        least = max(_LEAST_SIDE, max(image.size) // _LONGEST_SHAPE)
        room = [(0, max(0, least - side)) for side in (image.height, image.width)]
        pixels = numpy.pad(numpy.asarray(image), (*room, (0, 0)), mode="edge")  # thin ones fail or take long
        result = self._ocr(pixels[:, :, ::-1])
        if result.boxes is None or result.txts is None:
            return ()
        found = [
            TextFound(
                text=text,
                confidence=float(score),
                box=(
                    int(min(x for x, _ in box)),
                    int(min(y for _, y in box)),
                    min(image.width, int(max(x for x, _ in box))),
                    min(image.height, int(max(y for _, y in box))),
                ),
            )
            for box, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
            if text.strip() and score >= READABLE
        ]
        return reading_order(found)

    def _labels(self, image: Any) -> tuple[Label, ...]:
        import numpy
        from PIL import Image, ImageOps

        square = ImageOps.fit(image, (_SIDE, _SIDE), Image.Resampling.BICUBIC)
        probabilities = self._labeller.run(None, {"image": numpy.asarray(square, numpy.uint8)[None]})[0][0]
        best = probabilities.argsort()[::-1][:3]
        return tuple(
            Label(name=self._names[index], confidence=float(probabilities[index]))
            for index in best
            if probabilities[index] >= SURE
        )


def _stored(picture: Path | str) -> Any:
    """A picture that was accepted before, as RGB."""
    from PIL import Image

    try:
        with Image.open(picture, formats=("PNG",)) as opened:
            return opened.convert("RGB")
    except (OSError, SyntaxError) as error:
        raise EnvironmentProblem(
            "picture.lost",
            "A stored picture is missing or damaged.",
            remedy="Add the picture again.",
            detail=str(error),
        ) from error


def _upright(image: Any) -> Any:
    """Turned as its EXIF data say; data that cannot be read turn nothing."""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001  hostile EXIF raises what it likes, the pixels are fine
        return image.copy()


def _flat(image: Any) -> Any:
    """RGB on white, without palette, alpha or metadata."""
    from PIL import Image

    if image.mode in ("I;16", "I", "F"):
        image = image.point(lambda value: value / 256).convert("L")
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    flat = Image.new("RGB", image.size)
    flat.paste(image.convert("RGB"))
    return flat


def _colours(image: Any) -> tuple[Colour, ...]:
    """Up to four dominant colours that cover at least 8 % each: every pixel of a small copy counts for its nearest."""
    import numpy

    small = image.resize((min(96, image.width), min(96, image.height)), 0)  # nearest: no colours that are not there
    pixels = numpy.asarray(small, numpy.int32).reshape(-1, 3)
    anchors = numpy.array([each[1:] for each in _NAMED], numpy.int32)
    nearest = ((pixels[:, None] - anchors[None]) ** 2).sum(axis=2).argmin(axis=1)
    names = numpy.array([each[0] for each in _NAMED])[nearest]
    found = []
    for name in dict.fromkeys(each[0] for each in _NAMED):
        of_name = pixels[names == name]
        share = len(of_name) / len(pixels)
        if share >= 0.08:
            red, green, blue = (int(value) for value in numpy.median(of_name, axis=0))
            found.append(Colour(name=name, hex=f"#{red:02x}{green:02x}{blue:02x}", share=round(share, 3)))
    return tuple(sorted(found, key=lambda colour: -colour.share)[:4])
