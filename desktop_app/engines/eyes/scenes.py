"""Draws a scene of the world: the same number always gives the same picture, and never one that another number gave.

Which scene a number means, the colours, places and turns come from here; what the camera does from `camera.py`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from desktop_app.engines.eyes import camera, unclear
from desktop_app.engines.eyes.glyphs import letters, sprite
from desktop_app.engines.eyes.world import COLOURS, DIGITS, GLYPHS, NUMBERS, SHAPES, WORDS, Kind, Scene, Thing

if TYPE_CHECKING:
    from PIL import Image

    Picture = Image.Image

SHARES: dict[Kind, int] = {"group": 26, "pair": 23, "glyph": 18, "number": 12, "word": 5, "unclear": 16}
HARDER: dict[Kind, int] = {"group": 23, "pair": 20, "glyph": 18, "number": 8, "word": 5, "unclear": 26}
"""The shares late in the training, when what is strange is all that is still hard."""
TRAINING, VALIDATION, EVALUATION = 0, 3_000_000_000, 6_000_000_000
"""Where the numbers of each purpose begin. They never meet."""

Rgb = tuple[int, int, int]


def scene_of(draw: random.Random, kind: Kind | None = None, *, harder: bool = False) -> Scene:
    shares = HARDER if harder else SHARES
    kind = kind or draw.choices(list(shares), list(shares.values()))[0]
    if kind == "group":
        thing = Thing(colour=draw.choice(list(COLOURS)), shape=draw.choice(SHAPES))
        return Scene(kind=kind, things=(thing,), count=draw.randint(1, len(NUMBERS)))
    if kind == "pair":
        colours, shapes = draw.sample(list(COLOURS), 2), draw.sample(SHAPES, 2)
        return Scene(kind=kind, things=tuple(Thing(colour=c, shape=s) for c, s in zip(colours, shapes, strict=True)))
    names: dict[Kind, Sequence[str]] = {
        "glyph": list(GLYPHS),
        "number": DIGITS,
        "word": WORDS,
        "unclear": unclear.HARDER if harder else unclear.WAYS,
    }
    return Scene(kind=kind, name=draw.choice(names[kind]))


def example(number: int, kind: Kind | None = None, *, harder: bool = False) -> tuple[Scene, Picture]:
    """The scene of this number and its picture as the encoder takes it: letterboxed, RGB."""
    draw = random.Random(number)
    scene = scene_of(draw, kind, harder=harder)
    width, height = camera.frame(draw)
    drawn = paint(scene, draw, width, height, enlarged=draw.choice((1, 2)), unseen=number >= EVALUATION)
    return scene, camera.letterbox(camera.spoil(drawn.resize((width, height), 3), draw))


def snapshot(number: int, kind: Kind | None = None) -> tuple[Scene, Picture]:
    """As `example`, but the picture as a person would have it: of any shape, larger, without bars."""
    draw = random.Random(number)
    scene = scene_of(draw, kind)
    width, height = camera.frame(draw)
    drawn = paint(scene, draw, width, height, enlarged=draw.choice((1, 2, 3, 4)), unseen=number >= EVALUATION)
    return scene, camera.spoil(drawn, draw)


def paint(
    scene: Scene, draw: random.Random, width: int, height: int, *, enlarged: int = 1, unseen: bool = False
) -> Picture:
    """The scene on `width` x `height` pixels times `enlarged`. `unseen`: strange glyphs are those of the evaluation."""
    width, height = width * enlarged, height * enlarged
    if scene.kind == "unclear":
        return unclear.paint(scene.name, draw, width, height, unseen=unseen)
    inks = [_jittered(draw, COLOURS[thing.colour]) for thing in scene.things]
    if scene.kind in ("number", "word"):
        inks = [_any(draw)]
    page = backdrop(draw, width, height, inks)
    if scene.kind == "group":
        _group(page, draw, scene.things[0].shape, inks[0], scene.count)
    elif scene.kind == "pair":
        _pair(page, draw, [thing.shape for thing in scene.things], inks)
    elif scene.kind == "glyph":
        stamp(page, draw, sprite(GLYPHS[scene.name]))
    else:
        write(page, draw, scene.name, inks[0])
    return page


def backdrop(draw: random.Random, width: int, height: int, inks: Sequence[Rgb]) -> Picture:
    """A page from which every ink stands out; sometimes it grows darker to one side."""
    from PIL import Image

    paper = _any(draw)
    for _ in range(40):
        if all(_distance(paper, ink) > 120 for ink in inks):
            break
        paper = _any(draw)
    page = Image.new("RGB", (width, height), paper)
    if draw.random() < 0.2:
        slope = Image.linear_gradient("L").rotate(draw.choice((0, 90, 180, 270))).resize((width, height))
        page.paste(Image.new("RGB", page.size, _jittered(draw, paper, 35)), mask=slope)
    return page


def stamp(page: Picture, draw: random.Random, shape: Picture) -> None:
    """An emoji near the middle of the page: mirrored, turned a little, at another size each time."""
    from PIL import Image, ImageOps

    if draw.random() < 0.5:
        shape = ImageOps.mirror(shape)
    side = round(min(page.size) * draw.uniform(0.68, 0.97))
    shape = shape.rotate(draw.uniform(-10, 10), Image.Resampling.BILINEAR, expand=True)
    shape = ImageOps.contain(shape, (side, side), Image.Resampling.BICUBIC)
    x, y = (round(place) for place in _near_middle(page, draw, *shape.size))
    page.paste(shape, (x, y), shape)


def write(page: Picture, draw: random.Random, text: str, ink: Rgb) -> None:
    """A word or number, as large as the page takes or somewhat smaller."""
    from PIL import ImageDraw

    which = draw.randrange(1 << 16)
    box = letters(which, 64).getbbox(text)
    fits = min(page.width * 0.92 / (box[2] - box[0]), page.height * 0.86 / (box[3] - box[1]))
    font = letters(which, max(8, round(64 * fits * draw.uniform(0.7, 1.0))))
    left, top, right, bottom = font.getbbox(text)
    x, y = _near_middle(page, draw, right - left, bottom - top)
    ImageDraw.Draw(page).text((x - left, y - top), text, font=font, fill=ink)


def _near_middle(page: Picture, draw: random.Random, width: float, height: float) -> tuple[float, float]:
    """Where the corner of something of this size lies: its middle is off the page's by a twelfth at most."""
    off = min(page.size) / 12
    free_x, free_y = (page.width - width) / 2, (page.height - height) / 2
    return (
        free_x + draw.uniform(-1, 1) * min(off, max(0, free_x)),
        free_y + draw.uniform(-1, 1) * min(off, max(0, free_y)),
    )


def _group(page: Picture, draw: random.Random, shape: str, ink: Rgb, count: int) -> None:
    """Things of one kind, arranged, each a little out of its place."""
    wide, tall = page.width > 1.4 * page.height, page.height > 1.4 * page.width
    places = _ARRANGED[count]
    if count == 3 and (wide or tall):
        places = ((0.19, 0.5), (0.5, 0.5), (0.81, 0.5))
    if tall and count < 4:
        places = tuple((y, x) for x, y in places)
    least = min(page.size) * (0.36, 0.21, 0.19, 0.2)[count - 1]
    most = min(least * 1.6, min(page.size) * 0.42, max(page.size) * (0.42, 0.21, 0.15, 0.2)[count - 1])
    for x, y in places:
        _put(page, draw, shape, ink, x, y, max(least, most) if count < 4 else least)


def _pair(page: Picture, draw: random.Random, shapes: Sequence[str], inks: Sequence[Rgb]) -> None:
    """One thing in the left half, one in the right."""
    radius = min(page.width * 0.22, page.height * 0.42)
    for x, shape, ink in zip((0.27, 0.73), shapes, inks, strict=True):
        _put(page, draw, shape, ink, x, 0.5, radius)


def _put(page: Picture, draw: random.Random, shape: str, ink: Rgb, x: float, y: float, radius: float) -> None:
    """Near a place given in shares of the page, about so large."""
    radius *= draw.uniform(0.85, 1.0)
    across, down = (draw.uniform(-0.25, 0.25) * radius for _ in range(2))
    figure(page, draw, shape, ink, x * page.width + across, y * page.height + down, radius)


def figure(page: Picture, draw: random.Random, shape: str, ink: Rgb, x: float, y: float, radius: float) -> None:
    """A filled shape inside a circle around (x, y), turned a little."""
    from PIL import ImageDraw

    pen = ImageDraw.Draw(page)
    box = (x - radius * 0.92, y - radius * 0.92, x + radius * 0.92, y + radius * 0.92)
    if shape == "circle":
        pen.ellipse(box, fill=ink)
    elif shape == "ring":
        pen.ellipse(box, outline=ink, width=max(2, round(radius * draw.uniform(0.3, 0.42))))
    else:
        turn = math.radians(draw.uniform(-12, 12))
        pen.polygon([_turned(px, py, turn, x, y, radius) for px, py in _OUTLINES[shape]], fill=ink)


def _turned(px: float, py: float, turn: float, x: float, y: float, radius: float) -> tuple[float, float]:
    sine, cosine = math.sin(turn), math.cos(turn)
    return x + radius * (px * cosine - py * sine), y + radius * (px * sine + py * cosine)


def _star() -> list[tuple[float, float]]:
    corners = []
    for index in range(10):
        angle, radius = math.pi * index / 5, 1.0 if index % 2 == 0 else 0.42
        corners.append((radius * math.sin(angle), -radius * math.cos(angle)))
    return corners


def _heart() -> list[tuple[float, float]]:
    """The curve x = 16 sin³t, y = 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t, brought to radius 1."""
    points = []
    for index in range(40):
        t = math.tau * index / 40
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((16 * math.sin(t) ** 3 / 17, -(y + 2.5) / 17))
    return points


_ARRANGED: dict[int, tuple[tuple[float, float], ...]] = {
    1: ((0.5, 0.5),),
    2: ((0.28, 0.5), (0.72, 0.5)),
    3: ((0.27, 0.7), (0.5, 0.28), (0.73, 0.7)),
    4: ((0.27, 0.27), (0.73, 0.27), (0.27, 0.73), (0.73, 0.73)),
}
_ARM = 0.32
_OUTLINES: dict[str, list[tuple[float, float]]] = {
    "square": [(-0.72, -0.72), (0.72, -0.72), (0.72, 0.72), (-0.72, 0.72)],
    "triangle": [(0, -0.95), (0.88, 0.66), (-0.88, 0.66)],
    "diamond": [(0, -1), (0.66, 0), (0, 1), (-0.66, 0)],
    "cross": [
        *((-_ARM, -0.95), (_ARM, -0.95), (_ARM, -_ARM), (0.95, -_ARM), (0.95, _ARM), (_ARM, _ARM)),
        *((_ARM, 0.95), (-_ARM, 0.95), (-_ARM, _ARM), (-0.95, _ARM), (-0.95, -_ARM), (-_ARM, -_ARM)),
    ],
    "star": _star(),
    "heart": _heart(),
}


def _any(draw: random.Random) -> Rgb:
    if draw.random() < 0.5:
        light = draw.choice((draw.randint(0, 70), draw.randint(185, 255)))
        return _jittered(draw, (light, light, light), 18)
    return draw.randint(0, 255), draw.randint(0, 255), draw.randint(0, 255)


def _jittered(draw: random.Random, rgb: Rgb, by: int = 16) -> Rgb:
    red, green, blue = (min(255, max(0, level + draw.randint(-by, by))) for level in rgb)
    return red, green, blue


def _distance(one: Rgb, other: Rgb) -> float:
    return math.dist(one, other)


def pixels(pictures: Sequence[Picture]) -> Any:
    """uint8, pictures x side x side x 3."""
    import numpy

    return numpy.stack([numpy.asarray(each) for each in pictures])
