"""The insights page: a period, then sections of charts, the log of changes, and the usability tests."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from desktop_app.domain.insights import Insights, JourneyResult, Section
from desktop_app.ui.file_dialogs import save_file
from desktop_app.ui.insights.changes import ChangesCard
from desktop_app.ui.insights.chart_card import ChartCard
from desktop_app.ui.insights.presenter import PERIODS, USUAL, InsightsPresenter
from desktop_app.ui.insights.table import Table
from desktop_app.ui.insights.words import tr
from desktop_app.ui.page import Page, PageTools
from desktop_app.ui.preferences.choice import Segments
from desktop_app.ui.widgets import button, label, spaced, tab_through


class InsightsPage(Page):
    def __init__(self, tools: PageTools, parent: QWidget | None = None) -> None:
        super().__init__(tools, self.tr("Insights"), self.tr("Close the insights"), parent)
        theme = tools.theme
        self.presenter = InsightsPresenter(tools.services.insights, tools.lanes, self)
        self.cards: list[ChartCard] = []
        self.lead = label("", "lead", wrap=True, parent=self)
        choices = tuple((days, self._period(days)) for days in PERIODS)
        self.period = Segments(self.tr("Period"), choices, theme, self)
        self.period.show_value(USUAL)
        self.changes = ChangesCard(theme, self)
        self._body = QVBoxLayout()
        self._undrawn: deque[ChartCard] = deque()
        self._tests: Table | None = None
        self._draw = QTimer(self, interval=0)
        self._build_page()
        self._connect()

    def begin(self) -> None:
        super().begin()
        self.presenter.gather()

    def leave(self) -> None:
        self._draw.stop()

    # -- building ------------------------------------------------------------------------------------------------

    def _build_page(self) -> None:
        theme = self.tools.theme
        self._save_button = button(self.tr("Save as a page…"), "secondary", self._save, parent=self)
        self.head.insertWidget(1, self._save_button)
        self.column.addWidget(self.lead)
        self.column.addWidget(self.period)
        spaced(self._body, theme, spacing=6)
        self.column.addLayout(self._body)

    def _connect(self) -> None:
        presenter = self.presenter
        presenter.found.connect(self.show_insights)
        presenter.saved.connect(lambda path: self.tools.notices.info(self.tr("Saved: %1").replace("%1", str(path))))
        presenter.failed.connect(self.tools.notices.error)
        self.period.chosen.connect(presenter.gather)
        self.changes.added.connect(presenter.note)
        self.changes.removed.connect(presenter.remove_note)
        self._draw.timeout.connect(self._draw_next)

    # -- showing -------------------------------------------------------------------------------------------------

    def show_insights(self, found: Insights) -> None:
        """The words at once, the drawings one by one."""
        self._empty()
        self.lead.setText(self._lead(found))
        for section in found.sections:
            self._body.addWidget(self._section(section))
        self.changes.show_changes(found.changes)
        self._body.addWidget(self._group(self.tr("What changed"), "", self.changes))
        if found.journeys:
            self._body.addWidget(self._journeys(found.journeys, found.journeys_day))
        self._undrawn = deque(self.cards)
        self._draw.start()

    def _draw_next(self) -> None:
        while self._undrawn:
            card = self._undrawn.popleft()
            card.draw()
            if not card.chart.empty:
                return
        self._draw.stop()
        self._order_tabs()

    def _order_tabs(self) -> None:
        """As it is read; the drawings came last."""
        stops: list[QWidget] = [self._save_button, self.close_button, *self.period.findChildren(QToolButton)]
        for card in self.cards:
            stops += card.stops
        stops += self.changes.stops
        stops += [] if self._tests is None else [self._tests]
        tab_through(*stops)

    def _empty(self) -> None:
        self.changes.setParent(self)
        self.changes.hide()
        self.cards, self._tests = [], None
        self._undrawn.clear()
        while self._body.count():
            item = self._body.takeAt(0)
            if item is not None and (widget := item.widget()):
                widget.hide()
                widget.deleteLater()

    def _section(self, section: Section) -> QWidget:
        made = [ChartCard(chart, self.tools.theme) for chart in section.charts]
        self.cards += made
        return self._group(tr(section.title), tr(section.note), *made)

    def _journeys(self, journeys: tuple[JourneyResult, ...], day: str) -> QWidget:
        head = (
            self.tr("Task"),
            self.tr("Way"),
            self.tr("Result"),
            self.tr("Steps"),
            self.tr("Fewest"),
            self.tr("Seconds, computed"),
            self.tr("Stalls"),
        )
        rows = tuple(
            (
                each.name,
                tr(each.way),
                self.tr("done") if each.success else self.tr("failed"),
                str(each.steps),
                str(each.optimum_steps),
                f"{each.klm_s:.1f}",
                str(each.stalls),
            )
            for each in journeys
        )
        note = self.tr("Scripted tests of the window, run %1; no people took part.").replace("%1", day)
        self._tests = Table(self.tr("Usability tests"), head, rows, self.tools.theme)
        return self._group(self.tr("Usability tests"), note, self._tests)

    def _group(self, title: str, note: str, *parts: QFrame) -> QWidget:
        group = QWidget()
        column = QVBoxLayout(group)
        spaced(column, self.tools.theme, spacing=2)
        column.addWidget(label(title, "heading", wrap=True))
        if note:
            column.addWidget(label(note, "muted", wrap=True))
        for part in parts:
            column.addWidget(part)
            part.show()
        return group

    def _lead(self, found: Insights) -> str:
        words = self.tr("%1 rated answers and %2 recorded events in %3 days. Everything was counted on this computer.")
        for place, value in enumerate((found.ratings, found.events, found.days), 1):
            words = words.replace(f"%{place}", str(value))
        if found.level == "off":
            words += " " + self.tr("Nothing is recorded now: see “What is recorded”.")
        return words

    def _period(self, days: int) -> str:
        return self.tr("%1 days").replace("%1", str(days)) if days < 365 else self.tr("A year")

    def _save(self) -> None:
        path: Path | None = save_file(self, self.tr("Save the insights"), "stonechat-insights.html", "HTML (*.html)")
        if path is not None:
            self.presenter.save_page(path)
