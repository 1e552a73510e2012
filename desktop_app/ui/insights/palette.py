"""Colours of the series of a chart: apart in lightness too, so that they differ without colour."""

from __future__ import annotations

from PySide6.QtGui import QColor

from desktop_app.ui.theme import Theme

_LIGHT = ("#2F6F8F", "#7A6A2F", "#6B4A86", "#3C7A55")
_DARK = ("#7FB8D4", "#D3C07A", "#C3A2DD", "#86C9A1")


def series_colour(theme: Theme, place: int) -> QColor:
    """The first is the accent."""
    if place == 0:
        return theme.colour("accent")
    others = _DARK if theme.dark else _LIGHT
    return QColor(others[(place - 1) % len(others)])
