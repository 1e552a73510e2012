"""Hears words, with faster-whisper on the processor. Which of them to believe is `domain/hearing.py`'s business."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from desktop_app.domain.audio import HEARING_RATE, Audio, Transcript
from desktop_app.domain.hearing import HeardSegment, is_trustworthy
from desktop_app.engines.sound_arrays import hearing_floats, loudest_db
from desktop_app.engines.whisper_window import heard_in_short
from desktop_app.errors import UserCanFix
from desktop_app.ports import CancelToken

SHORTEST_S = 0.2
MOST_EXPECTED = 500
"""Characters: Whisper's prompt is short, and words there cost time."""
NEEDED_FILES = ("model.bin", "config.json", "tokenizer.json")


class WhisperRecognizer:
    """A CTranslate2 Whisper model in `model_dir`, loaded at first use. `threads` 0 takes up to four cores.

    `expected_words`, separated by commas, are preferred where the sound allows them. `language` is a code, "" detects.
    """

    def __init__(self, model_dir: str, *, threads: int = 0, expected_words: str = "", language: str = "") -> None:
        self._language = language
        self._expected = " ".join(expected_words.split())[:MOST_EXPECTED]
        self._folder = Path(model_dir)
        self._threads = threads or min(4, os.cpu_count() or 1)
        self._model: Any = None

    def transcribe(self, audio: Audio, cancel: CancelToken) -> Transcript:
        """Words in `audio` of any rate; empty text when none can be trusted.

        Raises Cancelled, UserCanFix (`speech.language_needs_model` of a model that hears English only).
        """
        cancel.raise_if_cancelled()
        if audio.seconds < SHORTEST_S:
            return Transcript(text="", no_speech=1.0, seconds=audio.seconds)
        model = self._loaded()
        if self._language not in ("", "en") and not model.model.is_multilingual:
            raise _english_only()
        samples = hearing_floats(audio)
        short = heard_in_short(model, samples, hotwords=self._expected or None, language=self._language)
        cancel.raise_if_cancelled()
        if short is not None:
            segment, language = short
            text = segment.text if is_trustworthy(segment) else ""
            return Transcript(text=text, language=language, no_speech=segment.no_speech, seconds=audio.seconds)
        return self._heard_in_whole_windows(model, audio, samples, cancel)

    def close(self) -> None:
        self._model = None

    def _heard_in_whole_windows(self, model: Any, audio: Audio, samples: Any, cancel: CancelToken) -> Transcript:
        segments, info = model.transcribe(
            samples,
            beam_size=5,
            temperature=(0.0, 0.4),
            condition_on_previous_text=False,
            no_speech_threshold=None,
            hotwords=self._expected or None,
            language=self._language or None,
        )
        texts: list[str] = []
        no_speech: list[float] = []
        for segment in segments:
            cancel.raise_if_cancelled()
            no_speech.append(segment.no_speech_prob)
            if is_trustworthy(_evidence(segment, samples)):
                texts.append(segment.text.strip())
        cancel.raise_if_cancelled()
        return Transcript(
            text=" ".join(texts).strip(),
            language=info.language,
            no_speech=min(no_speech, default=1.0),
            seconds=audio.seconds,
        )

    def _loaded(self) -> Any:
        if self._model is None:
            missing = [name for name in NEEDED_FILES if not (self._folder / name).is_file()]
            if missing:
                raise _unreadable(f"missing in {self._folder}: {', '.join(missing)}")
            self._model = self._load()
        return self._model

    def _load(self) -> Any:
        os.environ["HF_HUB_OFFLINE"] = "1"
        import ctranslate2
        import tqdm
        from faster_whisper import WhisperModel

        ctranslate2.set_random_seed(0)
        # Its (disabled) progress bars would leave a thread running, and a semaphore behind at the end.
        tqdm.tqdm.monitor_interval = 0
        tqdm.tqdm.set_lock(threading.RLock())
        try:
            return WhisperModel(
                str(self._folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=self._threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError, TypeError) as error:
            raise _unreadable(str(error)) from error


def _evidence(segment: Any, samples: Any) -> HeardSegment:
    start, end = (round(seconds * HEARING_RATE) for seconds in (segment.start, segment.end))
    return HeardSegment(
        text=segment.text,
        no_speech=segment.no_speech_prob,
        likelihood=segment.avg_logprob,
        repetition=segment.compression_ratio,
        loudness_db=loudest_db(samples[start:end]),
    )


def _english_only() -> UserCanFix:
    return UserCanFix(
        "speech.language_needs_model",
        "The chosen recogniser hears English only.",
        remedy="Under Settings, Voice, choose a Hearing model of many languages, or English as the spoken language.",
    )


def _unreadable(detail: str) -> UserCanFix:
    return UserCanFix(
        "speech.hearing_unreadable",
        "The hearing model is missing or damaged.",
        remedy="Fetch it again under Settings, Models, or with `stonechat setup`.",
        detail=detail,
    )
