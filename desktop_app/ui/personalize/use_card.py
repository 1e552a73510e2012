"""The adapter in use: how strong it is, off with one click, back to the one before."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSlider, QWidget

from desktop_app.ui.personalize import words
from desktop_app.ui.personalize.cards import Card
from desktop_app.ui.personalize.presenter import PageState, PersonalizePresenter
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label

SETTLE_MS = 250


class UseCard(Card):
    def __init__(self, presenter: PersonalizePresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.heading.setText(self.tr("What it has learned"))
        self._presenter = presenter
        self._state: PageState | None = None
        self.state = label("", wrap=True)
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(0, 20)
        self.strength.setAccessibleName(self.tr("Strength of the adapter"))
        self.strength_label = label("", "muted")
        self.off = button(self.tr("Use none"), "secondary", presenter.off)
        self.back = button(self.tr("Back to the one before"), "secondary", self._back)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(SETTLE_MS)
        self._later.timeout.connect(self._keep)
        self.strength.valueChanged.connect(self._on_moved)
        for widget in (self.state, self.strength_label, self.strength):
            self.inside.addWidget(widget)
        self.row(self.off, self.back)
        presenter.state_found.connect(self.show_state)

    def show_state(self, state: PageState) -> None:
        self._state = state
        self.state.setText(words.learned(state))
        active = state.active
        for widget in (self.strength, self.strength_label, self.off, self.back):
            widget.setVisible(active is not None)
        if active is not None and not self._later.isActive():
            self.strength.blockSignals(True)
            self.strength.setValue(round(active.strength * 20))
            self.strength.blockSignals(False)
            self._name_strength()

    def _on_moved(self) -> None:
        self._name_strength()
        self._later.start()

    def _name_strength(self) -> None:
        text = self.tr("Strength: {n} %").format(n=self.strength.value() * 5)
        self.strength_label.setText(text)
        self.strength.setAccessibleDescription(text)

    def _keep(self) -> None:
        if self._state is not None and self._state.active is not None:
            self._presenter.set_strength(self._state.active.id, self.strength.value() / 20)

    def _back(self) -> None:
        if self._state is not None:
            self._presenter.roll_back(self._state.base_sha256)
