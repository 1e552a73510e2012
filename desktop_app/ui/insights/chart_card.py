"""One chart on the page: what it says in words, the drawing, and the same as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.domain.insights import Chart, Point
from desktop_app.services.insights_html import table_of
from desktop_app.ui.announce import announce
from desktop_app.ui.insights.table import Table
from desktop_app.ui.insights.words import point_told, told, tr
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, follow, label, spaced, tab_through

if TYPE_CHECKING:
    from PySide6.QtCharts import QChartView

_STEPS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}


class ChartCard(QFrame):
    """Cheap until `draw`, which makes the drawing."""

    def __init__(self, chart: Chart, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self._theme = theme
        self.setProperty("kind", "card")
        self.setAccessibleName(tr(chart.title))
        self._column = QVBoxLayout(self)
        spaced(self._column, theme, margins=(5, 4, 5, 3), spacing=1.5)
        self._column.addWidget(label(tr(chart.title), "strong", wrap=True, parent=self))
        self.summary = label(told(chart.summary), "muted", wrap=True, parent=self)
        self._column.addWidget(self.summary)
        self.drawing: QWidget | None = None
        self.table: Table | None = None
        self.reading = label("", "small", wrap=True, parent=self)
        self.reading.hide()
        self._toggle = button(_tr("Show as a table"), "link", self.toggle_table, parent=self)
        self._toggle.setAccessibleDescription(tr(chart.title))
        self._toggle.setVisible(not chart.empty)
        self._column.addWidget(self.reading)
        self._column.addWidget(self._toggle, 0, Qt.AlignmentFlag.AlignLeft)

    def draw(self) -> None:
        """Put the drawing in, unless there is nothing to draw."""
        if self.drawing is None and not self.chart.empty:
            self.drawing = make_drawing(self)
            self._column.insertWidget(2, self.drawing)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """What Tab goes through, as it is read."""
        parts = (self.drawing, self.table, self._toggle)
        return () if self.chart.empty else tuple(part for part in parts if part is not None)

    @property
    def theme(self) -> Theme:
        return self._theme

    def toggle_table(self) -> None:
        """The table instead of the drawing, or back."""
        if self.table is None:
            head, rows = table_of(self.chart)
            head = tuple(tr(word) for word in head)
            self.table = Table(tr(self.chart.title), head, rows, self._theme, self)
            self._column.insertWidget(2, self.table)
            self.table.hide()
            tab_through(*self.stops)
        shown = self.table.isHidden()
        self.table.setVisible(shown)
        self.reading.hide()
        if self.drawing is not None:
            self.drawing.setVisible(not shown)
        self._toggle.setText(_tr("Show as a chart") if shown else _tr("Show as a table"))

    def read(self, series: str, point: Point) -> None:
        """Say one value, on the screen and to assistive technology."""
        words = point_told(self.chart, series, point)
        self.reading.setText(words)
        self.reading.show()
        announce(self, words)


def make_drawing(card: ChartCard) -> QChartView:
    """QtCharts is imported only when there is something to draw."""
    from PySide6.QtCharts import QChartView

    from desktop_app.ui.insights.drawing import draw, height_steps

    class Drawing(QChartView):
        """Takes the focus; arrow keys walk through the values, which are said. The wheel scrolls the page."""

        def __init__(self) -> None:
            super().__init__(card)
            self._places = [(series.name, point) for series in card.chart.series for point in series.points]
            self._place = -1
            self.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.setFrameShape(QFrame.Shape.NoFrame)
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setAccessibleName(tr(card.chart.title))
            self.setAccessibleDescription(told(card.chart.summary))
            self.setStyleSheet("background: transparent")
            follow(card.theme, self, self._draw)

        def _draw(self) -> None:
            old = self.chart()
            self.setChart(draw(card.chart, card.theme))
            if old is not None:
                old.deleteLater()
            self.setFixedHeight(card.theme.space(height_steps(card.chart)))

        def keyPressEvent(self, event: QKeyEvent) -> None:
            step = _STEPS.get(Qt.Key(event.key()))
            if step is None or not self._places:
                event.ignore()
                return
            self._place = (self._place + step) % len(self._places) if self._place >= 0 else 0
            card.read(*self._places[self._place])

        def wheelEvent(self, event: QWheelEvent) -> None:
            event.ignore()

        def focusInEvent(self, event: QFocusEvent) -> None:
            super().focusInEvent(event)
            self.viewport().update()

        def focusOutEvent(self, event: QFocusEvent) -> None:
            super().focusOutEvent(event)
            self.viewport().update()

        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            if self.hasFocus():
                painter = QPainter(self.viewport())
                painter.setPen(QPen(card.theme.colour("focus"), 2))
                painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))
                painter.end()

    return Drawing()


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChartCard", text)
