"""One metric on the page, all that the registry says about it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.domain.metrics import Extra, Metric
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label, spaced


class MetricRow(QFrame):
    def __init__(self, metric: Metric, theme: Theme, *, new: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"{metric.name}. {metric.about}")
        column = QVBoxLayout(self)
        spaced(column, theme, margins=(4, 2.5, 4, 2.5), spacing=0.5)
        column.addWidget(label(_said(metric.about), "strong", wrap=True, parent=self))
        details = " · ".join(map(_detail, metric.extras))
        told = "\n".join(filter(None, (_said(metric.purpose), details, _small_print(metric, new=new))))
        column.addWidget(label(told, "muted", wrap=True, parent=self))


def _detail(extra: Extra) -> str:
    about = _said(extra.about).rstrip(".")
    if extra.choices:
        shown = ", ".join(extra.choices[:6]) + (", …" if len(extra.choices) > 6 else "")
        return f"{about} ({shown})"
    return about if extra.type == "bool" else f"{about} ({extra.least:g}-{extra.most:g})"


def _small_print(metric: Metric, *, new: bool) -> str:
    words = {
        "technical": _tr("technical"),
        "interaction": _tr("what you do"),
        "opinion": _tr("what you think"),
    }
    told = _tr("%1; %2; answered for by: %3; ends %4.")
    for place, value in enumerate(
        (metric.name, words[metric.sensitivity], metric.owner, metric.expires.isoformat()), 1
    ):
        told = told.replace(f"%{place}", value)
    return f"{_tr('New: off until you say yes.')} {told}" if new else told


def _said(text: str) -> str:
    return QCoreApplication.translate("Metrics", text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("MetricRow", text)
