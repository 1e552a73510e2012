"""Whether a person has finished, from their words and their own pauses; and whether words said over an answer count.

The words are English. For other languages punctuation and pauses decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

Ending = Literal["finished", "unclear", "unfinished"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


FILLERS = _set("um umm uh uhh er err erm hm hmm ah eh")
DETERMINERS = _set("a an the my your our their every these those")
CONNECTIVES = _set("and or but because if unless although though while whereas than since until nor plus")
CONTRACTIONS = _set(
    "i'm you're we're they're he's she's it's that's there's what's who's where's how's let's i've you've we've "
    "they've i'll you'll he'll she'll we'll they'll i'd you'd he'd she'd we'd they'd"
)
TITLES = _set("mr mrs ms dr prof e.g i.e vs")
NEVER_LAST = FILLERS | DETERMINERS | CONNECTIVES | CONTRACTIONS | TITLES
"""Words that end no sentence, whatever punctuation the recogniser puts after them."""

PREPOSITIONS = _set(
    "to of for with from at into onto upon about between among against towards toward without within during via "
    "like as near regarding"
)
"""Last only in questions with a question word: "Where are you from?"."""

AUXILIARIES = _set(
    "am is are was were be been being have has had do does did will would can could shall should may might must "
    "cannot isn't aren't wasn't weren't don't doesn't didn't won't wouldn't can't couldn't shouldn't"
)
"""Last only in short answers ("Yes, I am.") and after a clause with a question word ("Tell me what it is.")."""

MAIN_VERBS = _set("be have do")
"""These of them are last in whole questions too."""

SELDOM_LAST = _set(
    "on in up off out over down by so that this which who whom whose what when where why how then well also just "
    "very really maybe i he she we they his her its some any not only even"
)
"""Last in questions ("What was that?"), perhaps in statements ("Turn it on."), hardly without a mark after them."""

OPEN_TAILS = _phrases(
    "and then|so then|but then|or maybe|or something like|you know|i mean|i would like|i'd like|i want|i need|i think|"
    "i wonder|can you|could you|would you|can you please|could you please|would you please|"
    "can i|could i|may i|do you|did you|does it|how do|how can|let me|in order|on the other hand|"
    "for example|for instance"
)
"""Ends of sentences that are none, as whole words."""

CLOSED_TAILS = _phrases(
    "what for|made of|is it not|if you can|if you could|if i may|so do i|let you know|don't want to|don't have to|"
    "what i think|what i mean|what i want|what i need|all i want|all i need"
)
"""Ends of sentences that would else look open."""

QUESTION_WORDS = _set("what who whom whose which where when why how")
PRONOUNS = _set("i you he she it we they this that there")
YES_NO = _set("yes yeah yep no nope sure")
ASKING_VERBS = _set("do does did can could would will should shall may might")
DIGIT_WORDS = _set("zero oh one two three four five six seven eight nine double triple")
NUMBER_DIGITS = 10
"""A dictated number of this many digits may be complete: a telephone number."""

BACKCHANNELS = _set(
    "mhm mm mmm mmhm mmhmm hm hmm uh huh uhhuh um ah aha oh ooh wow yeah yes yep yup ok okay right sure alright "
    "cool nice great good fine true exactly really indeed interesting absolutely definitely"
)
HUMS = _set("mhm mm mmm mmhm mmhmm hm hmm um uh ah oh ooh wow")
"""What of them is no reply to a question either."""
BACKCHANNEL_PHRASES = _phrases("i see|got it|go on|of course|all right|makes sense|m hm")
BACKCHANNEL_WORDS = 5
ECHO_SHARE = 0.8

SHORTEST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 4.0
USUAL_PAUSE_S = 0.5
_RISE, _FALL = 0.3, 0.05
_EXTRA_SHARE: dict[Ending, float] = {"finished": 0.0, "unclear": 0.15, "unfinished": 0.6}
_PAUSE_WEIGHT: dict[Ending, float] = {"finished": 0.5, "unclear": 1.0, "unfinished": 1.5}

_WORD = re.compile(r"[^\W_]+(?:['’.,:-][^\W_]+)*")
_END = re.compile(r"[.!?。！？؟।]$")
_OPEN_END = re.compile(r"(?:[,;:、，；：–—-]|\.\.+|…)$")
_CLOSING = "\"'”’»)]*_ \t\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerPauses:
    """How long this person pauses within a turn: `usual_s`, in seconds, lies near the longer of their pauses.

    An expectile: a pause above it pulls six times as hard as one below it. Lives as long as the conversation.
    """

    usual_s: float = USUAL_PAUSE_S
    count: int = 0

    def with_pause(self, seconds: float) -> SpeakerPauses:
        pause = min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, seconds))
        rate = _RISE if pause > self.usual_s else _FALL
        return replace(self, usual_s=self.usual_s + rate * (pause - self.usual_s), count=self.count + 1)


def wait_s(text: str, pauses: SpeakerPauses, *, least_s: float, most_s: float, language: str = "en") -> float:
    """Seconds of silence after `text` that end the turn, between `least_s` and `most_s`.

    A person with longer pauses than usual is given more time, one with shorter pauses less.
    """
    kind = ending(text, language)
    wait = least_s + _EXTRA_SHARE[kind] * (most_s - least_s)
    return min(most_s, max(least_s, wait + _PAUSE_WEIGHT[kind] * (pauses.usual_s - USUAL_PAUSE_S)))


def ending(text: str, language: str = "en") -> Ending:
    """Whether a transcript sounds finished. No words at all: finished, there is nothing to wait for."""
    text = text.rstrip(_CLOSING)
    words = _words(text)
    if not words:
        return "finished"
    if _OPEN_END.search(text):
        return "unfinished"
    closed = _END.search(text) is not None
    if language.split("-")[0] != "en":
        return "finished" if closed else "unclear"
    return _number_ending(words, text) or _english_ending(words, closed=closed, asked=text.endswith("?"))


def is_backchannel(text: str, *, asking: bool = False) -> bool:
    """Whether this only says "I am listening". While we ask something, "yes" is a reply, "mhm" is none."""
    said = " ".join(_words(text.replace("-", " ")))
    if asking:
        return all(word in HUMS for word in said.split())
    rest = re.sub(rf"\b({'|'.join(BACKCHANNEL_PHRASES)})\b", " ", said).split()
    return len(said.split()) <= BACKCHANNEL_WORDS and all(word in BACKCHANNELS for word in rest)


def is_echo(text: str, own: Sequence[str]) -> bool:
    """Whether nearly all words are, in this order, in the sentences that we are saying ourselves."""
    words, ours = _words(text), _words(" ".join(own))
    if not words or not ours:
        return False
    blocks = SequenceMatcher(None, words, ours, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= ECHO_SHARE * len(words)


def _words(text: str) -> list[str]:
    return [found.replace("’", "'") for found in _WORD.findall(text.casefold())]


def _english_ending(words: list[str], *, closed: bool, asked: bool) -> Ending:
    last = words[-1]
    if _ends_with(words, CLOSED_TAILS):
        return "finished" if closed else "unclear"
    if last in NEVER_LAST or _ends_with(words, OPEN_TAILS) or _breaks_off_question(words):
        return "unfinished"
    if last in PREPOSITIONS:
        stranded = asked and len(words) > 2 and not QUESTION_WORDS.isdisjoint(words[:-2])
        return "finished" if stranded else "unfinished"
    if last in AUXILIARIES:
        return "finished" if asked and _asks_for_verb(words) else _auxiliary_ending(words, closed=closed)
    if last in SELDOM_LAST and not asked:
        return "unclear" if closed and len(words) > 1 else "unfinished"
    return "finished" if closed else "unclear"


def _auxiliary_ending(words: list[str], *, closed: bool) -> Ending:
    """ "Yes, I am.", "What can I do?", "Tell me what it is." are whole; "It is." may be; "the weather is" goes on."""
    before = words[:-1]
    if not closed or not before or before[-1] in QUESTION_WORDS:
        return "unfinished"
    if before[0] in YES_NO or not QUESTION_WORDS.isdisjoint(before[1:-1]):
        return "finished"
    if before[-1] not in PRONOUNS:
        return "unfinished"
    return "finished" if before[0] in QUESTION_WORDS and len(before) > 2 else "unclear"


def _asks_for_verb(words: list[str]) -> bool:
    """ "How many legs does a spider have?": the verb itself, after the one that asks."""
    asked = words[0] in QUESTION_WORDS and not ASKING_VERBS.isdisjoint(words[1:-2])
    return asked and words[-1] in MAIN_VERBS


def _breaks_off_question(words: list[str]) -> bool:
    """ "How do you", "What can I": a question without its verb."""
    if len(words) < 2 or words[-2] not in ASKING_VERBS or words[-1] not in PRONOUNS - {"this", "that"}:
        return False
    return words[-3] in QUESTION_WORDS if len(words) > 2 else words != ["do", "it"]


def _ends_with(words: list[str], tails: Sequence[str]) -> bool:
    text = " " + " ".join(words)
    return any(text.endswith(" " + tail) for tail in tails)


def _number_ending(words: list[str], text: str) -> Ending | None:
    """Numbers and letters said one by one are being dictated; None when the text does not end in two of them."""
    run: list[str] = []
    for word in reversed(" ".join(words).replace("-", " ").split()):
        if not (word.isdigit() or word in DIGIT_WORDS or len(word) == 1):
            break
        run.append(word)
    if len(run) < 2 or text.endswith("?"):
        return None
    digits = sum(len(word) if word.isdigit() else 1 for word in run)
    return "unclear" if digits >= NUMBER_DIGITS else "unfinished"
