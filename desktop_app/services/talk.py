"""Talking hands-free: opens microphone and loudspeaker, runs one session at a time, ends it when a device goes away."""

from __future__ import annotations

import threading
from collections.abc import Callable

from desktop_app.domain.audio import BLOCK_MS, HEARING_RATE, silence
from desktop_app.domain.events import Event, TurnFailed
from desktop_app.domain.messages import Picture
from desktop_app.domain.turn_taking_values import Timing
from desktop_app.errors import AppError, EnvironmentProblem, UserCanFix
from desktop_app.ports import CancelToken, LiveEar, LiveSpeaker, Microphone, SpeechRecognizer, SpeechSynthesizer
from desktop_app.services.chat import ChatService
from desktop_app.services.history import History
from desktop_app.services.mouth import MOUTH_RATE
from desktop_app.services.preferences import Preferences
from desktop_app.services.talk_session import TalkSession
from desktop_app.settings import Settings


class TalkService:
    """One microphone and one loudspeaker, chosen in the settings. Callable from any thread."""

    def __init__(
        self,
        *,
        ear: LiveEar,
        recognizer: SpeechRecognizer,
        synthesizer: SpeechSynthesizer,
        microphone: Microphone,
        speaker: LiveSpeaker,
        chat: ChatService,
        history: History,
        preferences: Preferences,
    ) -> None:
        self._ear, self._recognizer, self._synthesizer = ear, recognizer, synthesizer
        self._microphone, self._speaker = microphone, speaker
        self._chat, self._history, self._preferences = chat, history, preferences
        self._lock = threading.Lock()
        self._session: TalkSession | None = None
        self._on_ended: Callable[[AppError | None], None] = lambda _: None

    def elsewhere(self, microphone: Microphone, speaker: LiveSpeaker) -> TalkService:
        """The same, with other devices."""
        return TalkService(
            ear=self._ear,
            recognizer=self._recognizer,
            synthesizer=self._synthesizer,
            microphone=microphone,
            speaker=speaker,
            chat=self._chat,
            history=self._history,
            preferences=self._preferences,
        )

    @property
    def active(self) -> bool:
        return self._session is not None

    @property
    def session(self) -> TalkSession | None:
        return self._session

    @property
    def conversation_id(self) -> str | None:
        session = self._session
        return session.conversation_id if session is not None else None

    def start(
        self,
        on_event: Callable[[Event], None],
        on_ended: Callable[[AppError | None], None],
        *,
        conversation_id: str | None = None,
    ) -> None:
        """Load the model, open the devices and listen. Blocks for as long as that takes.

        `on_event` comes from several threads; `on_ended` once, with the reason if it was not the person's wish.
        Raises AppError, and nothing is open then.
        """
        with self._lock:
            if self._session is not None:
                raise UserCanFix("talk.already_on", "You are talking already.", remedy="Leave this conversation first.")
            settings = self._preferences.current
            self._warm_up()
            self._on_ended = on_ended
            session = TalkSession(
                ear=self._ear,
                recognizer=self._recognizer,
                synthesizer=self._synthesizer,
                chat=self._chat,
                history=self._history,
                voice_speed=settings.voice_speed,
                timing=_timing(settings),
                conversation_id=conversation_id,
                on_event=on_event,
                on_error=lambda error: on_event(_failed(error)),
            )
            try:
                self._speaker.start(
                    session.next_block, lambda: self._lost("speaker"), rate=MOUTH_RATE, device_id=settings.speaker
                )
                self._microphone.start(session.hear, lambda: self._lost("microphone"), settings.microphone)
            except AppError:
                self._speaker.stop()
                session.leave()
                raise
            self._session = session

    def mute(self, muted: bool) -> None:
        if self._session is not None:
            self._session.mute(muted)

    def show(self, pictures: tuple[Picture, ...]) -> None:
        """They go with the next spoken question."""
        if self._session is not None:
            self._session.show(pictures)

    def leave(self) -> None:
        """End it. Safe to call twice."""
        self._end(None)

    def _warm_up(self) -> None:
        """Have everything loaded before the person speaks. Raises AppError."""
        self._chat.warm_up()
        self._ear.reset()
        block = silence(BLOCK_MS / 1000, HEARING_RATE).pcm
        self._ear.hear(block, block)
        cancel = CancelToken()
        self._recognizer.transcribe(silence(0.5, HEARING_RATE), cancel)
        for _ in self._synthesizer.speak("Ready.", cancel):
            pass

    def _lost(self, what: str) -> None:
        error = EnvironmentProblem(
            f"talk.{what}_lost",
            f"The {what} went away, so the conversation was paused.",
            remedy="Connect it again, or choose another one under Settings, Voice; then go on talking.",
        )
        threading.Thread(target=self._end, args=(error,), name="talk-end").start()

    def _end(self, error: AppError | None) -> None:
        with self._lock:
            session, self._session = self._session, None
            if session is None:
                return
            self._microphone.stop()
            session.leave()
            self._speaker.stop()
        self._on_ended(error)


def _timing(settings: Settings) -> Timing:
    """The shortest wait is never longer than the longest."""
    return Timing(
        least_wait_s=min(settings.talk_least_wait_s, settings.talk_most_wait_s),
        most_wait_s=settings.talk_most_wait_s,
        confirm_s=settings.talk_interrupt_s,
    )


def _failed(error: AppError) -> TurnFailed:
    """Something that the conversation survives: it is told, and the next turn tries again."""
    return TurnFailed(turn_id="", answer_id="", code=error.code, message=error.message, remedy=error.remedy)
