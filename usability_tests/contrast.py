"""Contrast as WCAG 2.2 counts it, for every pair of colours that the tokens let meet, in each theme."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.ui.tokens import load_tokens

GROUNDS = ("window", "surface", "raised", "sunken", "hover", "pressed", "accent_soft", "code_background")
WORDS = ("text", "text_muted", "accent", "danger", "warning", "success")
MARKS = ("border_strong", "focus", "accent")
MARK_GROUNDS = ("window", "surface", "raised", "sunken", "hover", "accent_soft")
LEAST_WORDS, LEAST_MARKS = 4.5, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two tokens that meet in a theme, and what they must reach."""

    theme: str
    over: str
    under: str
    ratio: float
    least: float

    @property
    def enough(self) -> bool:
        return self.ratio >= self.least


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0..1 (WCAG 2.2, "relative luminance")."""
    parts = [int(colour[-6:][place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def pairs() -> tuple[Pair, ...]:
    words = [(word, ground) for word in WORDS for ground in GROUNDS]
    words += [("text", "selection"), ("accent_text", "accent"), ("accent_text", "accent_hover")]
    marks = [(mark, ground) for mark in MARKS for ground in MARK_GROUNDS]
    found = []
    for theme, colours in load_tokens().schemes.items():
        for meeting, least in ((words, LEAST_WORDS), (marks, LEAST_MARKS)):
            for over, under in meeting:
                ratio = round(contrast(colours[over], colours[under]), 2)
                found.append(Pair(theme=theme, over=over, under=under, ratio=ratio, least=least))
    return tuple(found)
