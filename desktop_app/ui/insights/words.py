"""The words of insights in the person's language; what came from outside (names of models) stays as it is."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.insights import Chart, Point, Sentence


def tr(text: str) -> str:
    return QCoreApplication.translate("Insights", text) if text else ""


def told(sentence: Sentence) -> str:
    return sentence.told(tr)


def number(value: float, unit: str) -> str:
    from desktop_app.services.svg_charts import shown

    return shown(value, unit)


def point_told(chart: Chart, series: str, point: Point) -> str:
    """One value in words, with how sure it is: said while arrow keys walk through a chart."""
    name = f"{point.label}, {tr(series)}" if len(chart.series) > 1 else point.label
    words = f"{name}: {number(point.value, chart.unit)}"
    if point.low is not None and point.high is not None:
        spread = (
            tr("%1 to %2").replace("%1", number(point.low, chart.unit)).replace("%2", number(point.high, chart.unit))
        )
        words += f" ({spread})"
    few = "" if point.enough else tr(", not enough to conclude")
    return f"{words}, n = {point.n}{few}"
