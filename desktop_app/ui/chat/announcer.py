"""Tells assistive technology what happens in the chat: states at once, a streamed answer sentence by sentence."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.domain.sentences import SentenceSplitter
from desktop_app.ui.announce import announce


class ChatAnnouncer(QObject):
    """One sentence at a time, never letter by letter. `answers` False: they are heard anyway, and not said twice."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._sentences = SentenceSplitter()
        self.answers = True

    def say(self, text: str) -> None:
        if text.strip():
            announce(self._widget, text)

    def begin_answer(self) -> None:
        self._sentences = SentenceSplitter()
        self._say_of_answer(self.tr("Answering"))

    def add_text(self, text: str) -> None:
        for sentence in self._sentences.feed(text):
            self._say_of_answer(sentence)

    def end_answer(self, stopped_by: str | None) -> None:
        for sentence in self._sentences.flush():
            self._say_of_answer(sentence)
        self._say_of_answer(self.tr("Stopped") if stopped_by == "person" else self.tr("Answer finished"))

    def voice_state(self, state: str) -> None:
        words = {"recording": self.tr("Recording"), "hearing": self.tr("Recording ended, listening to what you said")}
        self.say(words.get(state, ""))

    def _say_of_answer(self, text: str) -> None:
        if self.answers:
            self.say(text)
