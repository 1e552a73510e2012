"""The blind comparison: a question of the person's, two answers, and which is better. Nobody is told which is which."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_app.domain.adapters import Adapter
from desktop_app.errors import AppError
from desktop_app.services.blind import BlindPair, Result, Side
from desktop_app.ui.announce import announce
from desktop_app.ui.personalize import words
from desktop_app.ui.personalize.cards import Card
from desktop_app.ui.personalize.presenter import PageState, PersonalizePresenter
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, spaced


class BlindCard(Card):
    def __init__(self, presenter: PersonalizePresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.heading.setText(self.tr("Compare blind"))
        self._presenter = presenter
        self._adapter: Adapter | None = None
        self._pair: BlindPair | None = None
        self.state = label("", wrap=True)
        self.question = QLineEdit()
        self.question.setPlaceholderText(self.tr("Ask something new, of your own"))
        self.question.setAccessibleName(self.tr("Question for both"))
        self.question.returnPressed.connect(self._ask)
        self.ask = button(self.tr("Ask both"), "secondary", self._ask)
        self.use_now = button(self.tr("Use it without comparing"), "secondary", self._use)
        self.left, self.right = self._answer(self.tr("Answer A")), self._answer(self.tr("Answer B"))
        self.votes = [
            button(text, "secondary", lambda side=side: self._vote(side))  # type: ignore[misc]
            for side, text in (
                ("left", self.tr("A is better")),
                ("right", self.tr("B is better")),
                ("tie", self.tr("No difference")),
            )
        ]
        self.inside.addWidget(self.state)
        self.inside.addWidget(self.question)
        self.row(self.ask, self.use_now)
        self._build_answers()
        self.row(*self.votes)
        self._show_pair(None)
        self.hide()
        presenter.state_found.connect(self.show_state)
        presenter.pair_found.connect(self._show_pair)
        presenter.voted.connect(self._on_voted)
        presenter.failed.connect(self._on_failed)

    def show_state(self, state: PageState) -> None:
        """It is about the newest adapter that waits to be used."""
        offered = [a for a in state.adapters if a.state == "offered" and a.lineage.base_sha256 == state.base_sha256]
        self._adapter = offered[0] if offered else None
        self.setVisible(self._adapter is not None)
        if self._adapter is not None and self._pair is None and not self.state.text():
            self.state.setText(
                self.tr(
                    "Which answers do you like better? It may be asked up to 60 times; it ends as soon as there is"
                    " enough evidence."
                )
            )

    def _build_answers(self) -> None:
        """One below the other: so they can be read in a narrow window and with large letters too."""
        self._answers = QWidget()
        column = QVBoxLayout(self._answers)
        spaced(column, self.theme, spacing=1)
        for title, answer in ((self.tr("A"), self.left), (self.tr("B"), self.right)):
            column.addWidget(label(title, "strong"))
            column.addWidget(answer)
        self.inside.addWidget(self._answers)

    def _answer(self, name: str) -> QLabel:
        made = label("", wrap=True)
        made.setAccessibleName(name)
        made.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return made

    def _ask(self) -> None:
        if self._adapter is not None and self.ask.isEnabled():
            self.ask.setEnabled(False)
            self.state.setText(self.tr("Both are answering"))
            self._presenter.ask_both(self._adapter.id, self.question.text())

    def _use(self) -> None:
        if self._adapter is not None:
            self._presenter.use(self._adapter)

    def _vote(self, side: Side) -> None:
        if self._pair is not None:
            pair, self._pair = self._pair, None
            self._presenter.vote(pair, side)
            self._show_pair(None)
            self.question.clear()
            self.question.setFocus()

    def _show_pair(self, pair: BlindPair | None) -> None:
        self._pair = pair
        self.ask.setEnabled(pair is None)
        self._answers.setVisible(pair is not None)
        for vote in self.votes:
            vote.setVisible(pair is not None)
        if pair is not None:
            self.left.setText(pair.left)
            self.right.setText(pair.right)
            self.state.setText(pair.question)
            self.votes[0].setFocus()
            announce(self, self.tr("Two answers to compare"))

    def _on_voted(self, result: Result) -> None:
        self.state.setText(words.standing(result))
        announce(self, self.state.text())

    def _on_failed(self, _error: AppError) -> None:
        if not self.ask.isEnabled() and self._pair is None:
            self.state.setText(self.tr("There was no answer. Ask again."))
            self.ask.setEnabled(True)
