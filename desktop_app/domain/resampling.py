"""Changes the sample rate of a stream of sound, block by block, fast enough for one live microphone.

Standard library only: the window must not load numpy.
"""

from __future__ import annotations

import math
from array import array
from operator import mul

from desktop_app.domain.audio import Audio

ZERO_CROSSINGS = 12
PASSBAND = 0.92


def resampled(audio: Audio, rate: int) -> Audio:
    """A whole sound at another rate."""
    if audio.rate == rate:
        return audio
    resampler = Resampler(audio.rate, rate)
    return Audio(pcm=resampler.feed(audio.pcm) + resampler.flush(), rate=rate)


class Resampler:
    """Mono 16-bit PCM of `source_rate` in, the same of `target_rate` out.

    A windowed-sinc low-pass (Blackman), one set of weights per phase; `feed` gives what is ready, `flush` the rest.
    """

    def __init__(self, source_rate: int, target_rate: int) -> None:
        shared = math.gcd(source_rate, target_rate)
        self._up, self._down = target_rate // shared, source_rate // shared
        self._cutoff = PASSBAND * min(1.0, target_rate / source_rate)
        self._half = math.ceil(ZERO_CROSSINGS / self._cutoff)
        self._weights: dict[int, list[float]] = {}
        self._history = array("h", bytes(2 * (self._half - 1)))
        self._position = 0  # of the next output sample, in 1/up of a source sample, from the end of the padding
        self._fed = 0
        self._given = 0

    def feed(self, pcm: bytes) -> bytes:
        """`pcm` must hold whole samples."""
        self._fed += len(pcm) // 2
        return self._ready(pcm)

    def flush(self) -> bytes:
        """The last samples; the stream is over."""
        due = 2 * max(0, round(self._fed * self._up / self._down) - self._given)
        return self._ready(bytes(2 * (2 * self._half + 1)))[:due]

    def _ready(self, pcm: bytes) -> bytes:
        if self._up == self._down:
            self._given += len(pcm) // 2
            return pcm
        self._history.frombytes(pcm)
        out = array("h")
        taps = 2 * self._half
        start, phase = divmod(self._position, self._up)
        while start + taps <= len(self._history):
            total = sum(map(mul, self._phase(phase), self._history[start : start + taps]))
            out.append(max(-32768, min(32767, round(total))))
            self._position += self._down
            start, phase = divmod(self._position, self._up)
        used = min(start, len(self._history))
        del self._history[:used]
        self._position -= used * self._up
        self._given += len(out)
        return out.tobytes()

    def _phase(self, phase: int) -> list[float]:
        """The weights of the samples around a point `phase/up` after a source sample; their sum is 1."""
        if phase not in self._weights:
            offset = phase / self._up
            raw = [self._kernel(i - self._half + 1 - offset) for i in range(2 * self._half)]
            total = sum(raw)
            self._weights[phase] = [weight / total for weight in raw]
        return self._weights[phase]

    def _kernel(self, x: float) -> float:
        """Sinc times Blackman window at `x` source samples from the centre."""
        if abs(x) >= self._half:
            return 0.0
        turn = math.pi * x / self._half
        window = 0.42 + 0.5 * math.cos(turn) + 0.08 * math.cos(2 * turn)
        angle = math.pi * x * self._cutoff
        return window * (math.sin(angle) / angle if angle else 1.0)
