"""Which of the recogniser's segments can be trusted: a recogniser asked about silence invents words.

Thresholds were chosen on tiny.en with spoken sentences on one side, silence, hum, noise and clicks on the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

QUIETEST_DB = -55.0
QUIETEST_PHRASE_DB = -42.0
"""Below these nobody said it: anything at all, and one of the phrases that are made up from noise."""
NO_SPEECH = 0.6
UNLIKELY = -1.2
DOUBTFUL = -0.5
REPEATING = 2.4

_INVENTED = frozenset(
    {
        "thank you",
        "thank you very much",
        "thank you so much",
        "thanks",
        "thanks for watching",
        "thank you for watching",
        "please subscribe",
        "subscribe",
        "like and subscribe",
        "see you next time",
        "see you in the next video",
        "see you",
        "bye",
        "bye bye",
        "you",
        "okay",
        "ok",
        "oh",
        "so",
        "the",
        "i",
        "music",
        "applause",
        "silence",
        "foreign",
        "subtitles by the amara org community",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardSegment:
    """A stretch of words and the evidence for them.

    `no_speech` is a probability; `likelihood` the mean log probability of a token; `repetition` the text's
    compression ratio (looping text is above 2.4); `loudness_db` the loudest 40 ms under the words, in dBFS.
    """

    text: str
    no_speech: float
    likelihood: float
    repetition: float
    loudness_db: float


def is_trustworthy(segment: HeardSegment) -> bool:
    """Whether these words were said, as far as the evidence goes."""
    if not _has_words(segment.text) or segment.loudness_db < QUIETEST_DB:
        return False
    if segment.repetition > REPEATING or segment.likelihood < UNLIKELY:
        return False
    if segment.no_speech > NO_SPEECH and segment.likelihood < DOUBTFUL:
        return False
    weak = segment.no_speech > NO_SPEECH * 0.75 or segment.likelihood < UNLIKELY * 0.9
    quiet = segment.loudness_db < QUIETEST_PHRASE_DB
    return not ((weak or quiet) and is_often_invented(segment.text))


def is_often_invented(text: str) -> bool:
    """Whether the text is one that recognisers make up from silence: credits, thanks, single small words."""
    return " ".join(re.sub(r"[^\w\s]+", " ", text.casefold()).split()) in _INVENTED


def _has_words(text: str) -> bool:
    """Not for a description of a sound, as `[music]` or `(applause)`."""
    return any(map(str.isalnum, re.sub(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*", "", text)))
