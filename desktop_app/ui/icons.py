"""Draws Phosphor icons from the font that qtawesome ships.

The font is read without importing qtawesome: the import costs 0.3 s and loads Qt's 3D modules.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap


class PhosphorFont:
    """The font's family and the character of each icon. Needs a QGuiApplication."""

    def __init__(self) -> None:
        folder = _folder()
        font = max(folder.glob("phosphor-[0-9]*.ttf"))
        number = QFontDatabase.addApplicationFont(str(font))
        self.family = QFontDatabase.applicationFontFamilies(number)[0]
        self._codes: dict[str, str] = json.loads(max(folder.glob("phosphor-charmap-*.json")).read_bytes())

    def character(self, name: str) -> str:
        """Raises KeyError for an icon that Phosphor does not have."""
        return chr(int(self._codes[name], 16))


@lru_cache(maxsize=1)
def phosphor() -> PhosphorFont:
    return PhosphorFont()


def _folder() -> Path:
    spec = find_spec("qtawesome")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("qtawesome")
    return Path(spec.submodule_search_locations[0]) / "fonts"


def icon(name: str, colour: QColor, disabled: QColor) -> QIcon:
    """An icon that is sharp at every size. Raises KeyError."""
    return QIcon(_GlyphEngine(phosphor().character(name), colour, disabled))


class _GlyphEngine(QIconEngine):
    def __init__(self, character: str, colour: QColor, disabled: QColor) -> None:
        super().__init__()
        self._character = character
        self._colour = colour
        self._disabled = disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:  # noqa: ARG002
        font = QFont(phosphor().family)
        font.setPixelSize(max(1, min(rect.width(), rect.height())))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(font)
        painter.setPen(self._disabled if mode == QIcon.Mode.Disabled else self._colour)
        painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, self._character)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        return _GlyphEngine(self._character, self._colour, self._disabled)
