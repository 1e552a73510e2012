"""How loud it is, as a row of bars. A progress bar for assistive technology."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from desktop_app.ui.theme import Theme

BARS = 32


class LevelMeter(QProgressBar):
    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", "meter")
        self.setAccessibleName(name)
        self.setRange(0, 100)
        self.setTextVisible(False)

    def show_level(self, level: float) -> None:
        """0 to 1."""
        self.setValue(round(100 * min(1.0, max(0.0, level))))

    def sizeHint(self) -> QSize:
        return QSize(self._theme.space(60), self._theme.space(8))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.space(30), self._theme.space(8))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        pitch = self.width() / BARS
        lit = round(self.value() / 100 * BARS)
        for place in range(BARS):
            share = 0.35 + 0.65 * place / BARS
            height = self.height() * share
            painter.setBrush(self._theme.colour("accent" if place < lit else "pressed"))
            bar = QRectF(place * pitch, (self.height() - height) / 2, pitch * 0.55, height)
            painter.drawRoundedRect(bar, bar.width() / 2, bar.width() / 2)
        painter.end()
