"""Puts a short question above the composer: one item at a time, never while something is written or said."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QWidget

from desktop_app.domain.surveys import ITEMS, POINTS, Instrument
from desktop_app.domain.usage_words import spoken
from desktop_app.ui.announce import announce
from desktop_app.ui.theme import Theme
from desktop_app.ui.usage.card import Card

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.usage.observer import UsageObserver
    from desktop_app.ui.usage.question import UsageQuestion

QUIET_MS = 1500
"""So long after a task something else may still begin by itself."""


class SurveyCard(Card):
    """Calls `answered(items)` after the last item."""

    def __init__(
        self,
        instrument: Instrument,
        task: str,
        theme: Theme,
        answered: Callable[[tuple[int, ...]], None],
        parent: QWidget,
    ) -> None:
        super().__init__(_tr(ITEMS[instrument][0]), _about(task), theme, parent)
        self._instrument, self._answered = instrument, answered
        self._items: list[int] = []
        ends = _ends(instrument)
        points = range(1, POINTS[instrument] + 1)
        self.points = self.add_row(*((str(point), "secondary", partial(self._take, point)) for point in points))
        for point, made in zip(points, self.points, strict=True):
            made.setAccessibleName(f"{point}, {ends[0]}" if point == 1 else str(point))
        self.points[-1].setAccessibleName(f"{len(self.points)}, {ends[1]}")
        self.add_note(
            _tr("1 is “%1”, %2 is “%3”.")
            .replace("%1", ends[0])
            .replace("%2", str(len(self.points)))
            .replace("%3", ends[1])
        )

    def _take(self, point: int) -> None:
        self._items.append(point)
        items = ITEMS[self._instrument]
        if len(self._items) == len(items):
            self._answered(tuple(self._items))
            return
        self.title.setText(_tr(items[len(self._items)]))
        self.words.setText(_tr("%1 of %2").replace("%1", str(len(self._items) + 1)).replace("%2", str(len(items))))
        announce(self, f"{self.title.text()} {self.words.text()}")
        self.points[0].setFocus()


class Surveys(QObject):
    """Asks after tasks, if the person agreed to be asked, and on request."""

    def __init__(self, window: MainWindow, observer: UsageObserver, question: UsageQuestion) -> None:
        super().__init__(window)
        self._window, self._chat = window, window.workspace.chat
        self._surveys = window.services.surveys
        self._question = question
        self._card: SurveyCard | None = None
        self._task = ""
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._ask_if_due)
        observer.task_done.connect(self._on_task)
        window.closing.connect(self._quiet.stop)
        self._chat.presenter.busy_changed.connect(lambda _busy: self._place())
        self._chat.talk.active_changed.connect(lambda _active: self._place())

    def ask(self, instrument: Instrument, task: str = "") -> None:
        """Put it now: the person wants it, or it is due."""
        answered = partial(self._answer, instrument, task)
        card = SurveyCard(instrument, task, self._window.theme, answered, self._chat)
        card.add_row(
            (_tr("Not now"), "link", partial(self._leave, instrument, task)),
            (_tr("Never again"), "link", partial(self._never, instrument, task)),
        )
        self._card = card
        self._chat.show_card(card)
        card.tab_after(self._chat.conversation.jump)
        card.say()

    def _on_task(self, task: str) -> None:
        if self._surveys.wanted and self._card is None:
            self._task = task
            self._quiet.start()

    def _ask_if_due(self) -> None:
        if not self._may_ask():
            return
        surveys, task = self._surveys, self._task
        job = self._window.lanes.job("io", lambda _: surveys.due(idle=True, task=task))
        job.finished.connect(
            lambda found: self.ask(found, task if found == "seq" else "") if self._fits(found) else None
        )
        job.start()

    def _fits(self, found: Instrument | None) -> bool:
        return found is not None and self._may_ask()

    def _may_ask(self) -> bool:
        return self._chat.isVisible() and self._chat.idle and self._card is None and not self._question.open

    def _answer(self, instrument: Instrument, task: str, items: tuple[int, ...]) -> None:
        self._end(
            lambda: self._surveys.answer(instrument, items, task), _tr("Thank you. The result is under “Insights”.")
        )

    def _leave(self, instrument: Instrument, task: str) -> None:
        self._end(lambda: self._surveys.put_off(instrument, task))

    def _never(self, instrument: Instrument, task: str) -> None:
        self._end(lambda: self._surveys.never_again(instrument, task), _tr("You will not be asked again."))

    def _end(self, keep: Callable[[], object], words: str = "") -> None:
        self._chat.show_card(None)
        self._card = None
        self._chat.focus_composer()
        notices = self._window.workspace.notices
        job = self._window.lanes.job("io", lambda _: keep())
        if words:
            job.finished.connect(lambda _: notices.info(words))
        job.failed.connect(notices.error)
        job.start()

    def _place(self) -> None:
        if self._card is not None:
            self._card.setVisible(not self._chat.presenter.busy and not self._chat.hands_free.active)


def _about(task: str) -> str:
    if not task:
        return _tr("A question about Stonechat as a whole. It stays on this computer.")
    words = QCoreApplication.translate("Usage", spoken(task))
    return _tr("About what you just did: %1. It stays on this computer.").replace("%1", words)


def _ends(instrument: Instrument) -> tuple[str, str]:
    if instrument == "seq":
        return _tr("very difficult"), _tr("very easy")
    return _tr("strongly disagree"), _tr("strongly agree")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Surveys", text)
