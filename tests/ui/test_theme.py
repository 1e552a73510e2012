from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop_app.paths import resources
from desktop_app.settings import Settings, options
from desktop_app.ui.appearance import reduced_motion_for, scheme_for
from desktop_app.ui.fonts import load_fonts
from desktop_app.ui.icons import phosphor
from desktop_app.ui.theme import Theme
from desktop_app.ui.tokens import load_tokens

TOKENS = load_tokens()
GROUNDS = ("window", "surface", "raised", "sunken", "hover", "pressed", "accent_soft", "code_background")
WORDS = ("text", "text_muted", "accent", "danger", "warning", "success")


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[-6:][place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", TOKENS.schemes)
def test_words_can_be_read_on_every_ground(scheme: str) -> None:
    colours = TOKENS.schemes[scheme]
    least = 7.0 if scheme == "high_contrast" else 4.5
    pairs = [(word, ground) for word in WORDS for ground in GROUNDS]
    pairs += [("text", "selection"), ("accent_text", "accent"), ("accent_text", "accent_hover")]
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert not {pair: ratio for pair, ratio in weak.items() if ratio < least}


@pytest.mark.parametrize("scheme", TOKENS.schemes)
def test_edges_of_controls_and_the_focus_can_be_seen(scheme: str) -> None:
    colours = TOKENS.schemes[scheme]
    for mark in ("border_strong", "focus", "accent"):
        for ground in ("window", "surface", "raised", "sunken", "hover", "accent_soft"):
            assert contrast(colours[mark], colours[ground]) >= 3, (mark, ground)


def test_every_scheme_has_the_same_tokens() -> None:
    first, *others = (set(colours) for colours in TOKENS.schemes.values())
    assert all(other == first for other in others)
    assert {choice for name, *_, option in options() if name == "theme" for choice, _ in option.choices} == {
        "system",
        *TOKENS.schemes,
    }


def test_everything_stands_on_the_grid() -> None:
    assert TOKENS.unit == 4


def test_a_template_is_filled_in_without_its_comments(theme: Theme) -> None:
    filled = theme.sheet("/* @none @space(n) */ a { color: @text; margin: @space(2.5); font-size: @font(body); }")
    assert filled.strip() == "a { color: #25211D; margin: 10px; font-size: 15px; }"


@pytest.mark.parametrize("scheme", TOKENS.schemes)
@pytest.mark.parametrize("scale", [100, 150, 200])
def test_every_style_sheet_fills_in_completely(theme: Theme, scheme: str, scale: int) -> None:
    theme.use(scheme, scale=scale, reduced_motion=True)  # type: ignore[arg-type]
    for path in (resources() / "qss").glob("*.qss"):
        filled = theme.sheet(path.read_text(encoding="utf-8"))
        assert "@" not in filled
        assert filled.count("{") == filled.count("}")
    theme.use("light", reduced_motion=True)


def test_colours_are_written_only_in_the_tokens() -> None:
    for path in (resources() / "qss").glob("*.qss"):
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", path.read_text(encoding="utf-8")), path.name


def test_text_and_icons_grow_and_distances_follow_at_half_the_pace(theme: Theme) -> None:
    before = theme.font("body").pixelSize(), theme.space(10), theme.icon_size(5)
    theme.use("light", scale=200, reduced_motion=True)
    assert (theme.font("body").pixelSize(), theme.space(10), theme.icon_size(5)) == (30, 60, 40)
    assert before == (15, 40, 20)
    theme.use("light", reduced_motion=True)


def test_a_change_is_told_once_and_no_change_not_at_all(theme: Theme) -> None:
    told: list[str] = []
    theme.changed.connect(lambda: told.append(theme.scheme))
    theme.use("dark", reduced_motion=True)
    theme.use("dark", reduced_motion=True)
    assert told == ["dark"]
    assert theme.dark
    assert QApplication.palette().color(QPalette.ColorRole.Window) == theme.colour("window")
    theme.use("light", reduced_motion=True)


def test_the_shipped_fonts_are_the_ones_in_use(theme: Theme) -> None:
    assert {"Inter", "JetBrains Mono"} <= set(load_fonts())
    assert QFontInfo(theme.font("body")).family() == "Inter"
    assert QFontInfo(theme.font("mono")).family() == "JetBrains Mono"
    assert QFontDatabase.isFixedPitch("JetBrains Mono")


def test_icons_are_drawn_in_the_colour_that_was_asked_for(theme: Theme) -> None:
    image = theme.icon("bird", "accent").pixmap(QSize(48, 48)).toImage()
    drawn = {
        QColor(image.pixel(x, y)).name() for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() == 255
    }
    assert theme.colour("accent").name() in drawn


def test_an_icon_that_is_not_there_is_an_error(theme: Theme) -> None:
    with pytest.raises(KeyError):
        theme.icon("no-such-thing")
    assert phosphor().character("bird")


@pytest.mark.parametrize("chosen", ["light", "dark", "high_contrast"])
def test_the_persons_choice_of_colours_wins(qapp: QApplication, chosen: str) -> None:
    assert scheme_for(Settings(theme=chosen), QGuiApplication.styleHints()) == chosen


def test_otherwise_the_system_decides(qapp: QApplication) -> None:
    hints = QGuiApplication.styleHints()
    assert scheme_for(Settings(), hints) == "light"  # the offscreen platform has no preference
    assert not reduced_motion_for(Settings(), hints)
    assert reduced_motion_for(Settings(motion="reduced"), hints)


class DarkSystem:
    """QStyleHints' answers on a dark desktop that asks for contrast, or not, and for calm."""

    def __init__(self, contrast: bool) -> None:
        from PySide6.QtCore import Qt

        self._contrast = Qt.ContrastPreference.HighContrast if contrast else Qt.ContrastPreference.NoPreference
        self._qt = Qt

    def accessibility(self) -> DarkSystem:
        return self

    def contrastPreference(self) -> object:
        return self._contrast

    def motionPreference(self) -> object:
        return self._qt.MotionPreference.ReducedMotion

    def colorScheme(self) -> object:
        return self._qt.ColorScheme.Dark


def test_the_systems_wishes_are_followed() -> None:
    assert scheme_for(Settings(), DarkSystem(contrast=False)) == "dark"  # type: ignore[arg-type]
    assert scheme_for(Settings(), DarkSystem(contrast=True)) == "high_contrast"  # type: ignore[arg-type]
    assert reduced_motion_for(Settings(), DarkSystem(contrast=False))  # type: ignore[arg-type]
    assert not reduced_motion_for(Settings(motion="full"), DarkSystem(contrast=False))  # type: ignore[arg-type]
