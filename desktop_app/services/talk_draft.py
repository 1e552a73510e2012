"""A spoken answer before its turn is over: the model writes, and the first words become sound that is not heard yet."""

from __future__ import annotations

import logging
import threading

from desktop_app.domain.audio import Audio
from desktop_app.domain.sentences import SentenceSplitter
from desktop_app.errors import AppError, Cancelled
from desktop_app.ports import CancelToken, SpeechSynthesizer
from desktop_app.services.chat import ChatService

log = logging.getLogger(__name__)


class TalkDraft:
    """Of the answer to `text`, which may not be all that is said. Without `text` only the prompt is read."""

    def __init__(
        self, chat: ChatService, synthesizer: SpeechSynthesizer, *, text: str, conversation_id: str | None, speed: float
    ) -> None:
        self.text = text
        self._chat, self._synthesizer, self._speed = chat, synthesizer, speed
        self._conversation_id = conversation_id
        self._cancel = CancelToken()
        self._splitter = SentenceSplitter(quick_start=True)
        self._sentence = ""
        self._sounds: list[Audio] | None = None
        self._made = threading.Event()
        self._thread = threading.Thread(target=self._write, name="talk-draft", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        self._cancel.cancel()

    @property
    def writing(self) -> bool:
        return self._thread.is_alive()

    def wait(self) -> None:
        self._thread.join()

    def sounds(self, sentence: str) -> list[Audio] | None:
        """That sentence as sound, when it is the first and was made, or is being made now."""
        if not self._sentence or sentence != self._sentence:
            return None
        self._made.wait()
        return self._sounds

    def _write(self) -> None:
        try:
            hear = self._hear if self.text else None
            self._chat.foresee(self.text, conversation_id=self._conversation_id, on_text=hear, cancel=self._cancel)
            for sentence in self._splitter.flush()[:1]:
                self._say(sentence)
        except AppError as error:
            log.info("an answer could not be begun ahead: %s", error.code)

    def _hear(self, text: str) -> None:
        if not self._sentence:
            for sentence in self._splitter.feed(text)[:1]:
                self._say(sentence)

    def _say(self, sentence: str) -> None:
        """Make it in a thread of its own, so that the writing goes on."""
        if not self._sentence and not self._cancel.cancelled:
            self._sentence = sentence
            threading.Thread(target=self._make, name="talk-first-words", daemon=True).start()

    def _make(self) -> None:
        try:
            sounds = list(self._synthesizer.speak(self._sentence, self._cancel, speed=self._speed))
            self._sounds = None if self._cancel.cancelled else sounds
        except (AppError, Cancelled):
            self._sounds = None
        finally:
            self._made.set()
