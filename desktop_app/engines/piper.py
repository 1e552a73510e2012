"""Speaks, with a Piper voice on the processor."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from desktop_app.domain.audio import Audio
from desktop_app.domain.spoken_words import spelled_out
from desktop_app.errors import UserCanFix
from desktop_app.ports import CancelToken

SLOWEST, FASTEST = 0.5, 2.0


class PiperSynthesizer:
    """The voice in `model_path` (its settings beside it in `model_path` + `.json`), loaded at first use.

    `threads` 0 takes up to four cores.
    """

    def __init__(self, model_path: str, *, threads: int = 0) -> None:
        self._path = Path(model_path)
        self._threads = threads or min(4, os.cpu_count() or 1)
        self._voice: Any = None

    def speak(self, text: str, cancel: CancelToken, *, speed: float = 1.0) -> Iterator[Audio]:
        """The text as sound, one chunk per sentence. Ends early when cancelled. Raises UserCanFix."""
        words = _sayable(text)
        if cancel.cancelled or not any(map(str.isalnum, words)):
            return
        voice = self._loaded()
        from piper.config import SynthesisConfig

        if voice.config.espeak_voice.startswith("en"):
            words = spelled_out(words)
        pace = min(FASTEST, max(SLOWEST, speed))
        for chunk in voice.synthesize(words, SynthesisConfig(length_scale=voice.config.length_scale / pace)):
            if cancel.cancelled:
                return
            yield Audio(pcm=chunk.audio_int16_bytes, rate=chunk.sample_rate)

    def close(self) -> None:
        self._voice = None

    def _loaded(self) -> Any:
        if self._voice is None:
            try:
                self._voice = self._load()
            # onnxruntime's own exceptions share no base but Exception
            except Exception as error:
                raise _unreadable(str(error)) from error
        return self._voice

    def _load(self) -> Any:
        import onnxruntime
        from piper import PiperVoice
        from piper.config import PiperConfig

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        described = json.loads(Path(f"{self._path}.json").read_text(encoding="utf-8"))
        return PiperVoice(
            config=PiperConfig.from_dict(described),
            session=onnxruntime.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"]),
        )


def _sayable(text: str) -> str:
    """`text` without control characters and without `[[`, which Piper would read as raw phonemes."""
    plain = "".join(" " if unicodedata.category(c).startswith("C") else c for c in text)
    while "[[" in plain:
        plain = plain.replace("[[", "[")
    return plain.strip()


def _unreadable(detail: str) -> UserCanFix:
    return UserCanFix(
        "speech.voice_unreadable",
        "The voice is missing or damaged.",
        remedy="Fetch it again under Settings, Models, or with `stonechat setup`.",
        detail=detail,
    )
