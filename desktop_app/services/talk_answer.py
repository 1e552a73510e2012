"""One spoken answer: the model writes, sentences are made into sound while it does, the mouth says them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from desktop_app.domain.audio import Audio, joined
from desktop_app.domain.events import (
    Event,
    FirstToken,
    Interrupted,
    SpeechTranscribed,
    TextAdded,
    TurnFailed,
    TurnStarted,
)
from desktop_app.domain.sentences import SentenceSplitter
from desktop_app.errors import AppError, Cancelled
from desktop_app.ports import CancelToken, SpeechSynthesizer
from desktop_app.services.history import History
from desktop_app.services.mouth import Mouth
from desktop_app.services.talk_draft import TalkDraft

log = logging.getLogger(__name__)


class TalkAnswer:
    """Starts at once, with what `draft` has of it.

    `on_event` gets the turn's events; `on_error` what went wrong with the voice.

    Ids are "" until the turn is stored.
    """

    def __init__(
        self,
        events: Callable[[CancelToken], Iterator[Event]],
        *,
        history: History,
        synthesizer: SpeechSynthesizer,
        mouth: Mouth,
        speed: float,
        heard: SpeechTranscribed,
        draft: TalkDraft | None,
        on_event: Callable[[Event], None],
        on_error: Callable[[AppError], None],
    ) -> None:
        self._events, self._history, self._synthesizer, self._mouth = events, history, synthesizer, mouth
        self._speed, self._heard, self._on_event, self._on_error = speed, heard, on_event, on_error
        self._draft = draft
        self.turn_id = self.conversation_id = self.question_id = self.answer_id = ""
        self.writing = True
        self._spoken: str | None = None
        self._cancel = CancelToken()
        self._splitter = SentenceSplitter(quick_start=True)
        self._changed = threading.Condition()
        self._sentences: deque[str | None] = deque()
        self._threads = (
            threading.Thread(target=self._write, name="talk-answer", daemon=True),
            threading.Thread(target=self._voice, name="talk-voice", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def stop(self, spoken: str) -> None:
        """No more of it. `spoken` is what was heard, and all that is kept of it."""
        self._cancel.cancel()
        with self._changed:
            self._spoken = spoken
            written = not self.writing
        self._pass_on(None)
        if written:
            self._keep(spoken)

    @property
    def making(self) -> bool:
        """Whether more sound may come."""
        return any(thread.is_alive() for thread in self._threads)

    def wait(self) -> None:
        for thread in self._threads:
            thread.join()

    def _write(self) -> None:
        first = True
        try:
            for event in self._events(self._cancel):
                self._on_event(event)
                if isinstance(event, TurnStarted):
                    self._begun(event)
                elif isinstance(event, TextAdded):
                    if first:
                        self._on_event(FirstToken(turn_id=self.turn_id))
                        first = False
                    self._pass_on(*self._splitter.feed(event.text))
                elif isinstance(event, TurnFailed):
                    log.warning("a spoken turn failed: %s", event.code)
        except AppError as error:
            self._on_error(error)
        finally:
            self._pass_on(*self._splitter.flush(), None)
            with self._changed:
                self.writing = False
                spoken = self._spoken
            self._keep(spoken)

    def _begun(self, event: TurnStarted) -> None:
        self.turn_id, self.conversation_id = event.turn_id, event.conversation_id
        self.question_id, self.answer_id = event.question_id, event.answer_id
        self._on_event(replace(self._heard, turn_id=event.turn_id))

    def _keep(self, spoken: str | None) -> None:
        """Of an interrupted answer only what was heard; one of which nothing was heard is taken back anyway."""
        if not spoken or not self.answer_id:
            return
        try:
            self._history.cut_answer(self.answer_id, spoken)
        except AppError as error:
            self._on_error(error)
        self._on_event(Interrupted(turn_id=self.turn_id, spoken=spoken))

    def _voice(self) -> None:
        try:
            while (sentence := self._next()) is not None and not self._cancel.cancelled:
                sounds = self._sounds(sentence)
                if sounds and not self._cancel.cancelled:
                    self._mouth.say(sentence, joined(sounds))
                    self._mouth.wait_for_room(self._cancel)
        except Cancelled:
            return
        except AppError as error:
            self._on_error(error)
        if not self._cancel.cancelled:
            self._mouth.nothing_more()

    def _sounds(self, sentence: str) -> list[Audio]:
        drafted = self._draft.sounds(sentence) if self._draft is not None else None
        if drafted is not None:
            return drafted
        return list(self._synthesizer.speak(sentence, self._cancel, speed=self._speed))

    def _next(self) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._sentences))
            return self._sentences.popleft()

    def _pass_on(self, *sentences: str | None) -> None:
        with self._changed:
            self._sentences.extend(sentences)
            self._changed.notify_all()
