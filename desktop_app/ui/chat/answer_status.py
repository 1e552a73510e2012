"""What the assistant is doing before its first word: loading, looking, reading, thinking."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from desktop_app.ui.chat.shown_text import shown
from desktop_app.ui.chat.turn import Phase
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label

TICK_MS = 120
_BEATS = 10


class Dots(QWidget):
    """Three dots that breathe; still ones under reduced motion."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._beat = 0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._advance)

    def sizeHint(self) -> QSize:
        unit = self._theme.space(1)
        return QSize(unit * 8, unit * 5)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._theme.reduced_motion:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        unit = self._theme.space(1)
        for i in range(3):
            colour = self._theme.colour("accent")
            colour.setAlphaF(1.0 if self._theme.reduced_motion else self._strength(i))
            painter.setBrush(colour)
            side = unit * 1.6
            painter.drawEllipse(QRectF(i * unit * 2.7, (self.height() - side) / 2, side, side))

    def _strength(self, dot: int) -> float:
        distance = abs((self._beat - dot * 2) % _BEATS - _BEATS / 2) / (_BEATS / 2)
        return 0.25 + 0.75 * distance

    def _advance(self) -> None:
        self._beat = (self._beat + 1) % _BEATS
        self.update()


class AnswerStatus(QWidget):
    """Dots and a few words; a thin bar while a long prompt is read."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dots = Dots(theme, self)
        self._words = label("", kind="muted", parent=self)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 100)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(theme.space(40))
        self._bar.setAccessibleName(self.tr("Reading the conversation"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.space(1), 0, theme.space(1))
        row.setSpacing(theme.space(2))
        for widget in (self._dots, self._words, self._bar):
            row.addWidget(widget)
        row.addStretch()

    def show_phase(self, phase: Phase) -> None:
        self.setVisible(phase.doing not in ("writing", "ended"))
        self._words.setText(self._sentence(phase))
        self._bar.setVisible(phase.doing == "reading")
        self._bar.setValue(round(phase.share * 100))

    @property
    def sentence(self) -> str:
        return self._words.text()

    def _sentence(self, phase: Phase) -> str:
        if phase.doing == "loading":
            name = shown(phase.model, limit=40)
            return self.tr("Waking up {model}…").format(model=name) if name else self.tr("Waking up the model…")
        return {
            "waiting": self.tr("One moment…"),
            "looking": self.tr("Looking at the picture…"),
            "reading": self.tr("Reading the conversation…"),
            "thinking": self.tr("Thinking…"),
        }.get(phase.doing, "")
