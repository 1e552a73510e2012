"""The second step: does the microphone hear, can the voice be heard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QVBoxLayout, QWidget

from desktop_app.errors import AppError, EngineCrashed
from desktop_app.ui.announce import announce
from desktop_app.ui.level_meter import LevelMeter
from desktop_app.ui.onboarding.presenter import OnboardingPresenter
from desktop_app.ui.onboarding.steps import Step
from desktop_app.ui.sound_test import SoundTest
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, reword, spaced, wear

SOUND_LEVEL = 0.25
WIDE_STEPS = 125


class SoundStep(Step):
    """Nothing starts by itself; the microphone closes when the step is left."""

    def __init__(
        self, presenter: OnboardingPresenter, both: SoundTest, theme: Theme, title: str, sentence: str
    ) -> None:
        super().__init__(theme, title, sentence)
        self._presenter = presenter
        self.both = both
        self.both.setProperty("kind", "card")
        self._heard = False
        self._rows: list[QBoxLayout] = []
        self._build()
        presenter.level.connect(self._on_level)
        presenter.listening_changed.connect(self._on_listening)
        presenter.speaking_changed.connect(self._on_speaking)
        presenter.microphone_failed.connect(lambda error: self._say_why(self.said, error))
        presenter.voice_failed.connect(lambda error: self._say_why(self.spoken, error))

    def go(self) -> None:
        self._presenter.hush()
        self.both.stop()

    def _build(self) -> None:
        self.meter = LevelMeter(self.tr("Loudness of the microphone"), self._theme)
        self.said = label(self.tr("Press the button and say something."), "muted", wrap=True)
        self.listen = button(self.tr("Test the microphone"), "secondary", self._toggle)
        wear(self.listen, self._theme, "microphone", "accent")
        self.speak = button(self.tr("Play a sentence"), "secondary", self._presenter.say_hello)
        wear(self.speak, self._theme, "speaker-high", "accent")
        self.column.addWidget(self._card(self.tr("Microphone"), self.said, self.listen, self.meter))
        self.spoken = label(self.tr("A short greeting, in the voice that reads answers."), "muted", wrap=True)
        self.column.addWidget(self._card(self.tr("Voice"), self.spoken, self.speak))
        self.column.addWidget(self.both)
        self.column.addStretch(1)

    def _card(self, title: str, sentence: QWidget, press: QWidget, *more: QWidget) -> QFrame:
        card = QFrame()
        card.setProperty("kind", "card")
        column = QVBoxLayout(card)
        spaced(column, self._theme, margins=(5, 4, 5, 4), spacing=3)
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        spaced(row, self._theme, spacing=3)
        self._rows.append(row)
        words = QVBoxLayout()
        spaced(words, self._theme, spacing=0.5)
        words.addWidget(label(title, "strong"))
        words.addWidget(sentence)
        row.addLayout(words, 1)
        row.addWidget(press, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(row)
        for widget in more:
            column.addWidget(widget)
        return card

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room a button stands below its words."""
        super().resizeEvent(event)
        wide = self.width() >= self._theme.space(WIDE_STEPS)
        for row in self._rows:
            row.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def _say_why(self, place: QLabel, error: AppError) -> None:
        """The outcome of a test stands beside its button; it keeps nobody from going on."""
        remedy = self.tr("Press the button to try again.") if isinstance(error, EngineCrashed) else error.remedy
        place.setText(f"{error.message} {remedy}".strip())
        announce(self, place.text())

    def _toggle(self) -> None:
        if self._presenter.listening:
            self._presenter.hush()
        else:
            self._heard = False
            self._presenter.listen()

    def _on_level(self, level: float, _seconds: float) -> None:
        self.meter.show_level(level)
        if level > SOUND_LEVEL and not self._heard and self._presenter.listening:
            self._heard = True
            self.said.setText(self.tr("It hears you. Nothing of this is kept."))
            announce(self, self.said.text())

    def _on_listening(self, on: bool) -> None:
        reword(self.listen, self.tr("Stop the test") if on else self.tr("Test the microphone"))
        if on:
            self.said.setText(self.tr("Listening. Say something."))
            announce(self, self.said.text())
        else:
            self.meter.show_level(0)

    def _on_speaking(self, on: bool) -> None:
        reword(self.speak, self.tr("Stop") if on else self.tr("Play a sentence"))
        if on:
            self.spoken.setText(self.tr("A short greeting, in the voice that reads answers."))
