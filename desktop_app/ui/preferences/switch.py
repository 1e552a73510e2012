"""A check box that looks like a switch. Its state shows in the knob's place and a tick, not in the colour alone."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from desktop_app.ui.theme import Theme


class Switch(QCheckBox):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self._refresh)

    def sizeHint(self) -> QSize:
        side = self._theme.icon_size(1)
        return QSize(side * 12, side * 7 + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, on = self._theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(self.rect()).adjusted(4, 4, -4, -4)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(1, 1, -1, -1), track.height() / 2 + 3, track.height() / 2 + 3
            )
        painter.setPen(QPen(theme.colour("accent" if on else "border_strong"), 1.5))
        painter.setBrush(theme.colour("accent" if on else "surface"))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        self._paint_knob(painter, track, on)
        painter.end()

    def _paint_knob(self, painter: QPainter, track: QRectF, on: bool) -> None:
        inset = track.height() * (0.16 if on else 0.24)
        side = track.height() - 2 * inset
        left = track.right() - inset - side if on else track.left() + inset
        knob = QRectF(left, track.top() + inset, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent_text" if on else "border_strong"))
        painter.drawEllipse(knob)
        if on:
            tick = knob.adjusted(side * 0.18, side * 0.18, -side * 0.18, -side * 0.18).toRect()
            self._theme.icon("check-bold", "accent").paint(painter, tick)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()
