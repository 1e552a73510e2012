"""Cuts an answer into sentences to be spoken, while it is still being written.

When in doubt it does not cut: a voice gets two sentences at once without harm, half of one sounds wrong.
"""

from __future__ import annotations

import re

from desktop_app.domain.spoken_prose import BREAK, ProseFilter, plain

LONGEST = 280
FIRST_CHUNK = 20
FIRST_PHRASE = 28
FIRST_WORDS = 8
"""Characters after which the first chunk may end at a comma, and before a word that begins a new phrase; words after
which it ends wherever it is."""

_CLOSING = r"[\"'”’»)\]*_`]*"
_END = re.compile(rf"[.!?…]+{_CLOSING}(?=\s+(\S))|[。！？]+[”’」』）]*(?=[^。！？”’」』）])")
_CLAUSE = re.compile(r"[,;:–—](?=\s)|[、，；：]")
_PHRASE = re.compile(r"\s(?=(?:and|or|but|that|which|who|because|so|if|when|while|in|on|at|of|from|with|for|to)\s)")
_FIRST_WORDS = re.compile(rf"(?:\S+\s+){{{FIRST_WORDS}}}(?=\S+\s+\S+\s+\S)")
"""With three more words after them: a sentence that is nearly over is not cut."""
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘*_]*$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_BEFORE_A_NAME = re.compile(
    r"mr|mrs|ms|mx|dr|prof|st|rev|hon|gen|col|capt|lt|sgt|sen|gov|mt|jr|sr|vs|cf|al|ca|approx|e\.g|i\.e|"
    r"inc|ltd|co|corp|dept|univ|assn|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec"
)
_BEFORE_A_NUMBER = re.compile(r"nos?|nr|figs?|vol|ch|sec|pp?|eq|art|ed|est|min|max")


class SentenceSplitter:
    """Takes markdown piece by piece, gives sentences ready to be spoken.

    With `quick_start` the first chunk ends at the first comma or the like after `FIRST_CHUNK` characters, before a new
    phrase after `FIRST_PHRASE`, or after `FIRST_WORDS`, so that there is something to say early. How the text is cut
    into pieces changes nothing.
    """

    def __init__(self, *, quick_start: bool = False) -> None:
        self._prose = ProseFilter()
        self._text = ""
        self._quick = quick_start

    def feed(self, text: str) -> tuple[str, ...]:
        """The sentences that are complete by now."""
        self._text += self._prose.feed(text)
        return self._sentences(final=False)

    def flush(self) -> tuple[str, ...]:
        """What is left; the text is over."""
        self._text += self._prose.flush()
        return self._sentences(final=True)

    def _sentences(self, *, final: bool) -> tuple[str, ...]:
        found: list[str] = []
        start = 0
        while (end := self._next_end(start, final=final)) is not None:
            sentence = plain(self._text[start:end])
            start = end
            if sentence:
                found.append(sentence)
                self._quick = False
        self._text = self._text[start:]
        return tuple(found)

    def _next_end(self, start: int, *, final: bool) -> int | None:
        """Where the sentence beginning at `start` ends, None while that cannot be said."""
        text = self._text
        while text[start : start + 1].isspace():
            start += 1
        stop = text.find(BREAK, start, start + LONGEST)
        limit = stop if stop >= 0 else min(len(text), start + LONGEST)
        end = _sentence_end(text, start, limit)
        if self._quick:
            upto = min(limit, end or limit)
            clause = _CLAUSE.search(text, start + FIRST_CHUNK, upto)
            phrase = _PHRASE.search(text, start + FIRST_PHRASE, upto)
            words = _FIRST_WORDS.match(text, start, upto)
            if clause or phrase or words:
                return min(found.end() for found in (clause, phrase, words) if found)
        if end is not None or stop >= 0:
            return end if end is not None else stop
        if len(text) - start >= LONGEST:
            return _best_cut(text, start, start + LONGEST)
        return len(text) if final and text[start:].strip() else None


def speakable(markdown: str) -> str:
    """A whole answer as it would be read aloud."""
    splitter = SentenceSplitter()
    return " ".join((*splitter.feed(markdown), *splitter.flush()))


def sentences(markdown: str, *, quick_start: bool = False) -> tuple[str, ...]:
    """The sentences of a whole answer."""
    splitter = SentenceSplitter(quick_start=quick_start)
    return (*splitter.feed(markdown), *splitter.flush())


def _sentence_end(text: str, start: int, limit: int) -> int | None:
    """The first end of a sentence before `limit`, with what follows it."""
    for found in _END.finditer(text, start, limit):
        if found[1] is None or _ends_sentence(text[start : found.start()], found[0], found[1]):
            return found.end()
    return None


def _ends_sentence(before: str, mark: str, following: str) -> bool:
    """Whether `mark` after `before` ends a sentence when the next word begins with `following`."""
    if following.islower():
        return False
    if not mark.startswith(".") or mark.startswith(".."):
        return True
    found = _LAST_WORD.search(before.rstrip("*_`~)]”’»\"'"))
    word = found[0].casefold() if found else ""
    if not word or _BEFORE_A_NAME.fullmatch(word) or _INITIALS.fullmatch(word):
        return False
    if _BEFORE_A_NUMBER.fullmatch(word) and following.isdigit():
        return False
    return not (word.isdigit() and before.strip().casefold() == word)


def _best_cut(text: str, start: int, end: int) -> int:
    """The last clause, else the last space, in the second half of an endless sentence."""
    half = (start + end) // 2
    clauses = [found.end() for found in _CLAUSE.finditer(text, half, end)]
    return clauses[-1] if clauses else (text.rfind(" ", half, end) + 1 or end)
