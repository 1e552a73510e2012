"""Draws a chart with QtCharts: bars and stacks with whiskers, lines with their intervals. The only user of QtCharts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCharts import (
    QAbstractAxis,
    QAbstractBarSeries,
    QBarCategoryAxis,
    QBarSet,
    QChart,
    QHorizontalBarSeries,
    QHorizontalStackedBarSeries,
    QLineSeries,
    QScatterSeries,
    QValueAxis,
)
from PySide6.QtCore import QMargins, Qt
from PySide6.QtGui import QColor, QPen

from desktop_app.domain.insights import Chart, Series
from desktop_app.services.svg_charts import most_of
from desktop_app.ui.insights.palette import series_colour
from desktop_app.ui.insights.words import tr
from desktop_app.ui.theme import Theme

MOST_LABELS = 12
WHISKER_PX = 1.5
DAYS_ANGLE = -60
ROW_STEPS, LINE_STEPS, FRAME_STEPS, LEGEND_STEPS = 11, 62, 12, 10


def draw(chart: Chart, theme: Theme) -> QChart:
    """A new QChart in the theme's colours, of at most `MOST_LABELS` labels; the table has them all."""
    return _Drawing(chart, theme).make()


def height_steps(chart: Chart) -> int:
    """How high a drawing must be for its labels to be read, on the grid."""
    if chart.kind == "line":
        return LINE_STEPS
    bars = len(chart.series) if chart.kind == "bars" else 1
    rows = min(len(chart.labels), MOST_LABELS) * max(ROW_STEPS, 7 * bars)
    return rows + FRAME_STEPS + (LEGEND_STEPS if _has_legend(chart) else 0)


def _has_legend(chart: Chart) -> bool:
    return len(chart.series) > 1 or chart.reference is not None


class _Drawing:
    """Bars lie, so that their names can be read, the first on top; a line goes from left to right."""

    def __init__(self, chart: Chart, theme: Theme) -> None:
        self._chart, self._theme = chart, theme
        self._lies = chart.kind != "line"
        labels = chart.labels
        self._labels = labels[:MOST_LABELS][::-1] if self._lies else labels[-MOST_LABELS:]
        self._made = QChart()
        self._names = QBarCategoryAxis()
        self._scale = QValueAxis()

    def make(self) -> QChart:
        self._dress()
        if self._lies:
            self._add_bars()
            self._add_reference()
        else:
            self._add_lines()
        return self._made

    # -- the frame -----------------------------------------------------------------------------------------------

    def _dress(self) -> None:
        made, theme = self._made, self._theme
        made.setBackgroundVisible(False)
        made.setMargins(QMargins(0, 0, 0, 0))
        made.setAnimationOptions(QChart.AnimationOption.NoAnimation)
        made.legend().setVisible(_has_legend(self._chart))
        made.legend().setAlignment(Qt.AlignmentFlag.AlignBottom)
        made.legend().setFont(theme.font("small"))
        made.legend().setLabelColor(theme.colour("text"))
        self._names.append([_short(tr(label)) for label in self._labels])
        self._scale.setRange(0, most_of(self._chart))
        self._scale.setTickCount(8 if self._chart.most == 7 else 5)
        if self._chart.most is None:
            self._scale.applyNiceNumbers()
        self._scale.setLabelFormat("%.0f" if self._scale.max() > 8 else "%.1f")
        self._scale.setTitleText(self._chart.unit)
        down, left = Qt.AlignmentFlag.AlignBottom, Qt.AlignmentFlag.AlignLeft
        self._dress_axis(self._names, left if self._lies else down)
        self._dress_axis(self._scale, down if self._lies else left)
        self._names.setGridLineVisible(False)
        self._names.setLabelsAngle(0 if self._lies else DAYS_ANGLE)

    def _dress_axis(self, axis: QAbstractAxis, side: Qt.AlignmentFlag) -> None:
        theme = self._theme
        axis.setLabelsFont(theme.font("small"))
        axis.setTitleFont(theme.font("small"))
        axis.setLabelsColor(theme.colour("text_muted"))
        axis.setTitleBrush(theme.colour("text_muted"))
        axis.setGridLineColor(theme.colour("border"))
        axis.setLinePenColor(theme.colour("border_strong"))
        self._made.addAxis(axis, side)

    # -- bars ----------------------------------------------------------------------------------------------------

    def _add_bars(self) -> None:
        stacked = self._chart.kind == "stacked"
        bars: QAbstractBarSeries = QHorizontalStackedBarSeries() if stacked else QHorizontalBarSeries()
        bars.setBarWidth(0.7 if len(self._chart.series) > 1 and not stacked else 0.5)
        for place, series in enumerate(self._chart.series):
            one = QBarSet(tr(series.name))
            known = {point.label: point.value for point in series.points}
            one.append([known.get(label, 0.0) for label in self._labels])
            one.setColor(series_colour(self._theme, place))
            one.setBorderColor(self._theme.colour("surface"))
            bars.append(one)
        self._put(bars)
        if len(self._chart.series) == 1:
            self._add_whiskers(self._chart.series[0])

    def _add_whiskers(self, series: Series) -> None:
        """The interval of each value, through its middle."""
        for point in series.points:
            if point.label in self._labels and point.low is not None and point.high is not None:
                place = self._labels.index(point.label)
                self._put(self._stroke([(place, point.low), (place, point.high)], "text"))

    def _add_reference(self) -> None:
        if self._chart.reference is None or not self._labels:
            return
        height = self._chart.reference
        ends = [(-0.5, height), (len(self._labels) - 0.5, height)]
        line = self._stroke(ends, "text_muted", Qt.PenStyle.DashLine)
        line.setName(f"{tr(self._chart.reference_name)}: {height:g}")
        self._put(line, legend=True)

    # -- lines ---------------------------------------------------------------------------------------------------

    def _add_lines(self) -> None:
        for place, series in enumerate(self._chart.series):
            self._add_whiskers(series)
            shown = [point for point in series.points if point.label in self._labels]
            places = [(float(self._labels.index(point.label)), point.value) for point in shown]
            line = self._stroke(places, "text", colour=series_colour(self._theme, place), width=2.0)
            line.setName(tr(series.name))
            self._put(line, legend=True)
            dots = QScatterSeries()
            dots.setMarkerSize(self._theme.icon_size(2.5))
            dots.setColor(series_colour(self._theme, place))
            dots.setBorderColor(self._theme.colour("surface"))
            for x, y in places:
                dots.append(x, y)
            self._put(dots)

    # -- small things --------------------------------------------------------------------------------------------

    def _stroke(
        self,
        places: Sequence[tuple[float, float]],
        token: str,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
        *,
        colour: QColor | None = None,
        width: float = WHISKER_PX,
    ) -> QLineSeries:
        """Through (place of a label, value)."""
        line = QLineSeries()
        line.setPen(QPen(colour or self._theme.colour(token), width, style))
        for place, value in places:
            line.append(*((value, place) if self._lies else (place, value)))
        return line

    def _put(self, series: QAbstractBarSeries | QLineSeries | QScatterSeries, *, legend: bool = False) -> None:
        self._made.addSeries(series)
        series.attachAxis(self._names)
        series.attachAxis(self._scale)
        if not isinstance(series, QAbstractBarSeries) and not legend:
            for marker in self._made.legend().markers(series):
                marker.setVisible(False)


def _short(label: str) -> str:
    """A day without its year; a long name cut off: the table has it whole."""
    if len(label) == 10 and label[4] == label[7] == "-":
        return label[5:]
    return label if len(label) <= 28 else label[:27] + "…"
