"""The Personalize page: what is in use, a new adapter, its report, the blind comparison, and all adapters so far."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop_app.domain.gate import Verdict
from desktop_app.ui.page import Page, PageTools
from desktop_app.ui.personalize.blind_card import BlindCard
from desktop_app.ui.personalize.learn_card import LearnCard
from desktop_app.ui.personalize.presenter import PersonalizePresenter
from desktop_app.ui.personalize.report_card import ReportCard
from desktop_app.ui.personalize.timeline_card import TimelineCard
from desktop_app.ui.personalize.use_card import UseCard
from desktop_app.ui.widgets import label


class PersonalizePage(Page):
    def __init__(self, tools: PageTools, parent: QWidget | None = None) -> None:
        super().__init__(tools, self.tr("Personalize"), self.tr("Close the page"), parent)
        theme = tools.theme
        self.presenter = PersonalizePresenter(tools.services, tools.lanes, self)
        self.presenter.failed.connect(tools.notices.error)
        self.use_card = UseCard(self.presenter, theme)
        self.learn_card = LearnCard(self.presenter, theme)
        self.report_card = ReportCard(theme)
        self.blind_card = BlindCard(self.presenter, theme)
        self.timeline_card = TimelineCard(self.presenter, theme)
        self.column.addWidget(
            label(
                self.tr(
                    "Your ratings can become a small change to the model, an adapter, made on this computer. It is"
                    " judged before it is offered, and can be taken back at any time."
                ),
                "lead",
                wrap=True,
            )
        )
        for card in (self.use_card, self.learn_card, self.report_card, self.blind_card, self.timeline_card):
            self.column.addWidget(card)
        self.presenter.report_found.connect(self._on_report)

    def begin(self) -> None:
        super().begin()
        self.presenter.look()

    def _on_report(self, _adapter_id: str, verdict: Verdict) -> None:
        self.report_card.show_verdict(verdict)
        self.area.ensureWidgetVisible(self.report_card)
