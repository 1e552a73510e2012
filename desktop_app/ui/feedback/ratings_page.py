"""Everything that was said about answers, on one page: filter, change, withdraw, export, import."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.feedback import REASON_KINDS, AnyOpinion, OpinionFilter
from desktop_app.services.feedback_files import export_to, import_from
from desktop_app.ui import file_dialogs
from desktop_app.ui.announce import announce
from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.chat.shown_text import number
from desktop_app.ui.feedback.opinion_card import OpinionCard
from desktop_app.ui.feedback.page_jobs import do
from desktop_app.ui.feedback.words import reason_title, use_of_ratings
from desktop_app.ui.page import Page, PageTools
from desktop_app.ui.preferences.choice import DropDown
from desktop_app.ui.search_field import SearchField
from desktop_app.ui.widgets import button, follow, label, spaced, tab_through

FIRST_CARDS = 30
SEARCH_STEPS = 56
TYPING_MS = 200
FILES = "*.jsonl"


class RatingsPage(Page):
    def __init__(self, tools: PageTools, parent: QWidget | None = None) -> None:
        super().__init__(tools, self.tr("Ratings"), self.tr("Close the ratings"), parent)
        self.cards: list[OpinionCard] = []
        self._found: tuple[AnyOpinion, ...] = ()
        self._most = FIRST_CARDS
        self._asked = 0
        self._filter = OpinionFilter()
        self.search = SearchField(self.tr("Find a rating"), tools.theme, self)
        follow(tools.theme, self.search, lambda: self.search.setMaximumWidth(tools.theme.space(SEARCH_STEPS)))
        self.head.insertWidget(1, self.search, 1)
        tab_through(self.search, self.close_button)
        self._typing = QTimer(self, interval=TYPING_MS, singleShot=True)
        self._typing.timeout.connect(lambda: self._narrow(words=self.search.text()))
        self.search.textChanged.connect(lambda _: self._typing.start())
        self._fill()

    def begin(self) -> None:
        super().begin()
        self._most = FIRST_CARDS
        self.refresh()

    def leave(self) -> None:
        self._typing.stop()

    def refresh(self) -> None:
        """Look at what there is, with the filter of now."""
        self._asked += 1
        wanted, asked = self._filter, self._asked

        def found(opinions: tuple[AnyOpinion, ...]) -> None:
            if asked == self._asked:
                self._show(opinions)

        do(self, self.tools, lambda: self.tools.services.feedback.list(wanted), found)

    # -- building ------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        theme = self.tools.theme
        self.column.addWidget(label(use_of_ratings(), "lead", wrap=True))
        self.kinds = DropDown(self.tr("Show"), theme, self)
        self.kinds.offer(self._kind_choices(), "all")
        self.kinds.chosen.connect(self._choose_kind)
        self.reasons = DropDown(self.tr("Reason"), theme, self)
        self.reasons.offer(self._reason_choices(), "")
        self.reasons.chosen.connect(lambda kind: self._narrow(reason=kind or None))
        tools = FlowLayout(spacing=theme.space(2))
        for widget in (self.kinds, self.reasons):
            widget.setMinimumContentsLength(20)
            tools.addWidget(widget)
        tools.addWidget(button(self.tr("Export…"), "secondary", self._export, parent=self))
        tools.addWidget(button(self.tr("Import…"), "secondary", self._import, parent=self))
        self.column.addLayout(tools)
        self._count = label("", "muted", wrap=True, parent=self)
        self.column.addWidget(self._count)
        self._list = QVBoxLayout()
        spaced(self._list, theme, spacing=2)
        self.column.addLayout(self._list)
        self._more = button(self.tr("Show more"), "link", self._show_more, parent=self)
        self.column.addWidget(self._more)
        self._more.hide()

    def _kind_choices(self) -> tuple[tuple[str, str], ...]:
        return (
            ("all", self.tr("Everything")),
            ("good", self.tr("Good answers")),
            ("bad", self.tr("Answers that were not good")),
            ("edited", self.tr("Answers you rewrote")),
            ("pick", self.tr("The better of two")),
            ("signal", self.tr("Noticed, not said")),
        )

    def _reason_choices(self) -> tuple[tuple[str, str], ...]:
        return ("", self.tr("Any reason")), *((kind, reason_title(kind)) for kind in REASON_KINDS)

    # -- filtering -----------------------------------------------------------------------------------------------

    def _choose_kind(self, kind: str) -> None:
        says: dict[str, Any] = {"kind": None, "liked": None, "edited": None}
        narrower: dict[str, dict[str, Any]] = {
            "good": {"liked": True},
            "bad": {"liked": False},
            "edited": {"edited": True},
            "pick": {"kind": "pick"},
            "signal": {"kind": "signal"},
        }
        self._narrow(**says | narrower.get(kind, {}))

    def _narrow(self, **says: Any) -> None:
        values = {name: getattr(self._filter, name) for name in ("kind", "liked", "reason", "edited", "words")}
        self._filter = OpinionFilter(**(values | says))
        self._most = FIRST_CARDS
        self.refresh()

    def _show(self, opinions: tuple[AnyOpinion, ...]) -> None:
        self._found = opinions
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self.cards = [self._card(opinion) for opinion in opinions[: self._most]]
        for card in self.cards:
            self._list.addWidget(card)
        self._more.setVisible(len(opinions) > self._most)
        self._count.setText(
            self.tr("Ratings found: {count}").format(count=number(len(opinions))) if opinions else self._nothing()
        )

    def _nothing(self) -> str:
        if self._filter == OpinionFilter():
            return self.tr("Nothing is rated yet. The thumbs under each answer are the place to begin.")
        return self.tr("Nothing fits these filters.")

    def _show_more(self) -> None:
        self._most += FIRST_CARDS
        self._show(self._found)

    # -- changing ------------------------------------------------------------------------------------------------

    def _card(self, opinion: AnyOpinion) -> OpinionCard:
        card, feedback = OpinionCard(opinion, self.tools.theme, self), self.tools.services.feedback
        card.changed.connect(
            lambda said: do(
                self, self.tools, lambda: feedback.rate(opinion.answer_id, **said), lambda _: self.refresh()
            )
        )
        card.withdrawn.connect(
            lambda: do(
                self, self.tools, lambda: feedback.withdraw(opinion.id), lambda _: self._on_withdrawn(opinion.id)
            )
        )
        return card

    def _on_withdrawn(self, opinion_id: str) -> None:
        feedback = self.tools.services.feedback

        def undo() -> None:
            do(self, self.tools, lambda: feedback.undo(opinion_id), lambda _: self.refresh())

        self.tools.notices.info(self.tr("The rating is withdrawn."), self.tr("Undo"), undo)
        self.close_button.setFocus()
        self.refresh()

    def _export(self) -> None:
        pattern = self.tr("Ratings ({patterns})").format(patterns=FILES)
        path = file_dialogs.save_file(self.window(), self.tr("Export the ratings"), "ratings.jsonl", pattern)
        if path is not None:
            feedback, wanted = self.tools.services.feedback, self._filter
            do(self, self.tools, lambda: export_to(feedback, path, wanted), self._on_exported)

    def _on_exported(self, count: int) -> None:
        self._say(self.tr("Ratings written: {count}").format(count=number(count)))

    def _import(self) -> None:
        pattern = self.tr("Ratings ({patterns})").format(patterns=FILES)
        path = file_dialogs.open_file(self.window(), self.tr("Import ratings"), pattern)
        if path is not None:
            do(self, self.tools, lambda: import_from(self.tools.services.feedback, path), self._on_imported)

    def _on_imported(self, count: int) -> None:
        self._say(self.tr("Ratings that are new: {count}").format(count=number(count)))
        self.refresh()

    def _say(self, words: str) -> None:
        self.tools.notices.info(words)
        announce(self, words)
