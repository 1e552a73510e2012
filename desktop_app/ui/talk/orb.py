"""The state as a shape: a disc with an icon, and around it what tells the states apart without colour."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.ui.talk.state import ICONS, Doing
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow

TICK_MS = 50
BEATS_PER_S = 1000 / TICK_MS
SIDE_UNITS = 22.0
USUAL_STEPS = 22
SMALL_STEPS = 14
_MOVING: tuple[Doing, ...] = ("opening", "listening", "hearing", "thinking", "speaking")
_FULL: tuple[Doing, ...] = ("hearing", "speaking")
_QUIET: tuple[Doing, ...] = ("muted", "paused", "waiting")
_BARS = 28
_DOTS = 10


class Orb(QWidget):
    """A breathing ring listens, rings that close in hear, running dots think, rays speak; a square pauses, a dashed
    one waits for a device, a dashed ring is muted. Still under reduced motion and out of sight.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._beat = 0
        self._steps = USUAL_STEPS
        self.doing: Doing = "opening"
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._advance)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        follow(theme, self, self.updateGeometry)

    @property
    def moves(self) -> bool:
        return self._timer.isActive()

    def show_doing(self, doing: Doing) -> None:
        if doing != self.doing:
            self.doing, self._beat = doing, 0
        self._arrange()
        self.update()

    def set_small(self, small: bool) -> None:
        self._steps = SMALL_STEPS if small else USUAL_STEPS
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        side = self._theme.space(self._steps)
        return QSize(side, side)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _arrange(self) -> None:
        if self.isVisible() and self.doing in _MOVING and not self._theme.reduced_motion:
            self._timer.start()
        else:
            self._timer.stop()

    def _advance(self) -> None:
        self._beat += 1
        if self._theme.reduced_motion:
            self._timer.stop()
            self._beat = 0
        self.update()

    # -- painting: lengths in units, of which the side has 22 ----------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = min(self.width(), self.height()) / SIDE_UNITS
        painter.translate(self.width() / 2, self.height() / 2)
        painter.scale(unit, unit)
        {
            "opening": self._turning_arc,
            "listening": self._breathing_ring,
            "hearing": self._closing_rings,
            "thinking": self._running_dots,
            "speaking": self._rays,
        }.get(self.doing, lambda _: None)(painter)
        self._body(painter)
        painter.resetTransform()
        self._icon(painter, round(unit * (8 if self.doing == "thinking" else 7)))

    def _body(self, painter: QPainter) -> None:
        theme = self._theme
        full = self.doing in _FULL
        quiet = self.doing in _QUIET
        edge = theme.colour("border_strong" if quiet else "accent")
        painter.setBrush(theme.colour("accent" if full else "sunken" if quiet else "accent_soft"))
        pen = QPen(edge, 0.5)
        if self.doing in ("muted", "waiting"):
            pen.setDashPattern([3.0, 2.6])
        painter.setPen(Qt.PenStyle.NoPen if self.doing == "opening" else pen)
        if self.doing in ("paused", "waiting"):
            painter.drawRoundedRect(QRectF(-6.6, -6.6, 13.2, 13.2), 3.2, 3.2)
        else:
            painter.drawEllipse(QPointF(), 7, 7)

    def _icon(self, painter: QPainter, side: int) -> None:
        token = "accent_text" if self.doing in _FULL else "text" if self.doing in _QUIET else "accent"
        left, top = (self.width() - side) // 2, (self.height() - side) // 2
        self._theme.icon(ICONS[self.doing], token).paint(painter, left, top, side, side)

    def _turning_arc(self, painter: QPainter) -> None:
        room = QRectF(-9, -9, 18, 18)
        painter.setPen(QPen(self._theme.colour("border"), 0.6))
        painter.drawEllipse(room)
        painter.setPen(QPen(self._theme.colour("accent"), 0.6, c=Qt.PenCapStyle.RoundCap))
        painter.drawArc(room, round((90 - self._at(0.5) * 360) * 16), -100 * 16)

    def _breathing_ring(self, painter: QPainter) -> None:
        swell = math.sin(self._at(0.22) * math.tau) if self._beat else 0.0
        self._ring(painter, 9.2 + 0.7 * swell, 0.45 - 0.15 * swell)

    def _closing_rings(self, painter: QPainter) -> None:
        """Sound that comes in."""
        for ring in range(2):
            far = 1 - (self._at(0.7) + ring / 2) % 1 if self._beat else 0.35 + 0.5 * ring
            self._ring(painter, 7.4 + 3.2 * far, 0.85 * (1 - far) + 0.1)

    def _running_dots(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for dot in range(_DOTS):
            behind = (self._at(0.6) - dot / _DOTS) % 1
            strength = max(0.0, 1 - behind * 2)
            painter.setBrush(self._tinted("accent", 0.3 + 0.7 * strength))
            turn = dot / _DOTS * math.tau - math.pi / 2
            size = 0.45 + 0.45 * strength
            painter.drawEllipse(QPointF(9.4 * math.cos(turn), 9.4 * math.sin(turn)), size, size)

    def _rays(self, painter: QPainter) -> None:
        """Sound that goes out."""
        painter.setPen(QPen(self._theme.colour("accent"), 0.6, c=Qt.PenCapStyle.RoundCap))
        for bar in range(_BARS):
            turn = bar / _BARS * math.tau
            wave = math.sin(turn * 3 + self._at(0.9) * math.tau) * math.sin(turn * 5 - self._at(0.5) * math.tau)
            far = 9.0 + 1.5 * (abs(wave) if self._beat else 0.15 + 0.7 * (bar % 2))
            across, up = math.cos(turn), math.sin(turn)
            painter.drawLine(QPointF(8.4 * across, 8.4 * up), QPointF(far * across, far * up))

    def _ring(self, painter: QPainter, radius: float, strength: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._tinted("accent", strength), 0.5))
        painter.drawEllipse(QPointF(), radius, radius)

    def _tinted(self, token: str, strength: float) -> QColor:
        colour = self._theme.colour(token)
        colour.setAlphaF(1.0 if self._theme.high_contrast else max(0.0, min(1.0, strength)))
        return colour

    def _at(self, per_second: float) -> float:
        """How far a movement of so many rounds per second has come in its round, 0..1."""
        return self._beat / BEATS_PER_S * per_second % 1
