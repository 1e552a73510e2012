"""Between the page and the encoder: formats, JPEG, noise, and the bars that llama.cpp puts around a picture."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

    Picture = Image.Image

SIDE = 96
BARS = (122, 116, 104)
"""What llama.cpp pads with for the projector type `mlp`."""


def frame(draw: random.Random) -> tuple[int, int]:
    """Width and height of the picture inside the square; half of all pictures are square."""
    if draw.random() < 0.5:
        return SIDE, SIDE
    other = round(SIDE * draw.uniform(0.55, 0.97))
    return (SIDE, other) if draw.random() < 0.65 else (other, SIDE)


def spoil(picture: Picture, draw: random.Random) -> Picture:
    """What happens to pictures: now and then JPEG, now and then a grain."""
    from PIL import Image

    if draw.random() < 0.25:
        packed = io.BytesIO()
        picture.save(packed, "JPEG", quality=draw.randint(30, 92))
        picture = Image.open(packed)
        picture.load()
    if draw.random() < 0.15:
        picture = grain(picture, draw, draw.uniform(2, 12))
    return picture


def grain(picture: Picture, draw: random.Random, strength: float) -> Picture:
    """Normal noise of this standard deviation, in levels of 255."""
    import numpy
    from PIL import Image

    levels = numpy.asarray(picture, numpy.float32)
    noise = numpy.random.default_rng(draw.getrandbits(63)).standard_normal(levels.shape, numpy.float32) * strength
    return Image.fromarray((levels + noise).clip(0, 255).astype(numpy.uint8))


def letterbox(picture: Picture) -> Picture:
    """As llama.cpp does it: bicubic to the square's side keeping the shape, centred between bars."""
    from PIL import Image

    width, height = picture.size
    scale = min(SIDE / width, SIDE / height)
    inner = min(-int(-width * scale // 1), SIDE), min(-int(-height * scale // 1), SIDE)
    page = Image.new("RGB", (SIDE, SIDE), BARS)
    fitted = picture.convert("RGB")
    if fitted.size != inner:
        fitted = fitted.resize(inner, Image.Resampling.BICUBIC)
    page.paste(fitted, ((SIDE - inner[0]) // 2, (SIDE - inner[1]) // 2))
    return page
