"""Talking hands-free: loads what is needed, opens the devices, runs one session at a time until the person leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace

from desktop_app.domain.audio import BLOCK_MS, HEARING_RATE, Audio, Transcript, joined, silence
from desktop_app.domain.events import Event, SpeechTranscribed, TurnFailed, TurnStarted
from desktop_app.domain.messages import Picture
from desktop_app.domain.turn_taking_values import Timing
from desktop_app.errors import AppError, UserCanFix
from desktop_app.ports import CancelToken, LiveEar, LiveSpeaker, Microphone, SpeechRecognizer, SpeechSynthesizer
from desktop_app.services.chat import ChatService
from desktop_app.services.history import History
from desktop_app.services.preferences import Preferences
from desktop_app.services.talk_devices import Listener, TalkDevices
from desktop_app.services.talk_memory import remember, remembered
from desktop_app.services.talk_session import TalkSession
from desktop_app.settings import Settings

INTRODUCTION = "You are talking with an AI. It can be wrong."
KeepSound = Callable[[TurnStarted, Audio], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Talk:
    """What is open."""

    session: TalkSession
    devices: TalkDevices
    on_ended: Callable[[AppError | None], None]


class TalkService:
    """One microphone and one loudspeaker, chosen in the settings. Callable from any thread.

    `keep_sound` is given what was said in each turn, as the turn begins. `learns`: what a conversation tells of the
    person is kept for the next one.
    """

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
        keep_sound: KeepSound = lambda _turn, _sound: None,
        learns: bool = True,
    ) -> None:
        self._ear, self._recognizer, self._synthesizer = ear, _Polyglot(recognizer), synthesizer
        self._microphone, self._speaker = microphone, speaker
        self._chat, self._history, self._preferences = chat, history, preferences
        self._keep_sound, self._learns = keep_sound, learns
        self._lock = threading.Lock()
        self._opening: CancelToken | None = None
        self._talk: _Talk | None = None

    def elsewhere(self, microphone: Microphone, speaker: LiveSpeaker) -> TalkService:
        """The same, with other devices, for somebody else: nothing is kept of it, nothing learned."""
        return TalkService(
            ear=self._ear,
            recognizer=self._recognizer.inner,
            synthesizer=self._synthesizer,
            microphone=microphone,
            speaker=speaker,
            chat=self._chat,
            history=self._history,
            preferences=self._preferences,
            learns=False,
        )

    @property
    def active(self) -> bool:
        return self._talk is not None

    @property
    def session(self) -> TalkSession | None:
        talk = self._talk
        return talk.session if talk is not None else None

    @property
    def conversation_id(self) -> str | None:
        session = self.session
        return session.conversation_id if session is not None else None

    @property
    def introduces(self) -> bool:
        """Whether the next conversation begins with what one talks with, aloud."""
        settings = self._preferences.current
        return settings.talk_introduction or not settings.talk_introduced

    def start(
        self,
        on_event: Callable[[Event], None],
        on_ended: Callable[[AppError | None], None],
        *,
        conversation_id: str | None = None,
        introduce: bool = False,
        on_level: Callable[[float], None] = lambda _level: None,
        cancel: CancelToken | None = None,
    ) -> None:
        """Load the models, open the devices and listen. Blocks for as long as that takes, or until `leave`.

        `on_event` and `on_level` (0..1, 25 times a second) come from several threads; `on_ended` once.
        With `introduce` it says what it is, where that is due. Raises AppError or Cancelled, and nothing is open then.
        """
        opening = cancel or CancelToken()
        with self._lock:
            if self._talk is not None or self._opening is not None:
                raise UserCanFix("talk.already_on", "You are talking already.", remedy="Leave this conversation first.")
            self._opening = opening
        try:
            introduction = INTRODUCTION if introduce and self.introduces else ""
            said = _or_left(lambda: self._warm_up(introduction), opening)
            session = self._session(on_event, conversation_id, (introduction, said) if introduction else None)
            talk = _Talk(session=session, devices=self._devices(session, on_event, on_level), on_ended=on_ended)
            self._open(talk, opening)
        finally:
            with self._lock:
                self._opening = None
        if introduction and self._learns:
            self._preferences.change(talk_introduced=True)

    def mute(self, muted: bool) -> None:
        """Close the microphone, or open it again."""
        talk = self._talk
        if talk is not None:
            talk.session.mute(muted)
            talk.devices.mute(muted)

    def hush(self) -> None:
        """Stop the answer and go on listening."""
        if self.session is not None:
            self.session.hush()

    def show(self, pictures: tuple[Picture, ...]) -> None:
        """They go with the next spoken question."""
        if self.session is not None:
            self.session.show(pictures)

    def leave(self) -> None:
        """End it, or its opening, which is then given up at once. Safe to call twice."""
        with self._lock:
            talk, self._talk = self._talk, None
            if self._opening is not None:
                self._opening.cancel()
        if talk is None:
            return
        talk.devices.close()
        talk.session.leave()
        if self._learns:
            remember(self._preferences, talk.session.pauses)
        talk.on_ended(None)

    # -- opening -------------------------------------------------------------------------------------------------

    def _warm_up(self, introduction: str) -> Audio:
        """Have everything loaded before the person speaks; the introduction as sound. Raises AppError."""
        self._chat.warm_up()
        self._ear.reset()
        block = silence(BLOCK_MS / 1000, HEARING_RATE).pcm
        self._ear.hear(block, block)
        cancel = CancelToken()
        self._recognizer.transcribe(silence(0.5, HEARING_RATE), cancel)
        speed = self._preferences.current.voice_speed
        return joined(self._synthesizer.speak(introduction or "Ready.", cancel, speed=speed))

    def _session(
        self,
        on_event: Callable[[Event], None],
        conversation_id: str | None,
        introduction: tuple[str, Audio] | None,
    ) -> TalkSession:
        settings = self._preferences.current
        session = TalkSession(
            ear=self._ear,
            recognizer=self._recognizer,
            synthesizer=self._synthesizer,
            chat=self._chat,
            history=self._history,
            voice_speed=settings.voice_speed,
            timing=_timing(settings),
            conversation_id=conversation_id,
            on_event=lambda event: self._tell(event, session, on_event),
            on_error=lambda error: on_event(_failed(error)),
            pauses=remembered(settings),
            introduction=introduction,
            language=lambda: self._recognizer.language,
        )
        return session

    def _devices(
        self, session: TalkSession, on_event: Callable[[Event], None], on_level: Callable[[float], None]
    ) -> TalkDevices:
        listener = Listener(
            hear=session.hear,
            next_block=session.next_block,
            pass_time=session.pass_time,
            hear_anew=session.hear_anew,
            on_level=on_level,
            on_change=on_event,
        )
        return TalkDevices(self._microphone, self._speaker, lambda: self._preferences.current, listener)

    def _open(self, talk: _Talk, opening: CancelToken) -> None:
        try:
            talk.devices.open()
            with self._lock:
                opening.raise_if_cancelled()
                self._talk = talk
        except BaseException:
            talk.devices.close()
            talk.session.leave()
            raise

    def _tell(self, event: Event, session: TalkSession, on_event: Callable[[Event], None]) -> None:
        if isinstance(event, SpeechTranscribed) and not event.language:
            event = replace(event, language=self._recognizer.language)
        on_event(event)
        if isinstance(event, TurnStarted):
            try:
                self._keep_sound(event, session.turn_sound)
            except AppError as error:
                on_event(_failed(error))


class _Polyglot:
    """A recogniser that remembers the language of the last words it heard."""

    def __init__(self, inner: SpeechRecognizer) -> None:
        self.inner = inner
        self.language = ""

    def transcribe(self, audio: Audio, cancel: CancelToken) -> Transcript:
        heard = self.inner.transcribe(audio, cancel)
        self.language = heard.language if heard.text else self.language
        return heard

    def close(self) -> None:
        self.inner.close()


def _or_left(work: Callable[[], Audio], cancel: CancelToken) -> Audio:
    """What `work` gives; given up when cancelled, while a model goes on loading for nobody. Raises Cancelled."""
    done: Future[Audio] = Future()
    over = threading.Event()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 (raised again where it is waited for)
            done.set_exception(error)
        over.set()

    cancel.raise_if_cancelled()
    threading.Thread(target=run, name="talk-loading", daemon=True).start()
    with cancel.calling(over.set):
        over.wait()
    cancel.raise_if_cancelled()
    return done.result()


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
