"""Charts as inline SVG, coloured by the page's own style: bars lie, so that their names can be read. Pure text."""

from __future__ import annotations

from html import escape

from desktop_app.domain.insights import Chart, Point, Series

WIDTH, LEFT, RIGHT, ROW, BAR, TOP = 720, 210, 140, 34, 18, 14
PLOT = WIDTH - LEFT - RIGHT
LINE_HEIGHT, LINE_LEFT = 220, 44
MOST_LETTERS = 30


def svg(chart: Chart) -> str:
    """The drawing; its words stand in the summary and in the table beside it, so a screen reader passes over it."""
    if chart.empty:
        return ""
    drawn, height = _line(chart) if chart.kind == "line" else _rows(chart)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(chart.title)}"'
        f' xmlns="http://www.w3.org/2000/svg">{drawn}</svg>'
    )


def shown(value: float, unit: str) -> str:
    """A value as it is written beside a bar and in a table."""
    number = f"{value:.0f}" if unit in ("%", "ms") or value == round(value) else f"{value:.1f}"
    return f"{number} {unit}" if unit else number


def most_of(chart: Chart) -> float:
    """Where the scale ends."""
    if chart.most is not None:
        return chart.most
    if chart.kind == "stacked":
        found = [sum(_value(series, label) for series in chart.series) for label in chart.labels]
    else:
        found = [point.value for series in chart.series for point in series.points]
    return max(found, default=0) or 1


# -- bars


def _rows(chart: Chart) -> tuple[str, int]:
    most, labels = most_of(chart), chart.labels
    grouped = chart.kind == "bars" and len(chart.series) > 1
    step = BAR * len(chart.series) + 12 if grouped else ROW
    height = TOP + step * len(labels) + (26 if len(chart.series) > 1 else 8)
    parts = [_reference(chart, most, height)]
    for place, label in enumerate(labels):
        top = TOP + place * step
        middle = (step - 12) / 2 if grouped else BAR / 2 - 2
        parts.append(_text(LEFT - 10, top + middle + 4, _short(label), "end"))
        parts += _stack(chart, label, top, most) if chart.kind == "stacked" else _group(chart, label, top, most)
    if len(chart.series) > 1:
        parts.append(_legend(chart, height - 10))
    return "".join(parts), height


def _group(chart: Chart, label: str, top: float, most: float) -> list[str]:
    parts = []
    for number, series in enumerate(chart.series):
        point = _point(series, label)
        if point is None:
            continue
        y = top + number * BAR
        length = PLOT * min(point.value / most, 1)
        faint = "" if point.enough else " few"
        parts.append(f'<rect class="s{number}{faint}" x="{LEFT}" y="{y:.1f}" width="{length:.1f}" height="{BAR - 4}"/>')
        parts.append(_whisker(point, y + (BAR - 4) / 2, most))
        end = max(length, PLOT * min((point.high or 0) / most, 1))
        parts.append(_text(LEFT + end + 8, y + BAR - 7, f"{shown(point.value, chart.unit)} (n={point.n})"))
    return parts


def _stack(chart: Chart, label: str, top: float, most: float) -> list[str]:
    parts, x, total = [], float(LEFT), 0.0
    for number, series in enumerate(chart.series):
        value = _value(series, label)
        length = PLOT * min(value / most, 1)
        if value:
            parts.append(f'<rect class="s{number}" x="{x:.1f}" y="{top}" width="{length:.1f}" height="{BAR}"/>')
        x, total = x + length, total + value
    return [*parts, _text(x + 8, top + BAR - 5, shown(total, chart.unit))]


def _whisker(point: Point, y: float, most: float) -> str:
    if point.low is None or point.high is None:
        return ""
    low, high = (LEFT + PLOT * min(max(end / most, 0), 1) for end in (point.low, point.high))
    return f'<path class="whisker" d="M{low:.1f} {y:.1f}H{high:.1f}M{low:.1f} {y - 4:.1f}v8M{high:.1f} {y - 4:.1f}v8"/>'


def _reference(chart: Chart, most: float, height: int) -> str:
    if chart.reference is None:
        return ""
    x = LEFT + PLOT * chart.reference / most
    words = _text(x, 10, f"{chart.reference_name} {chart.reference:g}", "middle")
    return f'<path class="reference" d="M{x:.1f} {TOP}V{height - 8}"/>{words}'


def _legend(chart: Chart, y: int) -> str:
    parts, x = [], LEFT
    for number, series in enumerate(chart.series):
        parts.append(f'<rect class="s{number}" x="{x}" y="{y - 10}" width="12" height="12"/>')
        parts.append(_text(x + 17, y, series.name))
        x += 30 + 7 * len(series.name)
    return "".join(parts)


# -- lines


def _line(chart: Chart) -> tuple[str, int]:
    most, bottom = most_of(chart), LINE_HEIGHT - 34
    parts = [_grid(share, most, bottom, chart.unit) for share in (0, 0.5, 1)]
    for number, series in enumerate(chart.series):
        room = (WIDTH - LINE_LEFT - 30) / max(1, len(series.points) - 1)
        xs = [LINE_LEFT + 10 + place * room for place in range(len(series.points))]

        def y(value: float) -> float:
            return TOP + (bottom - TOP) * (1 - min(max(value / most, 0), 1))

        path = "L".join(f"{x:.1f} {y(point.value):.1f}" for x, point in zip(xs, series.points, strict=True))
        parts.append(f'<path class="line s{number}" d="M{path}"/>')
        for x, point in zip(xs, series.points, strict=True):
            if point.low is not None and point.high is not None:
                parts.append(f'<path class="whisker" d="M{x:.1f} {y(point.low):.1f}V{y(point.high):.1f}"/>')
            hollow = "" if point.enough else " few"
            parts.append(f'<circle class="s{number}{hollow}" cx="{x:.1f}" cy="{y(point.value):.1f}" r="5"/>')
        every = max(1, len(series.points) // 6)
        for x, point in list(zip(xs, series.points, strict=True))[::every]:
            parts.append(_text(x, LINE_HEIGHT - 12, _short(point.label), "middle"))
    return "".join(parts), LINE_HEIGHT


def _grid(share: float, most: float, bottom: int, unit: str) -> str:
    y = TOP + (bottom - TOP) * (1 - share)
    line = f'<path class="grid" d="M{LINE_LEFT} {y:.1f}H{WIDTH - 10}"/>'
    return line + _text(LINE_LEFT - 6, y + 4, shown(most * share, unit), "end")


# -- small things


def _point(series: Series, label: str) -> Point | None:
    return next((point for point in series.points if point.label == label), None)


def _value(series: Series, label: str) -> float:
    point = _point(series, label)
    return point.value if point else 0.0


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _short(words: str) -> str:
    """A day without its year; a long name cut off: the table has it whole."""
    if len(words) == 10 and words[4] == words[7] == "-":
        return words[5:]
    return words if len(words) <= MOST_LETTERS else words[: MOST_LETTERS - 1] + "…"
