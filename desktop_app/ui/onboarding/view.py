"""The first start: three short steps, each of which can be passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.ui.announce import announce
from desktop_app.ui.jobs import Lanes
from desktop_app.ui.notices import Notices
from desktop_app.ui.onboarding.model_step import ModelStep
from desktop_app.ui.onboarding.presenter import OnboardingPresenter
from desktop_app.ui.onboarding.sound_step import SoundStep
from desktop_app.ui.onboarding.steps import Step, welcome
from desktop_app.ui.sound_test import SoundTest
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, follow, label, spaced

if TYPE_CHECKING:
    from desktop_app.services.services import Services

COLUMN_STEPS = 148


class Onboarding(QWidget):
    """`done`: the person goes on to the window."""

    done = Signal()

    def __init__(self, services: Services, lanes: Lanes, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.presenter = OnboardingPresenter(services, lanes, self)
        self.notices = Notices(theme, self)
        self.presenter.failed.connect(self.notices.error)
        self._sound_test = SoundTest(services.voice, lanes, theme, self)
        self.steps = self._build_steps()
        self._build()

    @property
    def step(self) -> int:
        return self._pages.currentIndex()

    def begin(self, step: int = 0) -> None:
        self._go_to(step)

    def _build_steps(self) -> tuple[Step, ...]:
        promises = (
            (
                "lock-simple",
                self.tr("It stays on this computer"),
                self.tr("What you write, say and show is never sent anywhere."),
            ),
            (
                "warning-circle",
                self.tr("It is an AI, and it can be wrong"),
                self.tr("It makes mistakes in a confident voice. Check what matters."),
            ),
            (
                "chats-circle",
                self.tr("Type, talk, or drop a picture"),
                self.tr("Answers can be read aloud, and stopped at any time."),
            ),
        )
        hello = (self.tr("Hello, this is Stonechat"), self.tr("An assistant that stays home."))
        sound = (self.tr("Microphone and voice"), self.tr("Only if you want to talk. You can do this later."))
        models = (
            self.tr("The models"),
            self.tr("What Stonechat answers, hears and speaks with."),
        )
        return (
            welcome(self._theme, hello, promises),
            SoundStep(self.presenter, self._sound_test, self._theme, *sound),
            ModelStep(self.presenter, self._theme, *models),
        )

    def _build(self) -> None:
        self._pages = QStackedWidget()
        for step in self.steps:
            self._pages.addWidget(step)
        body = QWidget()
        body.setProperty("kind", "page_body")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside = QVBoxLayout(body)
        spaced(inside, self._theme, margins=(0, 6, 2, 0))
        inside.addStretch(1)
        inside.addWidget(self._pages, 5)
        middle = QWidget()
        column = QVBoxLayout(middle)
        spaced(column, self._theme, margins=(6, 0, 6, 8), spacing=4)
        column.addWidget(self._build_area(body), 1)
        column.addLayout(self._build_foot())
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(1)
        outer.addWidget(middle, 1000)
        outer.addStretch(1)
        follow(self._theme, middle, lambda: middle.setMaximumWidth(self._theme.space(COLUMN_STEPS)))

    def _build_area(self, body: QWidget) -> QScrollArea:
        """In a low window the step scrolls and the buttons below it stay."""
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        return area

    def _build_foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        spaced(row, self._theme, spacing=2)
        self._place = label("", "muted")
        self.back = button(self.tr("Back"), "ghost", lambda: self._go_to(self.step - 1))
        self.onward = button("", "primary", self._on_onward)
        row.addWidget(self._place, 1)
        row.addWidget(self.back)
        row.addWidget(self.onward)
        return row

    def _on_onward(self) -> None:
        if self.step + 1 < len(self.steps):
            self._go_to(self.step + 1)
        else:
            self._finish()

    def _go_to(self, place: int) -> None:
        self.steps[self.step].go()
        self.notices.clear()
        for at, step in enumerate(self.steps):
            step.set_counted(at == place)
        self._pages.setCurrentIndex(place)
        last = place + 1 == len(self.steps)
        counted = self.tr("Step %1 of %2").replace("%1", str(place + 1)).replace("%2", str(len(self.steps)))
        self._place.setText(counted)
        self.back.setVisible(place > 0)
        self.onward.setText(self.tr("Start") if last else self.tr("Continue"))
        self.onward.setFocus()
        self.steps[place].come()
        announce(self, f"{counted}: {self.steps[place].title}")

    def _finish(self) -> None:
        self.presenter.leave()
        self.done.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.step:
            self._go_to(self.step - 1)
        else:
            super().keyPressEvent(event)
