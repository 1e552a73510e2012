"""What was learned about the person: rules, proposals, answers that serve as examples; all of it theirs to change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_app.domain.examples import LikedAnswer
from desktop_app.domain.rules import RULE_CHARACTERS, Proposal, Rule
from desktop_app.ui.chat.shown_text import number, shown
from desktop_app.ui.feedback.page_jobs import do
from desktop_app.ui.feedback.rule_card import RuleCard
from desktop_app.ui.page import Page, PageTools
from desktop_app.ui.preferences.presenter import SettingsPresenter
from desktop_app.ui.preferences.row import SettingRow
from desktop_app.ui.widgets import button, label, rule, spaced

SWITCHES = ("use_learned", "record_signals", "rate_by_voice")
MOST_EXAMPLES = 20
EXAMPLE_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything the page shows."""

    rules: tuple[Rule, ...]
    in_use: tuple[Rule, ...]
    proposals: tuple[Proposal, ...]
    liked: tuple[LikedAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, a line for when there is nothing below it, and what is below it."""

    column: QVBoxLayout
    nothing: QLabel


class LearnedPage(Page):
    def __init__(self, tools: PageTools, parent: QWidget | None = None) -> None:
        super().__init__(tools, self.tr("What I learned"), self.tr("Close what I learned"), parent)
        self._settings = SettingsPresenter(tools.services, tools.lanes, self)
        self._settings.failed.connect(tools.notices.error)
        self.rules: list[RuleCard] = []
        self.proposals: list[RuleCard] = []
        self._examples: list[QWidget] = []
        self._fill()

    def begin(self) -> None:
        super().begin()
        self.refresh()

    def refresh(self) -> None:
        learned = self.tools.services.learned

        def look() -> Known:
            return Known(
                rules=learned.rules(), in_use=learned.in_use(), proposals=learned.proposals(), liked=learned.liked()
            )

        do(self, self.tools, look, self._show)

    # -- building ------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        lead = self.tr(
            "Every answer is told these rules and shown one or two answers that you liked. Nothing here acts unless "
            "you accepted, wrote or liked it, and \u201cWhy this answer\u201d shows what was used."
        )
        self.column.addWidget(label(lead, "lead", wrap=True))
        self.column.addWidget(self._switches())
        self._proposed = self._section(self.tr("I noticed. Is that right?"))
        self._ruled = self._section(self.tr("Rules about you"))
        self._ruled.column.addLayout(self._build_adding())
        self._shown = self._section(self.tr("Answers you liked, shown as examples"))

    def _switches(self) -> QFrame:
        card = QFrame()
        card.setProperty("kind", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.setSpacing(0)
        rows = [row for group in self._settings.groups().values() for row in group if row.name in SWITCHES]
        for place, row in enumerate(rows):
            if place:
                inside.addWidget(rule())
            inside.addWidget(SettingRow(row, self._settings, self.tools.theme))
        return card

    def _section(self, title: str) -> Section:
        made = Section(column=QVBoxLayout(), nothing=label("", "muted", wrap=True))
        spaced(made.column, self.tools.theme, spacing=2)
        made.column.addWidget(label(title, "heading"))
        made.column.addWidget(made.nothing)
        self.column.addLayout(made.column)
        return made

    def _build_adding(self) -> QHBoxLayout:
        row = QHBoxLayout()
        spaced(row, self.tools.theme, spacing=2)
        self.new = QLineEdit(self)
        self.new.setMaxLength(RULE_CHARACTERS)
        self.new.setPlaceholderText(self.tr("A rule in your own words"))
        self.new.setAccessibleName(self.tr("A rule in your own words"))
        self.new.returnPressed.connect(self._add)
        row.addWidget(self.new, 1)
        row.addWidget(button(self.tr("Add"), "secondary", self._add, parent=self))
        return row

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self, known: Known) -> None:
        for widget in (*self.rules, *self.proposals, *self._examples):
            widget.hide()
            widget.deleteLater()
        in_use = {each.id for each in known.in_use}
        self.proposals = [self._proposal_card(each) for each in known.proposals]
        self.rules = [self._rule_card(each, told=each.id in in_use) for each in known.rules]
        self._examples = [self._example(each) for each in known.liked[:MOST_EXAMPLES]]
        nothing_proposed = self.tr("Nothing new. Edits and reasons that point the same way a few times show up here.")
        nothing_liked = self.tr("None yet: like an answer, or write a better one.")
        self._put(self._proposed, self.proposals, nothing_proposed)
        self._put(self._ruled, self.rules, self.tr("None yet."))
        self._put(self._shown, self._examples, nothing_liked)

    def _put(self, section: Section, widgets: Sequence[QWidget], nothing: str) -> None:
        """Below the heading; `nothing` where there is none."""
        section.nothing.setText(nothing)
        section.nothing.setVisible(not widgets)
        for place, widget in enumerate(widgets):
            section.column.insertWidget(2 + place, widget)

    def _proposal_card(self, proposal: Proposal) -> RuleCard:
        words = self.tr("Your edits, picks and reasons that say so: {yes}; that say otherwise: {no}")
        note = words.format(yes=number(len(proposal.opinions)), no=number(proposal.against))
        learned = self.tools.services.learned
        card = RuleCard(proposal.text, note, self.tools.theme, self)
        card.offer(
            (self.tr("Yes, follow it"), lambda: self._do(partial(learned.accept, proposal.key, card.words))),
            (self.tr("No"), lambda: self._do(partial(learned.refuse, proposal.key))),
        )
        return card

    def _rule_card(self, known: Rule, *, told: bool) -> RuleCard:
        learned = self.tools.services.learned
        note = "" if told else self.tr("There are too many rules for one prompt: this one is not told to the model.")
        card = RuleCard(known.text, note, self.tools.theme, self)
        card.offer((self.tr("Remove"), lambda: self._remove(known)))
        card.reworded.connect(lambda text: self._do(partial(learned.edit, known.id, text)))
        return card

    def _example(self, liked: LikedAnswer) -> QWidget:
        card = QFrame(self)
        card.setProperty("kind", "card")
        column = QVBoxLayout(card)
        theme = self.tools.theme
        column.setContentsMargins(*(theme.space(n) for n in (3, 2, 3, 2)))
        column.setSpacing(theme.space(1))
        column.addWidget(label(shown(liked.question, limit=EXAMPLE_CHARACTERS), "strong", wrap=True))
        column.addWidget(label(shown(liked.answer, limit=EXAMPLE_CHARACTERS), "muted", wrap=True))
        return card

    # -- changing ------------------------------------------------------------------------------------------------

    def _add(self) -> None:
        text = self.new.text()

        def added(_: object) -> None:
            self.new.clear()
            self.refresh()

        do(self, self.tools, lambda: self.tools.services.learned.add(text), added)

    def _remove(self, known: Rule) -> None:
        learned = self.tools.services.learned

        def removed(rule_: Rule) -> None:
            self.tools.notices.info(
                self.tr("The rule is removed."), self.tr("Undo"), lambda: self._do(lambda: learned.put_back(rule_))
            )
            self.refresh()

        do(self, self.tools, lambda: learned.remove(known.id), removed)

    def _do(self, work: Callable[[], Any]) -> None:
        do(self, self.tools, work, lambda _: self.refresh())
