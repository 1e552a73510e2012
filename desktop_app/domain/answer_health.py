"""Signs that a model writes badly, seen in its text alone: nothing said, going in circles, another script.

Language drift is judged by script and by common short words, which is enough to notice a collapse, not a subtle change.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"\w+", re.UNICODE)
_NGRAM = 4
_LEAST_WORDS = 12


def words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def empty(text: str) -> bool:
    return not any(char.isalnum() for char in text)


def looping(text: str) -> bool:
    """More than half of the runs of four words have been there before, or one character fills the text."""
    said = words(text)
    if len(said) >= _LEAST_WORDS:
        runs = Counter(tuple(said[k : k + _NGRAM]) for k in range(len(said) - _NGRAM + 1))
        return sum(runs.values()) > 2 * len(runs)
    packed = "".join(text.split())
    return len(packed) >= 16 and Counter(packed).most_common(1)[0][1] > 0.6 * len(packed)


def script(text: str) -> str:
    """The most frequent script among the letters ("LATIN"), "" without letters."""
    letters = (unicodedata.name(char, "?").split(" ")[0] for char in text if char.isalpha())
    found = Counter(letters).most_common(1)
    return found[0][0] if found else ""


def drifted(text: str, asked: str) -> bool:
    """The answer is written in another script than the question."""
    answer, question = script(text), script(asked)
    return bool(answer and question and answer != question)


def share(texts: Sequence[str], sign: Sequence[bool]) -> float:
    return sum(sign) / len(texts) if texts else 0.0
