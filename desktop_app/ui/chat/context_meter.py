"""How much of the model's memory the conversation takes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.ui.chat.shown_text import number
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label

NEARLY_FULL = 0.85


class Ring(QWidget):
    """A small ring, filled by `share` (0..1)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.share = 0.0
        self.setFixedSize(QSize(theme.space(4), theme.space(4)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self._theme.space(1) * 0.6
        box = QRectF(self.rect()).adjusted(width, width, -width, -width)
        painter.setPen(QPen(self._theme.colour("border"), width))
        painter.drawEllipse(box)
        colour = self._theme.colour("warning" if self.share > NEARLY_FULL else "accent")
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(box, 90 * 16, -round(self.share * 360 * 16))


class ContextMeter(QWidget):
    """Used and total tokens; hidden until both are known."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ring = Ring(theme, self)
        self._words = label("", kind="meta", parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(2))
        row.addWidget(self._ring)
        row.addWidget(self._words)
        self.hide()

    def show_use(self, used: int | None, total: int | None) -> None:
        self.setVisible(bool(used and total))
        if not (used and total):
            return
        self._ring.share = min(1.0, used / total)
        self._ring.update()
        self._words.setText(f"{number(used)} / {number(total)}")
        sentence = self.tr("{used} of {total} tokens of the model's memory are in use").format(
            used=number(used), total=number(total)
        )
        self.setToolTip(sentence)
        self._words.setAccessibleName(sentence)
