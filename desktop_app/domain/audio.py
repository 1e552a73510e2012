"""Sound as a value: mono 16-bit PCM with its sample rate. Standard library only."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from operator import mul

HEARING_RATE = 16_000
BLOCK_MS = 40
MAX_TURN_SECONDS = 600.0
FULL_SCALE = 32_768
SILENCE_DB = -100.0
METER_FLOOR_DB = -60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """Mono PCM, signed 16-bit little-endian. `rate` in samples per second."""

    pcm: bytes
    rate: int = HEARING_RATE

    @property
    def samples(self) -> int:
        return len(self.pcm) // 2

    @property
    def seconds(self) -> float:
        return self.samples / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of speech inside an `Audio`, in milliseconds from its start."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EarBlock:
    """A block of the microphone without our own echo, and how likely somebody speaks in it, 0..1.

    `pcm` holds next to nothing of our own voice, but while it is audible little of the person's either; `clear_pcm`
    holds all of the person's and more of ours (None: the same). `echo_db`: how loud our own was in the microphone.
    """

    pcm: bytes
    speech: float
    clear_pcm: bytes | None = None
    clear_speech: float = 0.0
    echo_db: float = SILENCE_DB


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was heard. `no_speech` is the recogniser's own probability that nothing was said, 0..1."""

    text: str
    language: str = "en"
    no_speech: float = 0.0
    seconds: float = 0.0


def decibels(pcm: bytes) -> float:
    """Loudness of PCM in dBFS (root mean square; 0 is full scale, `SILENCE_DB` and below is silence)."""
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    if not samples:
        return SILENCE_DB
    mean_square = sum(map(mul, samples, samples)) / len(samples)
    return max(SILENCE_DB, 10 * math.log10(mean_square / FULL_SCALE**2)) if mean_square else SILENCE_DB


def level(pcm: bytes) -> float:
    """Loudness for a meter: 0 at `METER_FLOOR_DB` and below, 1 at full scale."""
    return min(1.0, max(0.0, 1 - decibels(pcm) / METER_FLOOR_DB))


def silence(seconds: float, rate: int) -> Audio:
    return Audio(pcm=bytes(2 * round(seconds * rate)), rate=rate)


def joined(sounds: Iterable[Audio], *, pause_ms: int = 0) -> Audio:
    """One sound after the other, with a pause between. All must have the same rate; none gives an empty sound."""
    pieces = list(sounds)
    if not pieces:
        return Audio(pcm=b"")
    rate = pieces[0].rate
    if any(piece.rate != rate for piece in pieces):
        raise ValueError("sounds of different rates cannot be joined")
    return Audio(pcm=silence(pause_ms / 1000, rate).pcm.join(piece.pcm for piece in pieces), rate=rate)


def cut(audio: Audio, spans: Iterable[Span]) -> Audio:
    """Only the given stretches of `audio`, one after the other."""
    edges = ((2 * (ms * audio.rate // 1000) for ms in (span.start_ms, span.end_ms)) for span in spans)
    return Audio(pcm=b"".join(audio.pcm[start:end] for start, end in edges), rate=audio.rate)


def widened(spans: Iterable[Span], *, by_ms: int, end_ms: int) -> tuple[Span, ...]:
    """The spans with `by_ms` kept on both sides, inside 0 to `end_ms`; those that then touch become one."""
    wide: list[Span] = []
    for span in spans:
        start, end = max(0, span.start_ms - by_ms), min(end_ms, span.end_ms + by_ms)
        if wide and start <= wide[-1].end_ms:
            start = wide.pop().start_ms
        wide.append(Span(start_ms=start, end_ms=end))
    return tuple(wide)
