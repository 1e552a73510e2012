"""The third step: the models are here, or are fetched now."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout

from desktop_app.domain.model_specs import FetchProgress
from desktop_app.ui.announce import announce
from desktop_app.ui.onboarding.presenter import OnboardingPresenter, StarterModel
from desktop_app.ui.onboarding.steps import Step
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, follow, label, picture, rule, spaced

MEGABYTE = 1_000_000
STATE_STEPS = 14


class ModelStep(Step):
    """Lists the starter models; fetching can be stopped, and goes on later from where it was."""

    def __init__(self, presenter: OnboardingPresenter, theme: Theme, title: str, sentence: str) -> None:
        super().__init__(theme, title, sentence)
        self._presenter = presenter
        self._fetching = False
        self._build()
        presenter.models_found.connect(self._on_models)
        presenter.progressed.connect(self._on_progress)
        presenter.fetching_changed.connect(self._on_fetching)

    def come(self) -> None:
        self._presenter.look_for_models()

    def _build(self) -> None:
        self._card = QFrame()
        self._card.setProperty("kind", "card")
        self._list = QVBoxLayout(self._card)
        self._list.setContentsMargins(1, 1, 1, 1)
        self._list.setSpacing(0)
        self.column.addWidget(self._card)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Download"))
        self.state = label("", "muted", wrap=True)
        self.fetch = button(self.tr("Fetch the models"), "secondary", self._toggle)
        row = QHBoxLayout()
        spaced(row, self._theme, spacing=4)
        row.addWidget(self.state, 1)
        row.addWidget(self.fetch)
        self.column.addWidget(self.bar)
        self.column.addLayout(row)
        self.column.addStretch(1)
        for widget in (self.bar, self.fetch):
            widget.hide()

    def _toggle(self) -> None:
        if self._fetching:
            self._presenter.stop_fetching()
        else:
            self._presenter.fetch()

    def _on_models(self, models: tuple[StarterModel, ...]) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (line := item.widget()) is not None:
                line.deleteLater()
        for place, model in enumerate(models):
            if place:
                self._list.addWidget(rule())
            self._list.addWidget(self._build_model(model))
        missing = [model for model in models if not model.installed]
        self.fetch.setVisible(bool(missing) or self._fetching)
        if not self._fetching:
            self.state.setText(self._summary(missing))

    def _build_model(self, model: StarterModel) -> QFrame:
        line = QFrame()
        row = QHBoxLayout(line)
        spaced(row, self._theme, margins=(5, 3, 5, 3), spacing=3)
        icon, token = ("check-circle", "success") if model.installed else ("download-simple", "text_muted")
        row.addWidget(picture(self._theme, icon, token, 5), 0, Qt.AlignmentFlag.AlignVCenter)
        words = QVBoxLayout()
        spaced(words, self._theme, spacing=0.5)
        words.addWidget(label(model.title, "strong", wrap=True))
        words.addWidget(label(self._role(model.role), "muted", wrap=True))
        row.addLayout(words, 1)
        state = self.tr("ready") if model.installed else self.tr("%1 MB").replace("%1", str(model.bytes // MEGABYTE))
        aside = label(state, "muted")
        aside.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        follow(self._theme, aside, lambda: aside.setMinimumWidth(self._theme.icon_size(STATE_STEPS)))
        row.addWidget(aside)
        return line

    def _role(self, role: str) -> str:
        names = {
            "language": self.tr("Answers"),
            "hearing": self.tr("Turns speech into words"),
            "voice": self.tr("Reads aloud"),
            "labels": self.tr("Tells what a picture may show"),
            "projector": self.tr("Lets a language model see pictures"),
        }
        return names.get(role, role)

    def _summary(self, missing: list[StarterModel]) -> str:
        if not missing:
            return self.tr("Everything is ready. From now on no connection is needed.")
        size = sum(model.bytes for model in missing) // MEGABYTE
        sentence = self.tr("%1 MB are missing. This is the only time that Stonechat uses the internet.")
        return sentence.replace("%1", str(size))

    def _on_fetching(self, on: bool) -> None:
        self._fetching = on
        self.bar.setVisible(on)
        self.fetch.setText(self.tr("Stop") if on else self.tr("Fetch the models"))
        announce(self, self.tr("Fetching the models") if on else self.tr("The download has ended"))

    def _on_progress(self, step: FetchProgress) -> None:
        self.bar.setRange(0, 1000 if step.total else 0)
        self.bar.setValue(round(1000 * step.done / step.total) if step.total else 0)
        done, total = str(step.done // MEGABYTE), str(step.total // MEGABYTE)
        sizes = self.tr("%1 of %2 MB").replace("%1", done).replace("%2", total)
        stage = self._stage(step.stage)
        self.state.setText(f"{stage} {step.model_id}, {sizes}" if step.total else stage)

    def _stage(self, stage: str) -> str:
        names = {
            "waiting": self.tr("Waiting for another Stonechat"),
            "fetching": self.tr("Fetching"),
            "checking": self.tr("Checking"),
            "unpacking": self.tr("Unpacking"),
            "converting": self.tr("Converting"),
            "ready": self.tr("Ready:"),
        }
        return names.get(stage, stage)
