"""Which of a few hundred texts are most like another one: BM25 over words, as Robertson and Zaragoza (2009) give it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

K1 = 1.2
B = 0.75
_WORD = re.compile(r"[^\W_]+")
_COMMON_WORDS = (
    "a an and are as at be by can could do does did for from how i if in is it its me my of on or please so some tell"
    " that the their them there these they this to us was we were what when where which who why will with would you"
    " your"
)
_COMMON = frozenset(_COMMON_WORDS.split())


def words_of(text: str) -> list[str]:
    """In lower case, without the commonest English ones."""
    return [word for word in _WORD.findall(text.casefold()) if word not in _COMMON]


class Similarity:
    """An index of `texts`, made once and asked often."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._counts = [Counter(words_of(text)) for text in texts]
        self._lengths = [count.total() for count in self._counts]
        self._mean = sum(self._lengths) / len(texts) if texts else 1.0
        found_in = Counter(word for count in self._counts for word in count)
        self._rarity = {word: math.log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for word, n in found_in.items()}

    def scores(self, text: str) -> list[float]:
        """How like `text` each of the texts is, 0 for no word in common."""
        asked = [word for word in dict.fromkeys(words_of(text)) if word in self._rarity]
        return [self._score(asked, at) for at in range(len(self._counts))]

    def _score(self, asked: Sequence[str], at: int) -> float:
        count = self._counts[at]
        evened = K1 * (1 - B + B * self._lengths[at] / (self._mean or 1.0))
        return sum(self._rarity[word] * count[word] * (K1 + 1) / (count[word] + evened) for word in asked)
