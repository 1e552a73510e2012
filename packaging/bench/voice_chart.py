"""A stacked bar for each pipeline: where the time between the end of speech and the first sound goes."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from html import escape
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "build" / "bench-voice.svg"
COLOURS = ("#4c6a92", "#7a9cc6", "#c98b3c", "#8c4a3b", "#5f7f5f")
WIDTH, LEFT, BAR, GAP = 760, 150, 34, 78

Bars = dict[str, tuple[Sequence[str], Sequence[Sequence[float]]]]


def draw_stages(bars: Bars) -> Path:
    """Medians of each stage, in seconds. `bars`: name -> (stages, one row of seconds for each turn)."""
    medians = {
        name: (stages, [statistics.median(column) for column in zip(*rows, strict=True)])
        for name, (stages, rows) in bars.items()
        if rows
    }
    longest = max((sum(seconds) for _, seconds in medians.values()), default=1.0)
    scale = (WIDTH - LEFT - 70) / longest
    rows = [
        _bar(name, stages, seconds, 20 + number * (BAR + GAP), scale)
        for number, (name, (stages, seconds)) in enumerate(medians.items())
    ]
    height = 20 + len(rows) * (BAR + GAP)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="{WIDTH}" height="{height}" fill="white"/>{"".join(rows)}</svg>\n',
        encoding="utf-8",
    )
    return OUT


def _bar(name: str, stages: Sequence[str], seconds: Sequence[float], top: int, scale: float) -> str:
    parts = [f'<text x="{LEFT - 10}" y="{top + 22}" text-anchor="end">{escape(name)}</text>']
    x = float(LEFT)
    for number, (stage, length) in enumerate(zip(stages, seconds, strict=True)):
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<rect x="{x:.1f}" y="{top}" width="{length * scale:.1f}" height="{BAR}" fill="{colour}"/>')
        column, row = LEFT + number % 2 * 300, top + BAR + 18 + number // 2 * 18
        parts.append(f'<rect x="{column}" y="{row - 9}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{column + 16}" y="{row}">{escape(stage)}: {length:.2f} s</text>')
        x += length * scale
    return "".join(parts) + f'<text x="{x + 8:.1f}" y="{top + 22}">{sum(seconds):.2f} s</text>'
