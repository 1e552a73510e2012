"""Everything spoken: the microphone, words from sound, sound from words."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace

from desktop_app.domain.audio import MAX_TURN_SECONDS, Audio, Transcript, cut, widened
from desktop_app.domain.events import Event
from desktop_app.domain.sentences import sentences
from desktop_app.errors import AppError, UserCanFix
from desktop_app.ports import (
    CancelToken,
    Microphone,
    Speaker,
    SpeechRecognizer,
    SpeechSynthesizer,
    VoiceDetector,
)
from desktop_app.services.narrator import Narrator
from desktop_app.services.recording import Recording, too_long
from desktop_app.settings import Settings

PRE_ROLL_MS = 300
CHECK_SECONDS = 1.5
HELLO = "Hello, I am Stonechat. If you can hear this, the sound works."


class VoiceService:
    """One microphone and one speaker, chosen in the settings. Callable from any thread."""

    def __init__(
        self,
        recognizer: SpeechRecognizer,
        detector: VoiceDetector,
        synthesizer: SpeechSynthesizer,
        microphone: Microphone,
        speaker: Speaker,
        preferences_current: Callable[[], Settings],
    ) -> None:
        self._recognizer, self._detector, self._synthesizer = recognizer, detector, synthesizer
        self._microphone, self._speaker = microphone, speaker
        self._settings = preferences_current
        self._lock = threading.Lock()
        self._recording: Recording | None = None
        self._readings: weakref.WeakSet[CancelToken] = weakref.WeakSet()

    def microphones(self) -> tuple[tuple[str, str], ...]:
        """(id, name) of each microphone, the system's default first."""
        return self._microphone.devices()

    def speakers(self) -> tuple[tuple[str, str], ...]:
        return self._speaker.devices()

    @property
    def recording(self) -> bool:
        """Whether there is a recording that was neither stopped nor discarded yet."""
        return self._recording is not None

    def start_recording(self, on_level: Callable[[float, float], None], on_lost: Callable[[AppError], None]) -> None:
        """Open the microphone. `on_level(level 0..1, seconds)` comes about 25 times a second, from another thread.

        `on_lost` comes at most once, when the device went away or the recording grew too long; what was recorded
        is kept for `stop_recording`. Raises EnvironmentProblem without a microphone, UserCanFix when it is in use.
        """
        with self._lock:
            if self._recording is not None:
                raise UserCanFix(
                    "audio.already_recording", "The microphone is already on.", remedy="Stop this recording first."
                )
            recording = Recording(self._microphone, on_level, on_lost)
            recording.start(self._settings().microphone)
            self._recording = recording

    def stop_recording(self) -> Audio:
        """Close the microphone and take what it heard; empty when nothing was being recorded."""
        with self._lock:
            recording, self._recording = self._recording, None
        return recording.stop() if recording is not None else Audio(pcm=b"")

    def discard_recording(self) -> None:
        self.stop_recording()

    def transcribe(self, audio: Audio, cancel: CancelToken) -> Transcript:
        """What was said, without the silence around it; empty text when nothing trustworthy was heard.

        Raises Cancelled, UserCanFix (`audio.too_long`), or what the engine raises.
        """
        if audio.seconds > MAX_TURN_SECONDS + 1:
            raise too_long()
        cancel.raise_if_cancelled()
        speech = self._detector.speech(audio)
        cancel.raise_if_cancelled()
        if not speech:
            return Transcript(text="", no_speech=1.0, seconds=audio.seconds)
        kept = widened(speech, by_ms=PRE_ROLL_MS, end_ms=round(audio.seconds * 1000))
        heard = self._recognizer.transcribe(cut(audio, kept), cancel)
        return replace(heard, seconds=audio.seconds)

    def words_in(self, audio: Audio, cancel: CancelToken) -> Transcript:
        """As `transcribe`, for callers that cannot go on without words. Raises UserCanFix (`audio.nothing_heard`)."""
        heard = self.transcribe(audio, cancel)
        if not heard.text:
            raise UserCanFix(
                "audio.nothing_heard",
                "No words were heard in the recording.",
                remedy="Speak a little louder or closer to the microphone, and check that it is not muted.",
                detail=f"{audio.seconds:.1f} s, no speech {heard.no_speech:.2f}",
            )
        return heard

    def narrator(self, turn_id: str, cancel: CancelToken, on_event: Callable[[Event], None]) -> Narrator:
        """Reads one answer aloud as it is written; cancel stops it at once."""
        settings = self._settings()
        self._readings.add(cancel)
        return Narrator(
            self._synthesizer,
            self._speaker,
            turn_id=turn_id,
            cancel=cancel,
            on_event=on_event,
            speed=settings.voice_speed,
            device_id=settings.speaker,
        )

    def synthesize(self, text: str, cancel: CancelToken) -> Iterator[Audio]:
        """An answer as sound, for a file. Ends early when cancelled. Raises AppError."""
        speed = self._settings().voice_speed
        for sentence in sentences(text):
            # A whole sentence at a time: the engine is free while the caller does something with it.
            yield from list(self._synthesizer.speak(sentence, cancel, speed=speed))

    def play(self, sound: Audio, cancel: CancelToken) -> bool:
        """True when it was heard to its end. Raises AppError."""
        return self._speaker.play(sound, cancel, self._settings().speaker)

    def say_hello(self, cancel: CancelToken) -> bool:
        """Speak one sentence, to try voice and speaker: True when it was played. Raises AppError."""
        reading = self.narrator("", cancel, lambda _event: None)
        reading.feed(HELLO)
        reading.finish()
        return reading.wait()

    def check_microphone(self, cancel: CancelToken, seconds: float = CHECK_SECONDS) -> float:
        """The loudest level (0..1) of a short try that is not kept. Raises AppError, Cancelled."""
        levels: list[float] = [0.0]
        lost: list[AppError] = []
        over = threading.Event()

        def hear(level: float, so_far: float) -> None:
            levels.append(level)
            if so_far >= seconds:
                over.set()

        def lose(error: AppError) -> None:
            lost.append(error)
            over.set()

        self.start_recording(hear, lose)
        try:
            with cancel.calling(over.set):
                over.wait(seconds + 3)
        finally:
            self.discard_recording()
        cancel.raise_if_cancelled()
        if lost:
            raise lost[0]
        return max(levels)

    def close(self) -> None:
        """Stop recording and speaking."""
        self.discard_recording()
        for token in list(self._readings):
            token.cancel()
