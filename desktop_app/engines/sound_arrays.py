"""Sound as the numeric engines want it: 32-bit floats at 16 kHz, from PCM of any rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from desktop_app.domain.audio import HEARING_RATE, Audio


def hearing_floats(audio: Audio) -> Any:
    """A float32 numpy array, -1 to 1, at `HEARING_RATE`."""
    import numpy as np

    samples = np.frombuffer(audio.pcm, dtype="<i2", count=audio.samples)
    if audio.rate != HEARING_RATE and samples.size:
        samples = np.concatenate(list(_resampled(samples, audio.rate)))
    return samples.astype(np.float32) / 32768.0


def loudest_db(samples: Any) -> float:
    """The loudest 40 ms of `samples` (floats at `HEARING_RATE`), in dBFS; -100 for nothing."""
    import numpy as np

    block = HEARING_RATE * 40 // 1000
    blocks = samples[: samples.size // block * block].reshape(-1, block) if samples.size >= block else samples[None, :]
    power = float(np.max(np.mean(np.square(blocks, dtype=np.float64), axis=1))) if samples.size else 0.0
    return float(10 * np.log10(max(power, 1e-10)))


def _resampled(samples: Any, rate: int) -> Iterator[Any]:
    """`samples` at `HEARING_RATE`, about one second at a time."""
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=HEARING_RATE)
    for start in range(0, samples.size, rate):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + rate].copy(), format="s16", layout="mono")
        frame.sample_rate = rate
        for piece in resampler.resample(frame):
            yield piece.to_ndarray()[0]
    for piece in resampler.resample(None):
        yield piece.to_ndarray()[0]
