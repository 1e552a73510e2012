"""Takes what the loudspeaker plays out of what the microphone hears, so that a person can talk over the assistant.

Two stages. A linear filter of our own follows the room and removes most of the echo without touching the person's
voice; WebRTC's audio processing (AEC3, in the `livekit` package) then removes the rest, and mutes the person for up to
a second in a loud room. So both are given. What still leaks is for `domain.echo_gate` to judge.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Any

from desktop_app.domain.audio import FULL_SCALE, HEARING_RATE, decibels
from desktop_app.errors import EnvironmentProblem

STEP_MS = 10
STEP = HEARING_RATE * STEP_MS // 1000
STEP_BYTES = 2 * STEP
REACH_MS = 500
"""How late an echo may come, counted from its block of `played`, for the linear filter to know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """One stretch of sound after each stage, and the echo that the first one expected, all of one length."""

    linear: bytes
    finished: bytes
    echo: bytes


class WebRtcEchoCanceller:
    """One microphone beside one loudspeaker. One thread at a time; the first block loads the library (0.4 s, 30 MB).

    It finds and follows the delay of the echo by itself, from 0 to about `REACH_MS`, and settles within a second of
    speech. What comes out is 8 ms late and has no tones below about 80 Hz. 10 ms of sound take 0.4 ms of one core.
    """

    def __init__(self) -> None:
        self._linear: _LinearFilter | None = None
        self._echo = _EchoHeard()
        self._processing: Any = None

    def process(self, microphone: bytes, played: bytes) -> Stages:
        """`microphone` without the echo of `played`.

        Both are 16 kHz mono PCM of the same length, a multiple of 10 ms, of the same stretch of time; `played` is
        all zeros while nothing plays. Call it for every block, without a gap. Raises ValueError, EnvironmentProblem.
        """
        if len(microphone) != len(played) or len(microphone) % STEP_BYTES:
            raise ValueError(f"blocks of {len(microphone)} and {len(played)} bytes: not the same multiple of 10 ms")
        linear = self._loaded()
        starts = range(0, len(microphone), STEP_BYTES)
        pairs = ((microphone[at : at + STEP_BYTES], played[at : at + STEP_BYTES]) for at in starts)
        steps = [self._step(linear, heard, loud) for heard, loud in pairs]
        return Stages(
            linear=b"".join(step.linear for step in steps),
            finished=b"".join(step.finished for step in steps),
            echo=b"".join(step.echo for step in steps),
        )

    def reset(self) -> None:
        """Forget the room and all sound: the devices have changed, or there was a gap."""
        self._linear = self._processing = None
        self._echo = _EchoHeard()

    close = reset

    def _loaded(self) -> _LinearFilter:
        if self._linear is None:
            try:
                from livekit.rtc import AudioProcessingModule

                self._processing = AudioProcessingModule(echo_cancellation=True)
            except (ImportError, OSError, RuntimeError) as error:
                raise _missing(str(error)) from error
            self._linear = _LinearFilter()
        return self._linear

    def _step(self, linear: _LinearFilter, heard: bytes, played: bytes) -> Stages:
        """Where there is no echo, as on headphones, the second stage listens but has no say: it would mute the person
        who speaks over the answer."""
        self._echo.look(decibels(heard), decibels(played))
        rest, echo = linear.without_echo(heard, played)
        finished = self._finished(rest, played)
        return Stages(linear=rest, finished=finished if self._echo.heard else rest, echo=echo)

    def _finished(self, heard: bytes, played: bytes) -> bytes:
        from livekit.rtc import AudioFrame

        loud = AudioFrame(bytearray(played), HEARING_RATE, 1, STEP)
        cleaned = AudioFrame(bytearray(heard), HEARING_RATE, 1, STEP)
        try:
            self._processing.process_reverse_stream(loud)
            self._processing.process_stream(cleaned)
        except RuntimeError as error:
            raise _missing(str(error)) from error
        return bytes(cleaned.data)


class _EchoHeard:
    """Whether the microphone hears the loudspeaker at all: `heard` stays true until a second of it says otherwise.

    The median over `MEMORY` steps does not mind a person who speaks for less than half of them.
    """

    PLAYING_DB = -40.0
    REACH = 30
    """Steps in which what was played may still come."""
    MEMORY = 400
    ENOUGH = 100
    NONE_DB = -45.0
    """The microphone's level against the loudspeaker's under which nobody would hear an echo."""

    def __init__(self) -> None:
        self.heard = True
        self._played: deque[float] = deque(maxlen=self.REACH)
        self._levels: deque[float] = deque(maxlen=self.MEMORY)
        self._steps = 0

    def look(self, microphone_db: float, played_db: float) -> None:
        """One step of sound."""
        self._played.append(played_db)
        loudest = max(self._played)
        if loudest < self.PLAYING_DB:
            return
        self._levels.append(microphone_db - loudest)
        self._steps += 1
        if len(self._levels) >= self.ENOUGH and self._steps % 10 == 0:
            self.heard = median(self._levels) > self.NONE_DB


class _LinearFilter:
    """Learns the room's response to the loudspeaker, 10 ms at a time, and subtracts the echo it predicts.

    A partitioned-block Kalman filter in the frequency domain with diagonal covariances, after G. Enzner and P. Vary,
    "Frequency-domain adaptive Kalman filter for acoustic echo control in hands-free telephones" (Signal Processing
    86, 2006). Its steps shrink by themselves while the person talks: the error is then larger than the filter's
    uncertainty can explain.
    """

    KEEPS = 0.9995
    """How sure it is that the room is the same after 10 ms."""
    FIRST_UNCERTAINTY = 0.1
    ERROR_MEMORY = 0.8
    INAUDIBLE = 1e-4
    """Energy of `played` over `REACH_MS`, of full scale 1, under which there is nothing to learn."""

    def __init__(self) -> None:
        import numpy as np

        self._np = np
        parts, bins = REACH_MS // STEP_MS, STEP + 1
        self._response = np.zeros((parts, bins), complex)
        later_is_weaker = np.exp(-np.arange(parts) / 20)[:, None]
        self._uncertainty = np.ones((parts, bins)) * self.FIRST_UNCERTAINTY * later_is_weaker
        self._error_power = np.full(bins, 1e-3)
        self._spectra = np.zeros((parts, bins), complex)
        self._last = np.zeros(STEP)

    def without_echo(self, microphone: bytes, played: bytes) -> tuple[bytes, bytes]:
        """One step of PCM: what is left of the microphone, and the echo that was taken out."""
        np = self._np
        loud = self._floats(played)
        self._spectra = np.roll(self._spectra, 1, axis=0)
        self._spectra[0] = np.fft.rfft(np.concatenate([self._last, loud]))
        self._last = loud
        power = np.square(self._spectra.real) + np.square(self._spectra.imag)
        echo = np.fft.irfft((self._response * self._spectra).sum(axis=0))[STEP:]
        rest = self._floats(microphone) - echo
        if power.sum() > self.INAUDIBLE * 2 * STEP:
            self._learn(rest, power)
        return self._pcm(rest), self._pcm(echo)

    def _learn(self, rest: Any, power: Any) -> None:
        np = self._np
        error = np.fft.rfft(np.concatenate([np.zeros(STEP), rest]))
        self._error_power *= self.ERROR_MEMORY
        self._error_power += (1 - self.ERROR_MEMORY) * np.square(np.abs(error))
        expected = (power * self._uncertainty).sum(axis=0) + 2 * self._error_power + 1e-6
        rate = self._uncertainty / expected
        change = np.fft.irfft(rate * np.conj(self._spectra) * error, axis=1)
        change[:, STEP:] = 0  # each part answers for 10 ms of the response only
        self._response = self.KEEPS * (self._response + np.fft.rfft(change, axis=1))
        kept = np.clip(1 - 0.5 * rate * power, 0, 1) * self.KEEPS**2
        drift = (1 - self.KEEPS**2) * (np.square(np.abs(self._response)) + 1e-6)
        self._uncertainty = kept * self._uncertainty + drift

    def _floats(self, pcm: bytes) -> Any:
        return self._np.frombuffer(pcm, dtype="<i2") / FULL_SCALE

    def _pcm(self, sound: Any) -> bytes:
        np = self._np
        return bytes(np.clip(np.rint(sound * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype("<i2").tobytes())


def _missing(detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "audio.no_echo_canceller",
        "The echo of the loudspeaker cannot be removed.",
        remedy="Use headphones, or install the application again.",
        detail=detail,
    )
