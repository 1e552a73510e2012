"""Puts the record of use into a window: who watches, who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from desktop_app.ui.actions import Action
from desktop_app.ui.usage.observer import UsageObserver
from desktop_app.ui.usage.question import UsageQuestion
from desktop_app.ui.usage.surveys import Surveys

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


class Usage(QObject):
    """Lives as long as the window. `begin` once the event loop runs."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.observer = UsageObserver(window)
        self.question = UsageQuestion(window)
        self.surveys = Surveys(window, self.observer, self.question)
        self._window = window
        window.actions_registry.add(
            Action(
                id="usage.sus",
                title=_tr("Judge Stonechat in ten questions"),
                icon="clipboard-text",
                group=_tr("Pages"),
                run=self._ask_sus,
                enabled=lambda: window.services.surveys.wanted,
            )
        )

    def begin(self) -> None:
        self.observer.start()

    def _ask_sus(self) -> None:
        self._window.workspace.show_page(self._window.workspace.chat)
        self.surveys.ask("sus")


def watch_use(window: MainWindow) -> Usage:
    """Wire it; what the person allowed is found out when the window is idle for the first time."""
    made = Usage(window)
    QTimer.singleShot(0, made, made.begin)
    return made


def _tr(text: str) -> str:
    return QCoreApplication.translate("Usage", text)
