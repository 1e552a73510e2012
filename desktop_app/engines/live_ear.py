"""Listens block by block: our own echo taken out, then how likely somebody speaks. Runs in a child."""

from __future__ import annotations

from typing import Any

from desktop_app.domain.audio import EarBlock, decibels
from desktop_app.engines.echo_canceller import WebRtcEchoCanceller
from desktop_app.engines.sound_arrays import hearing_floats

HISS = 3.0
"""Root mean square of the hiss in 16-bit steps: -81 dBFS, below every room."""
WINDOW = 512
CONTEXT = 64
"""Samples at 16 kHz that Silero looks at, and those before them that it wants to see again."""


class EchoFreeEar:
    """The Silero detector that ships inside faster-whisper, on what each stage of the echo canceller leaves."""

    def __init__(self) -> None:
        import numpy

        self._draw = numpy.random.default_rng(1)
        self._canceller = WebRtcEchoCanceller()
        self._detector, self._clear_detector = _Silero(), _Silero()

    def hear(self, microphone: bytes, played: bytes) -> EarBlock:
        """Raises ValueError for blocks of different lengths."""
        stages = self._canceller.process(self._with_air(microphone), played)
        return EarBlock(
            pcm=stages.finished,
            speech=self._detector.probability(stages.finished),
            clear_pcm=stages.linear,
            clear_speech=self._clear_detector.probability(stages.linear),
            echo_db=decibels(stages.echo),
        )

    def reset(self) -> None:
        self._canceller.reset()
        self._detector.reset()
        self._clear_detector.reset()

    def _with_air(self, pcm: bytes) -> bytes:
        """With a faint hiss. WebRTC takes digital silence, which some microphones give between words, for a broken
        microphone, and then mutes the person for as long as something plays."""
        import numpy

        samples = numpy.frombuffer(pcm, "<i2") + self._draw.normal(0, HISS, len(pcm) // 2).round()
        return bytes(samples.clip(-32768, 32767).astype("<i2").tobytes())

    def close(self) -> None:
        self.reset()


class _Silero:
    """The detector with its memory kept from window to window."""

    def __init__(self) -> None:
        self._session: Any = None
        self.reset()

    def reset(self) -> None:
        import numpy

        self._waiting = numpy.zeros(0, numpy.float32)
        self._context = numpy.zeros(CONTEXT, numpy.float32)
        self._h = self._c = numpy.zeros((1, 1, 128), numpy.float32)
        self._last = 0.0

    def probability(self, pcm: bytes) -> float:
        """The highest of the windows that `pcm` completes; the last one's when it completes none."""
        import numpy

        from desktop_app.domain.audio import Audio

        self._waiting = numpy.concatenate([self._waiting, hearing_floats(Audio(pcm=pcm))])
        found = []
        while len(self._waiting) >= WINDOW:
            window, self._waiting = self._waiting[:WINDOW], self._waiting[WINDOW:]
            found.append(self._look(numpy.concatenate([self._context, window])[None]))
            self._context = window[-CONTEXT:]
        self._last = found[-1] if found else self._last
        return max(found, default=self._last)

    def _look(self, window: Any) -> float:
        if self._session is None:
            from faster_whisper.vad import get_vad_model

            self._session = get_vad_model().session
        out, self._h, self._c = self._session.run(None, {"input": window, "h": self._h, "c": self._c})
        return float(out.reshape(-1)[0])
