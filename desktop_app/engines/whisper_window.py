"""Hears a short utterance with a short encoder window: most of Whisper's time goes into encoding 30 s, mostly silence.

Whisper was trained on whole windows, so a short one sometimes loops or rambles: what it heard is looked at, and None
says that the whole window is needed.
"""

from __future__ import annotations

import re
from typing import Any

from desktop_app.domain.audio import HEARING_RATE
from desktop_app.domain.hearing import HeardSegment, is_often_invented
from desktop_app.engines.sound_arrays import loudest_db

FRAMES_A_SECOND = 100
SILENCE_S = 5.0
"""After the words, so that they end: with less of it, or none, what was said is often said again."""
LONGEST_S = 20.0
"""Longer utterances gain little, and have sentences that want timestamps."""
BEAMS = 5
TOKENS_A_SECOND = 9
TIME_STEP_S = 0.02
LAST_WORDS_S = 1.2
LIKELY = -0.75
PLAIN = 2.0
"""Mean log probability of a token, and compression ratio, that make a second look unnecessary."""


def heard_in_short(
    model: Any, samples: Any, *, hotwords: str | None, language: str = ""
) -> tuple[HeardSegment, str] | None:
    """The words in `samples` (16 kHz floats) as one segment, and the language; None when they need a second look.

    `model` is a `faster_whisper.WhisperModel`. `language` is a code, "" detects.
    """
    seconds = len(samples) / HEARING_RATE
    if seconds > LONGEST_S:
        return None
    encoded = model.encode(_features(model, samples, seconds))
    tokenizer = _tokenizer(model, encoded, language)
    found = _generated(model, encoded, tokenizer, seconds, hotwords)
    segment = _segment(found, tokenizer, samples)
    return (segment, tokenizer.language_code) if is_sound(segment, seconds) else None


def is_sound(segment: HeardSegment, seconds: float) -> bool:
    """Whether words from a short window can stay: likely, not looping, no more than can be said in that time."""
    if segment.likelihood < LIKELY or segment.repetition > PLAIN or segment.no_speech > 0.5:
        return False
    words = re.findall(r"[\w']+", segment.text.casefold())
    return bool(words) and not loops(words) and len(words) <= 2 + 6 * seconds and not is_often_invented(segment.text)


def loops(words: list[str]) -> bool:
    """Whether it ends with the same words twice, or breaks off while saying them again."""
    for at in range(1, len(words)):
        again = words[at:]
        if words[: len(again)] == again and len(again) > 1:
            return True
    return any(words[-size:] == words[-2 * size : -size] for size in range(1, len(words) // 2 + 1))


def _features(model: Any, samples: Any, seconds: float) -> Any:
    import numpy

    features = model.feature_extractor(samples)
    frames = 2 * round((seconds + SILENCE_S) * FRAMES_A_SECOND / 2)
    room = max(0, frames - features.shape[-1])
    return numpy.pad(features, ((0, 0), (0, room)), constant_values=features.min())[..., :frames]


def _tokenizer(model: Any, encoded: Any, language: str) -> Any:
    from faster_whisper.tokenizer import Tokenizer

    multilingual = model.model.is_multilingual
    if not multilingual:
        language = "en"
    elif not language:
        language = model.model.detect_language(encoded)[0][0][0][2:-2]
    return Tokenizer(model.hf_tokenizer, multilingual, task="transcribe", language=language)


def _generated(model: Any, encoded: Any, tokenizer: Any, seconds: float, hotwords: str | None) -> Any:
    from faster_whisper.transcribe import get_suppressed_tokens

    prompt = model.get_prompt(tokenizer, [], hotwords=hotwords)
    most = len(prompt) + 16 + round(TOKENS_A_SECOND * seconds)
    return model.model.generate(
        encoded,
        [prompt],
        beam_size=BEAMS,
        max_length=min(model.max_length, most),
        return_scores=True,
        return_no_speech_prob=True,
        suppress_blank=True,
        suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
        max_initial_timestamp_index=50,
    )[0]


def _segment(found: Any, tokenizer: Any, samples: Any) -> HeardSegment:
    from faster_whisper.transcribe import get_compression_ratio

    tokens = found.sequences_ids[0]
    text = tokenizer.decode(_said(tokens, tokenizer.timestamp_begin, len(samples) / HEARING_RATE)).strip()
    return HeardSegment(
        text=text,
        no_speech=found.no_speech_prob,
        likelihood=found.scores[0] * len(tokens) / (len(tokens) + 1),
        repetition=get_compression_ratio(text) if text else 0.0,
        loudness_db=loudest_db(samples),
    )


def _said(tokens: list[int], first_time: int, seconds: float) -> list[int]:
    """The words up to the first time stamp after which there is hardly any sound: what follows is made up."""
    words: list[int] = []
    for token in tokens:
        if token < first_time:
            words.append(token)
        elif words and (token - first_time) * TIME_STEP_S >= seconds - LAST_WORDS_S:
            break
    return words
