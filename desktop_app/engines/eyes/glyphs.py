"""Letters and emoji to draw with: the fonts on this machine, and which emoji are known, strange or kept unseen."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.engines.eyes.world import COLOURS, GLYPHS, SHAPES
from desktop_app.errors import EnvironmentProblem
from desktop_app.paths import resources

if TYPE_CHECKING:
    from PIL import Image

SPRITE_PX = 96
SYMBOLS = "♞♛☯∑Ωπ§¶&@#%∞≈√∫ЖЯФЩψξ☂☎♫♠♣✈⚙⌘€£¥"
_EMOJI_PX = 109  # the one size in the font
_UNSEEN_OF = 5
_EMOJI = "NotoColorEmoji.ttf"
_FONTS = (
    *("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSansMono.ttf"),
    *("DejaVuSansMono-Bold.ttf", "Inter-Regular.otf", "Inter-SemiBold.otf", "Inter-Italic.otf"),
    *("JetBrainsMono-Regular.ttf", "JetBrainsMono-Bold.ttf"),
)
_PLACES = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/truetype/noto")


@lru_cache(256)
def letters(number: int, size_px: int) -> Any:
    """One of the fonts, by any number. Raises EnvironmentProblem when it is not installed."""
    return _font(_FONTS[number % len(_FONTS)], size_px)


def symbol_font(size_px: int) -> Any:
    """The font that has `SYMBOLS`."""
    return _font("DejaVuSans.ttf", size_px)


@lru_cache(2048)
def sprite(code: int) -> Image.Image:
    """An emoji as RGBA, cut to what is drawn, at most `SPRITE_PX` a side."""
    from PIL import Image, ImageDraw

    drawn = Image.new("RGBA", (160, 160))
    ImageDraw.Draw(drawn).text((8, 8), chr(code), font=_font(_EMOJI, _EMOJI_PX), embedded_color=True)
    cut = drawn.crop(drawn.getbbox())
    cut.thumbnail((SPRITE_PX, SPRITE_PX))
    return cut


@lru_cache(1)
def strange() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Emoji that are not in the world: those to learn from, and those kept for the evaluation.

    Left out is what looks like something known: any whose name has a word of the world in it.
    """
    known = {word.upper() for word in (*GLYPHS, *SHAPES, *COLOURS)} | {
        "AUTOMOBILE",
        "TAXI",
        "LORRY",
        "BOOK",
        "STEAM",
        "HUT",
    }
    known |= {"RAILWAY", "TRAM", "METRO", "LOCOMOTIVE", "HOME", "HEARTS", "DOG", "BUILDING", "LEOPARD", "PANDA", "BOAT"}
    codes = [
        code
        for code in (*range(0x2600, 0x27C0), *range(0x1F300, 0x1FB00))
        if not known & set(unicodedata.name(chr(code), "").replace("-", " ").split()) and _drawable(code)
    ]
    return (
        tuple(code for code in codes if code % _UNSEEN_OF),
        tuple(code for code in codes if code % _UNSEEN_OF == 0),
    )


def _drawable(code: int) -> bool:
    """Whether the font has it, as more than a dot. Skin tones alone are no pictures."""
    if 0x1F3FB <= code <= 0x1F3FF:
        return False
    left, top, right, bottom = _font(_EMOJI, _EMOJI_PX).getbbox(chr(code))
    return bool(right - left > 20 and bottom - top > 20 and _has_ink(code))


def _has_ink(code: int) -> bool:
    from PIL import Image, ImageDraw

    drawn = Image.new("RGBA", (160, 160))
    ImageDraw.Draw(drawn).text((8, 8), chr(code), font=_font(_EMOJI, _EMOJI_PX), embedded_color=True)
    box = drawn.getbbox()
    return box is not None and box[2] - box[0] > 20 and box[3] - box[1] > 20


@lru_cache(256)
def _font(name: str, size_px: int) -> Any:
    from PIL import ImageFont

    for folder in (*_PLACES, str(resources() / "fonts")):
        path = Path(folder) / name
        if path.is_file():
            return ImageFont.truetype(str(path), size_px)
    raise EnvironmentProblem(
        "eyes.no_font",
        f"The font {name} is not installed.",
        remedy="Install the fonts with: make setup",
    )
