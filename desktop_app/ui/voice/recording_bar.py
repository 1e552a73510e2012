"""What is seen while the person speaks: how loud, how long, and a way out."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop_app.ui.chat.shown_text import clock
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import icon_button, label, spaced, wear

_FLOOR = 0.06
_LOUDNESS_POWER = 0.6


class LevelMeter(QWidget):
    """The last levels as bars, the newest on the right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._levels: deque[float] = deque(maxlen=256)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Loudness"))

    @property
    def level(self) -> float:
        """The newest, 0..1."""
        return self._levels[-1] if self._levels else 0.0

    def sizeHint(self) -> QSize:
        return QSize(self._theme.space(24), self._theme.space(7))

    def add(self, level: float) -> None:
        self._levels.append(max(0.0, min(1.0, level)))
        self.update()

    def clear(self) -> None:
        self._levels.clear()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent"))
        step = self._theme.space(1) * 1.25
        count = int(self.width() / step)
        levels = [0.0] * max(0, count - len(self._levels)) + list(self._levels)[-count:]
        for i, level in enumerate(levels):
            height = max(_FLOOR, level**_LOUDNESS_POWER) * self.height()
            painter.drawRoundedRect(QRectF(i * step, (self.height() - height) / 2, step * 0.5, height), 1.0, 1.0)


class RecordingBar(QWidget):
    """Shown instead of the composer's tools while recording and while the speech is turned into words."""

    cancelled = Signal()
    done = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.meter = LevelMeter(theme, self)
        self._time = label(clock(0), "meta", parent=self)
        self._words = label("", "muted", parent=self)
        self.cancel_button = icon_button(self.tr("Discard the recording"), "x", theme, self.cancelled.emit, parent=self)
        self.done_button = icon_button(self.tr("Use the recording"), "check", theme, self.done.emit, parent=self)
        self.done_button.setProperty("kind", "round")
        wear(self.done_button, theme, "check", "accent_text")
        row = QHBoxLayout(self)
        spaced(row, theme, spacing=3)
        row.addWidget(self.cancel_button)
        row.addWidget(self._words)
        row.addWidget(self.meter, 1)
        row.addWidget(self._time)
        row.addWidget(self.done_button)
        self.hide()

    def show_state(self, state: str) -> None:
        """`idle`, `starting`, `recording` or `hearing`."""
        self.setVisible(state != "idle")
        for widget in (self.meter, self._time, self.done_button):
            widget.setVisible(state == "recording")
        words = {"starting": self.tr("Opening the microphone…"), "hearing": self.tr("Turning speech into words…")}
        self._words.setText(words.get(state, ""))
        self._words.setVisible(bool(self._words.text()))
        if state == "starting":
            self.meter.clear()
            self._time.setText(clock(0))

    def show_level(self, level: float, seconds: float) -> None:
        self.meter.add(level)
        self._time.setText(clock(seconds))

    @property
    def elapsed(self) -> str:
        return self._time.text()
