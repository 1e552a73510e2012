"""A new adapter: how many ratings are missing, exactly what would be used, the button, and the progress."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from desktop_app.domain.personalizing import StageProgress
from desktop_app.services.dataset import PlannedItem
from desktop_app.ui.announce import announce
from desktop_app.ui.personalize import words
from desktop_app.ui.personalize.cards import Card, emptied
from desktop_app.ui.personalize.presenter import PageState, PersonalizePresenter
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, follow, label, spaced

LIST_STEPS = 60


class LearnCard(Card):
    def __init__(self, presenter: PersonalizePresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.heading.setText(self.tr("A new adapter"))
        self._presenter = presenter
        self._stage = ""
        self.state = label("", wrap=True)
        self.detail = label("", "muted", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the personalization"))
        self.start = button(self.tr("Personalize now"), "primary", presenter.start)
        self.show_items = button(self.tr("See what would be used"), "secondary", self._toggle_items)
        self.pause = button(self.tr("Pause"), "secondary", lambda: presenter.pause(not presenter.paused))
        self.cancel = button(self.tr("Cancel"), "secondary", presenter.give_up)
        self.items = QScrollArea()
        self.items.setWidgetResizable(True)
        self.items.setAccessibleName(self.tr("What would be used"))
        self._list = QVBoxLayout()
        for widget in (self.state, self.detail, self.bar):
            self.inside.addWidget(widget)
        self.row(self.start, self.show_items, self.pause, self.cancel)
        self.inside.addWidget(self.items)
        self._build_list()
        self._on_running(presenter.running)
        presenter.state_found.connect(self.show_state)
        presenter.running_changed.connect(self._on_running)
        presenter.paused_changed.connect(self._on_paused)
        presenter.progressed.connect(self._on_progress)

    def show_state(self, state: PageState) -> None:
        preview = state.preview
        if self._presenter.running:
            return
        if preview is None:
            self.state.setText(self.tr("There is no language model yet."))
            self.detail.setText("")
        elif preview.refusal:
            self.state.setText(preview.refusal)
            self.detail.setText(self.tr("Ratings still act, through rules and examples."))
        else:
            wanting = words.missing(preview)
            self.state.setText(wanting or words.plan(preview))
            self.detail.setText(words.split(preview) if not wanting else self._counted(state))
        ready = preview is not None and not preview.refusal and preview.readiness.ready
        self.start.setEnabled(ready)
        self.start.setText(self.tr("Go on") if state.unfinished else self.tr("Personalize now"))
        if state.rebuild_due and ready:
            self.detail.setText(self.tr("Feedback was taken back: make a new adapter without it."))
        self.show_items.setVisible(bool(state.planned))
        self.cancel.setVisible(state.unfinished)
        self._fill(state.planned)

    def _counted(self, state: PageState) -> str:
        assert state.preview is not None
        ready = state.preview.readiness
        sentence = self.tr("So far {liked} liked and {disliked} disliked; 30 in all and 8 of each are needed.")
        return sentence.format(liked=ready.liked, disliked=ready.disliked)

    def _build_list(self) -> None:
        body = QWidget()
        self._list = QVBoxLayout(body)
        spaced(self._list, self.theme, margins=(2, 2, 2, 2), spacing=1)
        self.items.setWidget(body)
        follow(self.theme, self.items, lambda: self.items.setFixedHeight(self.theme.space(LIST_STEPS)))
        self.items.hide()

    def _fill(self, planned: tuple[PlannedItem, ...]) -> None:
        emptied(self._list)
        for item in planned:
            box = QCheckBox(self._line(item))
            box.setChecked(item.feedback_id not in self._presenter.removed)
            box.setToolTip(self.tr("Untick to leave it out"))
            box.toggled.connect(lambda on, item=item: self._presenter.leave_out(item.feedback_id, not on))
            self._list.addWidget(box)
        self._list.addStretch(1)

    def _line(self, item: PlannedItem) -> str:
        liked = self.tr("liked") if item.liked else self.tr("disliked")
        use = self.tr("judges") if item.held_out else self.tr("teaches")
        return f"{liked}, {use}: {item.question}".replace("&", "&&")

    def _toggle_items(self) -> None:
        self._show_items(self.items.isHidden())

    def _show_items(self, on: bool) -> None:
        self.items.setVisible(on)
        self.show_items.setText(self.tr("Hide what would be used") if on else self.tr("See what would be used"))

    def _on_running(self, on: bool) -> None:
        self.start.setVisible(not on)
        self.show_items.setVisible(not on)
        self._show_items(False)
        for widget in (self.bar, self.pause, self.cancel):
            widget.setVisible(on)
        if on:
            self.bar.setRange(0, 0)
            self.state.setText(self.tr("Beginning"))
            self.detail.setText(self.tr("It gives way when you type or talk, and goes on after a crash."))
            announce(self, self.tr("The personalization has begun"))

    def _on_paused(self, on: bool) -> None:
        self.pause.setText(self.tr("Resume") if on else self.tr("Pause"))
        if on:
            self.state.setText(self.tr("Paused"))

    def _on_progress(self, event: StageProgress) -> None:
        self.bar.setRange(0, event.total)
        self.bar.setValue(event.done)
        name, remaining = words.stage(event), words.left(event.seconds_left)
        self.state.setText(f"{name}, {remaining}" if remaining else name)
        if event.stage != self._stage:
            self._stage = event.stage
            announce(self, name)
