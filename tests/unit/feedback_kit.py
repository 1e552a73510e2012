"""What the tests of ratings share: a history with feedback and what was learned, on one database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desktop_app.domain.feedback import Rating
from desktop_app.paths import places
from desktop_app.services.feedback import FeedbackService
from desktop_app.services.history import History
from desktop_app.services.learned import LearnedService
from desktop_app.services.preferences import Preferences
from desktop_app.settings import SettingsFile
from desktop_app.storage import Database
from tests.unit.storage_kit import HandClock, opened


@dataclass
class Kit:
    history: History
    database: Database
    preferences: Preferences
    feedback: FeedbackService
    learned: LearnedService

    def answers(self, *turns: tuple[str, str]) -> list[str]:
        """Ids of the answers of a new conversation of these questions and answers."""
        conversation = say_turns(self.history, turns)
        return [each.id for each in self.history.path(conversation) if each.role == "assistant"]

    def edit(self, question: str, answer: str, better: str) -> Rating:
        return self.feedback.rate(self.answers((question, answer))[0], better=better)


@contextmanager
def feedback_kit(folder: Path) -> Iterator[Kit]:
    clock = HandClock()
    with opened(folder, clock) as (history, database):
        preferences = Preferences(SettingsFile(places(folder).settings))
        feedback = FeedbackService(database, history, preferences, clock)
        learned = LearnedService(database, feedback, preferences, clock)
        yield Kit(history, database, preferences, feedback, learned)


def say_turns(history: History, turns: tuple[tuple[str, str], ...]) -> str:
    from tests.unit.storage_kit import say

    return say(history, *turns)
