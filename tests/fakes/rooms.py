"""Made-up rooms: what a microphone hears of a loudspeaker, of a person and of the room's own noise.

Sounds are numpy arrays of 32-bit floats, -1 to 1, at 16 kHz; `pcm` and `floats` go to and from 16-bit PCM.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from desktop_app.domain.audio import HEARING_RATE, Audio
from desktop_app.engines.sound_arrays import hearing_floats

Sound = Any  # a float32 array of one dimension


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How the loudspeaker sounds at the microphone.

    `gain_db`: loudness of the echo against what is played. `delay_ms`: until its first sound. `decay_ms`: until its
    tail is 60 dB down. `overdrive`: how far the loudspeaker is driven into its limits (0 is linear).
    `drift_ppm`: how much faster the loudspeaker's clock is than the microphone's. `noise_db`: the room, in dBFS.
    """

    delay_ms: int = 80
    gain_db: float = -10.0
    decay_ms: int = 100
    overdrive: float = 0.5
    drift_ppm: float = 0.0
    noise_db: float = -60.0
    seed: int = 7

    def echo(self, played: Sound) -> Sound:
        """What comes back of `played`, as long as it."""
        driven = np.tanh(self.overdrive * 3 * played) / (self.overdrive * 3) if self.overdrive else played
        if self.drift_ppm:
            at = np.arange(driven.size) * (1 + self.drift_ppm * 1e-6)
            driven = np.interp(at, np.arange(driven.size), driven)
        heard = convolved(driven, self._response())[: played.size]
        return (heard * 10 ** (self.gain_db / 20) * rms(played) / max(rms(heard), 1e-9)).astype(np.float32)

    def noise(self, samples: int) -> Sound:
        height = 10 ** (self.noise_db / 20)
        return (np.random.default_rng(self.seed).standard_normal(samples) * height).astype(np.float32)

    def _response(self) -> Sound:
        """A direct sound, then a tail of noise that decays exponentially."""
        tail = np.random.default_rng(self.seed).standard_normal(ms(self.decay_ms))
        tail *= 0.3 * 10 ** (-3 * np.arange(tail.size) / tail.size)
        tail[0] = 1.0
        return np.concatenate([np.zeros(ms(self.delay_ms)), tail])


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A recording with its parts known: `microphone` is `echo` + `near` + noise."""

    played: Sound
    microphone: Sound
    echo: Sound = field(repr=False)
    near: Sound = field(repr=False)

    def blocks(self, block_ms: int = 40) -> Iterator[tuple[bytes, bytes]]:
        """(microphone, played) as PCM, block by block; a rest that fills no block is left out."""
        step = ms(block_ms)
        for start in range(0, self.played.size - step + 1, step):
            yield pcm(self.microphone[start : start + step]), pcm(self.played[start : start + step])


def scene(room: Room, played: Sound, near: Sound | None = None) -> Scene:
    """`near` (the person, as heard at the microphone) is cut or filled up to the length of `played`."""
    person = placed((near, 0.0), seconds=played.size / HEARING_RATE) if near is not None else np.zeros_like(played)
    echo = room.echo(played)
    heard = np.clip(echo + person + room.noise(played.size), -1, 1).astype(np.float32)
    return Scene(played=played, microphone=heard, echo=echo, near=person)


def placed(*parts: tuple[Sound, float], seconds: float) -> Sound:
    """Silence of that length with each sound laid in at its time (seconds); what sticks out is cut."""
    whole = np.zeros(round(seconds * HEARING_RATE), dtype=np.float32)
    for sound, at in parts:
        start = round(at * HEARING_RATE)
        piece = sound[: max(0, whole.size - start)]
        whole[start : start + piece.size] += piece
    return whole


def another_voice(sound: Sound, pace: float) -> Sound:
    """The same words, faster and higher (`pace` > 1) or slower and lower."""
    at = np.arange(0, sound.size - 1, pace)
    return np.interp(at, np.arange(sound.size), sound).astype(np.float32)


def at_level(sound: Sound, level_db: float) -> Sound:
    """`sound` at that loudness (root mean square, dBFS)."""
    return (sound * 10 ** (level_db / 20) / max(rms(sound), 1e-9)).astype(np.float32)


def convolved(sound: Sound, response: Sound) -> Sound:
    size = 1 << (sound.size + response.size - 2).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.fft.rfft(response, size)
    return np.fft.irfft(spectrum, size)[: sound.size + response.size - 1]


def rms(sound: Sound) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if sound.size else 0.0


def loudness_db(sound: Sound) -> float:
    return float(20 * np.log10(max(rms(sound), 1e-6)))


def ms(milliseconds: float) -> int:
    """In samples."""
    return round(milliseconds * HEARING_RATE / 1000)


def pcm(sound: Sound) -> bytes:
    return bytes((np.clip(sound, -1, 32767 / 32768) * 32768).astype("<i2").tobytes())


def floats(data: bytes) -> Sound:
    return hearing_floats(Audio(pcm=data))
