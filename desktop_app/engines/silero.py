"""Tells speech from everything else, with the Silero detector that ships inside faster-whisper."""

from __future__ import annotations

from desktop_app.domain.audio import HEARING_RATE, Audio, Span
from desktop_app.engines.sound_arrays import hearing_floats

SPEECH_PROBABILITY = 0.4
SHORTEST_SPEECH_MS = 100
SHORTEST_PAUSE_MS = 300


class SileroDetector:
    """No weights of its own to fetch; the first use loads 2 MB."""

    def speech(self, audio: Audio) -> tuple[Span, ...]:
        """Stretches of speech in `audio` of any rate, in order, without any margin around them."""
        if not audio.samples:
            return ()
        from faster_whisper.vad import VadOptions, get_speech_timestamps

        options = VadOptions(
            threshold=SPEECH_PROBABILITY,
            min_speech_duration_ms=SHORTEST_SPEECH_MS,
            min_silence_duration_ms=SHORTEST_PAUSE_MS,
            speech_pad_ms=0,
        )
        found = get_speech_timestamps(hearing_floats(audio), options)
        return tuple(Span(start_ms=_ms(each["start"]), end_ms=_ms(each["end"])) for each in found)

    def close(self) -> None:
        """Nothing worth giving back."""


def _ms(samples: int) -> int:
    return round(samples * 1000 / HEARING_RATE)
