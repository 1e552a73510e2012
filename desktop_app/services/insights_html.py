"""The insights as one HTML file that needs nothing else: charts as inline SVG, every chart a table too."""

from __future__ import annotations

from html import escape

from desktop_app.domain.insights import Chart, Insights, Section
from desktop_app.paths import resources
from desktop_app.services.svg_charts import shown, svg

SOURCES = {"person": "noted", "team": "Stonechat", "version": "version"}


def page(insights: Insights) -> str:
    """The whole file."""
    body = "".join(_section(section) for section in insights.sections)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Stonechat: insights</title><style>{_style()}</style></head><body>"
        f"<h1>Insights</h1><p class='muted'>{escape(headline(insights))}</p>"
        f"{body}{_changes(insights)}{_journeys(insights)}</body></html>"
    )


def _style() -> str:
    return (resources() / "insights.css").read_text(encoding="utf-8")


def headline(insights: Insights) -> str:
    """What the numbers are made from."""
    return (
        f"{insights.days} days to {insights.until.isoformat()}; {insights.ratings} rated answers, "
        f"{insights.events} recorded events; recording is {insights.level}. Everything was counted on this device."
    )


def _section(section: Section) -> str:
    charts = "".join(_figure(chart) for chart in section.charts)
    return f"<section><h2>{escape(section.title)}</h2><p class='muted'>{escape(section.note)}</p>{charts}</section>"


def _figure(chart: Chart) -> str:
    table = "" if chart.empty else f"<details><summary>As a table</summary>{_table(chart)}</details>"
    return f"<figure><h3>{escape(chart.title)}</h3><p>{escape(chart.summary.told())}</p>{svg(chart)}{table}</figure>"


def table_of(chart: Chart) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Heading and rows: what it is, the series where there are several, value, interval, n."""
    many = len(chart.series) > 1
    spread = any(point.low is not None for series in chart.series for point in series.points)
    head = ("", *(("Series",) if many else ()), "Value", *(("95 % interval",) if spread else ()), "n")
    rows = []
    for label in chart.labels:
        for series in chart.series:
            for point in series.points:
                if point.label != label:
                    continue
                interval = "" if point.low is None or point.high is None else _interval(chart, point.low, point.high)
                value = shown(point.value, chart.unit)
                few = "" if point.enough else ", not enough to conclude"
                rows.append(
                    (
                        label,
                        *((series.name,) if many else ()),
                        value,
                        *((interval,) if spread else ()),
                        f"{point.n}{few}",
                    )
                )
    return head, tuple(rows)


def _interval(chart: Chart, low: float, high: float) -> str:
    return f"{shown(low, chart.unit)} to {shown(high, chart.unit)}"


def _table(chart: Chart) -> str:
    head, rows = table_of(chart)
    return _html_table(chart.title, head, rows)


def _html_table(title: str, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    top = "".join(f'<th scope="col">{escape(word)}</th>' for word in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table aria-label="{escape(title)}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def _changes(insights: Insights) -> str:
    if not insights.changes:
        return "<section><h2>What changed</h2><p>Nothing was noted in this time.</p></section>"
    rows = tuple((change.day.isoformat(), change.text, SOURCES[change.source]) for change in insights.changes)
    return f"<section><h2>What changed</h2>{_html_table('What changed', ('Day', 'Change', 'By'), rows)}</section>"


def _journeys(insights: Insights) -> str:
    if not insights.journeys:
        return ""
    rows = tuple(
        (
            each.name,
            each.way,
            "done" if each.success else "FAILED",
            f"{each.steps} of {each.optimum_steps}",
            f"{each.klm_s:.1f}",
            str(each.stalls),
        )
        for each in insights.journeys
    )
    table = _html_table(
        "Usability tests", ("Task", "Way", "Result", "Steps, of the least", "Seconds, computed", "Stalls"), rows
    )
    when = f"<p class='muted'>Scripted, run {escape(insights.journeys_day)}; no people took part.</p>"
    return f"<section><h2>Usability tests</h2>{when}{table}</section>"
