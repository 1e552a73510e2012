"""Reads an answer aloud while it is being written: one sentence plays while the next one is made.

Two threads, started with the first sentence; both end with the last one, with an error, or when cancelled.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from desktop_app.domain.audio import Audio, joined
from desktop_app.domain.events import Event, SentencePlayed, SentenceSpoken
from desktop_app.domain.sentences import SentenceSplitter
from desktop_app.errors import AppError, Bug, Cancelled
from desktop_app.ports import CancelToken, Speaker, SpeechSynthesizer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    sentence: str
    sound: Audio


class Narrator:
    """One answer, read aloud. `feed` text as it comes, `finish` when there is no more, `wait` for the end.

    `on_event` gets `SentenceSpoken` when a sentence begins to play and `SentencePlayed` when it was heard to its
    end, in order, from a thread of the narrator. Cancelling stops the sound within a block.
    """

    def __init__(
        self,
        synthesizer: SpeechSynthesizer,
        speaker: Speaker,
        *,
        turn_id: str,
        cancel: CancelToken,
        on_event: Callable[[Event], None],
        speed: float = 1.0,
        device_id: str = "",
    ) -> None:
        self._synthesizer, self._speaker = synthesizer, speaker
        self._turn_id, self._cancel, self._on_event = turn_id, cancel, on_event
        self._speed, self._device_id = speed, device_id
        self._splitter = SentenceSplitter(quick_start=True)
        self._changed = threading.Condition()
        self._written: deque[str] = deque()
        self._ahead: _Spoken | None = None
        self._all_written = self._all_spoken = self._broken = False
        self._error: AppError | None = None
        self._threads: tuple[threading.Thread, ...] = ()

    def feed(self, text: str) -> None:
        """More of the answer. Ignored once the reading has ended."""
        self._add(self._splitter.feed(text))

    def finish(self) -> None:
        """There is no more text. May be called twice."""
        self._add(self._splitter.flush(), last=True)

    def wait(self) -> bool:
        """Block until the reading is over: True when all was heard, False when cancelled. Raises AppError."""
        for thread in self._threads:
            thread.join()
        if self._cancel.cancelled:
            return False
        if self._error is not None:
            raise self._error
        return True

    def _add(self, sentences: tuple[str, ...], *, last: bool = False) -> None:
        with self._changed:
            self._written.extend(sentences)
            self._all_written = self._all_written or last
            self._changed.notify_all()
        if sentences and not self._threads and not self._cancel.cancelled:
            self._threads = (
                threading.Thread(target=self._run, args=(self._make_sentences,), name="voice-make"),
                threading.Thread(target=self._run, args=(self._play_sentences,), name="voice-out"),
            )
            for thread in self._threads:
                thread.start()

    def _run(self, work: Callable[[], None]) -> None:
        """Boundary of both threads: whatever fails ends the reading with one error."""
        try:
            with self._cancel.calling(self._wake):
                work()
        except Cancelled:
            return
        except AppError as error:
            self._fail(error)
        except Exception as error:
            log.exception("reading aloud failed")
            self._fail(
                Bug(
                    "speech.unexpected",
                    "Reading aloud failed in a way we did not expect.",
                    remedy="Try again; if it happens again, please report it with the log.",
                    detail=f"{type(error).__name__}: {error}",
                )
            )

    def _make_sentences(self) -> None:
        try:
            while (sentence := self._next_written()) is not None:
                sounds = list(self._synthesizer.speak(sentence, self._cancel, speed=self._speed))
                if sounds and not self._cancel.cancelled:
                    self._hand_over(_Spoken(sentence=sentence, sound=joined(sounds)))
        finally:
            with self._changed:
                self._all_spoken = True
                self._changed.notify_all()

    def _play_sentences(self) -> None:
        while (spoken := self._next_spoken()) is not None:
            self._on_event(SentenceSpoken(turn_id=self._turn_id, text=spoken.sentence, seconds=spoken.sound.seconds))
            if not self._speaker.play(spoken.sound, self._cancel, self._device_id):
                return
            self._on_event(SentencePlayed(turn_id=self._turn_id, text=spoken.sentence))

    def _next_written(self) -> str | None:
        """The next sentence to make, once the last one made is playing; None when there is none to come."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or (self._ahead is None and (self._written or self._all_written)))
            return None if self._over or not self._written else self._written.popleft()

    def _hand_over(self, spoken: _Spoken) -> None:
        with self._changed:
            self._ahead = spoken
            self._changed.notify_all()

    def _next_spoken(self) -> _Spoken | None:
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._ahead is not None or self._all_spoken)
            spoken, self._ahead = (None if self._over else self._ahead), None
            self._changed.notify_all()
            return spoken

    @property
    def _over(self) -> bool:
        return self._cancel.cancelled or self._broken

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _fail(self, error: AppError) -> None:
        with self._changed:
            self._error = self._error or error
            self._broken = True
            self._changed.notify_all()
