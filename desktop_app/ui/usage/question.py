"""Asks, after the first answer that came, whether the use may be recorded. A no is as near as a yes, and final."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.domain.consent import Level
from desktop_app.domain.conversations import StoredMessage
from desktop_app.ui.preferences.switch import Switch
from desktop_app.ui.theme import Theme
from desktop_app.ui.usage.card import Card
from desktop_app.ui.widgets import label, spaced

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


class QuestionCard(Card):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(_tr("May Stonechat record how it is used?"), wording(), theme, parent)
        self.surveys = Switch(theme, self)
        self.surveys.setAccessibleName(_tr("Also ask me a short question now and then"))
        row = QHBoxLayout()
        spaced(row, theme, spacing=2)
        words = label(self.surveys.accessibleName(), "small", wrap=True, parent=self)
        words.setBuddy(self.surveys)
        row.addWidget(self.surveys)
        row.addWidget(words, 1)
        self.column.addLayout(row)
        self.stops.append(self.surveys)


class UsageQuestion(QObject):
    """Shown once an answer has come and nothing else goes on; kept until it is answered."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._services, self._chat = window.services, window.workspace.chat
        self._card: QuestionCard | None = None
        self._chat.presenter.turn_closed.connect(self._on_answered)
        self._chat.presenter.busy_changed.connect(lambda _busy: self._place())
        self._chat.talk.active_changed.connect(lambda _active: self._place())

    @property
    def open(self) -> bool:
        return self._card is not None

    def _on_answered(self, answer: StoredMessage) -> None:
        wanted = answer.status == "done" and bool(answer.text) and not self._services.preferences.current.usage_asked
        if wanted and self._card is None and self._services.usage.level == "off":
            self._card = self._build()
            self._chat.show_card(self._card)
            self._card.tab_after(self._chat.conversation.jump)
            self._place()
            if not self._card.isHidden():
                self._card.say()

    def _place(self) -> None:
        """Out of the way while something is written or said."""
        if self._card is not None:
            self._card.setVisible(not self._chat.presenter.busy and not self._chat.hands_free.active)

    def _build(self) -> QuestionCard:
        card = QuestionCard(self._window.theme, self._chat)
        card.add_row(
            (_tr("Yes, single events"), "secondary", lambda: self._answer("events")),
            (_tr("Only daily counts"), "secondary", lambda: self._answer("counters")),
            (_tr("No"), "secondary", lambda: self._answer("off")),
            (_tr("What would be recorded?"), "ghost", self._show_page),
        )
        return card

    def _answer(self, level: Level) -> None:
        surveys = self._card is not None and self._card.surveys.isChecked()
        chosen: Level = "surveys" if surveys and level == "events" else level
        self._take_away()
        self._window.change_setting(usage_asked=True)
        self._window.workspace.chat.focus_composer()
        if chosen == "off":
            return
        usage, words = self._services.usage, wording()
        job = self._window.lanes.job("io", lambda _: usage.agree(chosen, words))
        job.finished.connect(lambda _: self._window.workspace.notices.info(_thanks()))
        job.failed.connect(self._window.workspace.notices.error)
        job.start()

    def _show_page(self) -> None:
        self._window.actions_registry.run("page.usage")

    def _take_away(self) -> None:
        self._chat.show_card(None)
        self._card = None


def wording() -> str:
    """The question as it is put; its hash is kept with the answer."""
    return _tr(
        "Counts and times, in one file on this computer: they show where Stonechat fails people. Never what you write,"
        " say or show. You can look at it, pause it and delete it at any time; nothing is recorded unless you say yes."
    )


def _thanks() -> str:
    return _tr("Thank you. What is recorded can be seen and deleted under “What is recorded”.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("UsageQuestion", text)
