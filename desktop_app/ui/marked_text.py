"""Draws a few lines of text in which some words are marked: the hits of a search."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout, QTextOption

from desktop_app.ui.theme import Theme


def draw_marked(
    painter: QPainter, room: QRect, text: str, marks: Iterable[tuple[int, int]], theme: Theme, *, lines: int
) -> None:
    """`marks` are (start, end) in Python characters; text beyond `lines` lines is not drawn."""
    plain = "".join(" " if character.isspace() else character for character in text)
    layout = QTextLayout(plain, theme.font("small"))
    layout.setFormats([_format(plain, start, end, theme) for start, end in marks])
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    painter.setPen(theme.colour("text_muted"))
    layout.beginLayout()
    height = 0.0
    for _ in range(lines):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(room.width())
        line.setPosition(QPointF(0, height))
        height += line.height()
    layout.endLayout()
    layout.draw(painter, QPointF(room.topLeft()))


def _format(text: str, start: int, end: int, theme: Theme) -> QTextLayout.FormatRange:
    """Qt counts in UTF-16 units, Python in characters."""
    looks = QTextCharFormat()
    looks.setBackground(theme.colour("selection"))
    looks.setForeground(theme.colour("text"))
    looks.setFontWeight(QFont.Weight.DemiBold)
    made = QTextLayout.FormatRange()
    made.start = _units(text[:start])
    made.length = _units(text[start:end])
    made.format = looks
    return made


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
