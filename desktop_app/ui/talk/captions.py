"""The words of both sides as they are spoken: what was understood so far, and the sentence that is being heard."""

from __future__ import annotations

from collections import deque

from desktop_app.domain.events import (
    FalseInterruption,
    Interrupted,
    PartialTranscript,
    SentencePlayed,
    SentenceSpoken,
    SpeechTranscribed,
    TurnStarted,
)


class Captions:
    """Give it the events in their order; `you` and `it` are what to show.

    A sentence may be made while the one before it is still being heard: the caption shows the oldest that was not heard
    to its end. The last words of each side stay until there are new ones.
    """

    def __init__(self) -> None:
        self.you = ""
        self.it = ""
        self.language = ""
        """Of what was heard last, where the recogniser told."""
        self._question = ""
        self._answer = ""
        self._waiting: deque[str] = deque()

    def take(self, event: object) -> bool:
        """Whether something of it shows."""
        before = self.you, self.it, self.language
        match event:
            case PartialTranscript(text=text) if text.strip():
                self.you = text.strip()
            case SpeechTranscribed(text=text, language=language) if text.strip():
                self.you = self._question = text.strip()
                self.language = language or self.language
            case FalseInterruption():
                self.you = self._question
            case TurnStarted():
                self.it = ""
                self._waiting.clear()
            case SentenceSpoken(turn_id=turn_id, text=text):
                self._speak(turn_id, text.strip())
            case SentencePlayed(text=text):
                self._heard(text.strip())
            case Interrupted():
                self._waiting.clear()
        return (self.you, self.it, self.language) != before

    def _speak(self, answer: str, sentence: str) -> None:
        if answer != self._answer:
            self._waiting.clear()
            self._answer = answer
        self._waiting.append(sentence)
        self.it = self._waiting[0]

    def _heard(self, sentence: str) -> None:
        while self._waiting and self._waiting.popleft() != sentence:
            pass
        if self._waiting:
            self.it = self._waiting[0]
