"""Pictures of nothing that is known, so that the eyes can say so: noise, empty pages, textures, strange signs."""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

from desktop_app.engines.eyes.glyphs import SYMBOLS, sprite, strange, symbol_font
from desktop_app.engines.eyes.world import GLYPHS, WORDS

if TYPE_CHECKING:
    from PIL import Image

    Picture = Image.Image

WAYS = ("noise", "blank", "texture", "texture", "glyph", "glyph", "glyph", "symbol", "gibberish")
HARDER = (*WAYS, "glyph", "glyph", "altered", "altered", "altered")
"""Late in the training; "altered": a strange emoji made still stranger, for there are only so many."""


def paint(way: str, draw: random.Random, width: int, height: int, *, unseen: bool) -> Picture:
    """One of `HARDER`. `unseen` takes strange emoji that training never shows."""
    from desktop_app.engines.eyes import scenes  # scenes draws with this module, too

    if way == "noise":
        return _noise(draw, width, height)
    if way == "texture":
        return _texture(draw, width, height)
    page = scenes.backdrop(draw, width, height, ())
    if way == "glyph":
        scenes.stamp(page, draw, _strange(draw, unseen=unseen))
    elif way == "altered":
        one, other = (_strange(draw, unseen=unseen) for _ in range(2))
        scenes.stamp(page, draw, _altered(draw, one, other))
    elif way == "symbol":
        _symbol(page, draw)
    elif way == "gibberish":
        scenes.write(page, draw, _no_word(draw), _ink(page))
    return page


def _noise(draw: random.Random, width: int, height: int) -> Picture:
    import numpy
    from PIL import Image

    dice = numpy.random.default_rng(draw.getrandbits(63))
    grains = max(1, draw.choice((1, 1, 2, 4)))
    size = (height // grains + 1, width // grains + 1)
    if draw.random() < 0.3:
        levels = numpy.repeat(dice.integers(0, 256, (*size, 1), numpy.uint8), 3, axis=2)
    else:
        levels = dice.integers(0, 256, (*size, 3), numpy.uint8)
    return Image.fromarray(levels).resize((width, height), Image.Resampling.NEAREST)


def _texture(draw: random.Random, width: int, height: int) -> Picture:
    """Soft blots of several sizes between a few colours, as photographs have them."""
    import numpy
    from PIL import Image

    dice = numpy.random.default_rng(draw.getrandbits(63))
    levels = numpy.full((height, width, 3), dice.uniform(40, 215, 3), numpy.float32)
    tints = dice.uniform(-1, 1, (3, 3))
    for cells in draw.sample((2, 3, 5, 8, 13, 21), draw.randint(2, 4)):
        coarse = (dice.uniform(0, 255, (cells, cells))).astype(numpy.uint8)
        smooth = numpy.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
        tint = tints[draw.randrange(3)] * draw.uniform(0.4, 1.2)
        levels += (smooth.astype(numpy.float32) - 127)[..., None] * tint.astype(numpy.float32)
    return Image.fromarray(levels.clip(0, 255).astype(numpy.uint8))


def _strange(draw: random.Random, *, unseen: bool) -> Picture:
    """An emoji that is not in the world; Unicode calls some that are by another name."""
    while True:
        code = draw.choice(strange()[unseen])
        if code not in GLYPHS.values():
            return sprite(code)


def _altered(draw: random.Random, one: Picture, other: Picture) -> Picture:
    """Its colours exchanged, upside down, or the lower half another's."""
    from PIL import Image, ImageOps

    way = draw.randrange(3)
    if way == 0:
        *colours, shape = one.split()
        turned = draw.choice(((1, 2, 0), (2, 0, 1), (1, 0, 2), (0, 2, 1), (2, 1, 0)))
        return Image.merge("RGBA", [*(colours[each] for each in turned), shape])
    if way == 1:
        return ImageOps.flip(one)
    mixed = one.copy()
    half = (0, one.height // 2, one.width, one.height)
    mixed.paste(other.resize(one.size, Image.Resampling.BICUBIC).crop(half), half)
    return mixed


def _symbol(page: Picture, draw: random.Random) -> None:
    from PIL import ImageDraw

    size = round(min(page.size) * draw.uniform(0.6, 0.95))
    font, sign = symbol_font(size), draw.choice(SYMBOLS)
    left, top, right, bottom = font.getbbox(sign)
    x = draw.uniform(0, max(0, page.width - (right - left))) - left
    y = draw.uniform(0, max(0, page.height - (bottom - top))) - top
    ImageDraw.Draw(page).text((x, y), sign, font=font, fill=_ink(page))


def _no_word(draw: random.Random) -> str:
    letters = string.ascii_lowercase if draw.random() < 0.7 else string.ascii_uppercase
    while True:
        made = "".join(draw.choice(letters) for _ in range(draw.randint(2, 5)))
        if made.lower() not in WORDS:
            return made


def _ink(page: Picture) -> tuple[int, int, int]:
    """Black or white, whichever stands out."""
    red, green, blue = page.getpixel((0, 0))  # type: ignore[misc]
    light = red + green + blue > 382
    return (15, 15, 15) if light else (240, 240, 240)
