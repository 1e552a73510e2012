"""How loud the person is, as a short row of bars. It repaints only when another bar lights up or goes out."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow

BARS = 24
CALM_BARS = 6
"""Bars that light up together under reduced motion."""
WIDTH_STEPS, HEIGHT_STEPS = 36, 3


class LoudnessMeter(QWidget):
    """Out of the accessibility tree's way: what it shows changes too often to be read out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lit = 0
        self.setAccessibleName(self.tr("Loudness of your voice"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        follow(theme, self, self.updateGeometry)

    def show_level(self, level: float) -> None:
        """0 to 1."""
        step = CALM_BARS if self._theme.reduced_motion else 1
        lit = round(min(1.0, max(0.0, level)) * BARS / step) * step
        if lit != self.lit:
            self.lit = lit
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.space(WIDTH_STEPS), self._theme.space(HEIGHT_STEPS))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        pitch = self.width() / BARS
        for place in range(BARS):
            on = place < self.lit
            height = self.height() * (1.0 if on else 0.4)
            painter.setBrush(self._theme.colour("accent" if on else "border_strong"))
            bar = QRectF(place * pitch, (self.height() - height) / 2, pitch * 0.5, height)
            painter.drawRoundedRect(bar, bar.width() / 2, bar.width() / 2)
        painter.end()
