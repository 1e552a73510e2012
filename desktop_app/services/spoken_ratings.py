"""Rating by voice: "that was good" rates the last answer instead of being answered. Only with the setting on."""

from __future__ import annotations

from desktop_app.domain.spoken_verdicts import verdict
from desktop_app.services.feedback import FeedbackService
from desktop_app.services.history import History
from desktop_app.services.preferences import Preferences

GOOD = "Thank you. I noted that it was good."
BAD = "I am sorry. I noted that it was not good."


class SpokenRatings:
    def __init__(self, feedback: FeedbackService, history: History, preferences: Preferences) -> None:
        self._feedback = feedback
        self._history = history
        self._preferences = preferences

    def __call__(self, said: str, conversation_id: str) -> str | None:
        """What to answer; None when the sentence is no verdict, or there is nothing to judge. Raises AppError."""
        liked = verdict(said)
        if liked is None or not self._preferences.current.rate_by_voice:
            return None
        answers = [each for each in self._history.path(conversation_id) if each.role == "assistant" and each.text]
        if not answers or answers[-1].text in (GOOD, BAD):
            return None
        self._feedback.rate(answers[-1].id, liked=liked)
        return GOOD if liked else BAD
