"""What can be seen in an answer without understanding it: length, lists, tone, emoji, units, spelling, doubt."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_MARK = re.compile(r"\s*(?:[-*•–]|\(?\d{1,2}[.):])\s+")
_BULLET = re.compile(r"^\s*[-*•–]\s+\S", re.MULTILINE)
_STEP = re.compile(r"^\s*\(?\d{1,2}[.):]\s+\S", re.MULTILINE)
_MARKUP = re.compile(r"^\s*#{1,6}\s|\*\*[^*\n]+\*\*|^\s*\|.*\|\s*$|^```", re.MULTILINE)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\U0001f1e6-\U0001f1ff]")
_IMPERIAL = re.compile(
    r"\b(?:inch|inches|foot|feet|yards?|miles?|mph|pounds?|lbs?|ounces?|oz|gallons?|pints?|quarts?|acres?"
    r"|fahrenheit)\b|°\s?F\b|\d\s?(?:ft|in)\b|\d\s?cups?\b",
    re.IGNORECASE,
)
_METRIC = re.compile(
    r"\b(?:(?:kilo|centi|milli)?(?:met(?:er|re)s?|grams?|lit(?:er|re)s?)|kilos?|hectares?|celsius|kmh|km/h)\b|°\s?C\b"
    r"|\d\s?(?:km|cm|mm|m|kg|g|mg|l|ml|ha)\b",
    re.IGNORECASE,
)
_CASUAL = re.compile(
    r"\b(?:hey|hi there|yeah|yep|nope|gonna|wanna|kinda|sorta|gotta|cool|awesome|super|stuff|guys|folks|ok|okay|lol|btw"
    r"|no worries|you bet|\w+n['’]t|(?:i|you|we|they|he|she|it|that|there|here|what|who|let)['’](?:m|re|ve|ll|d|s))\b",
    re.IGNORECASE,
)
_YOU = re.compile(r"\byou(?:r|rs|rself|rselves)?\b", re.IGNORECASE)
_DOUBT = re.compile(
    r"\b(?:i am not (?:sure|certain)|i['’]m not (?:sure|certain)|not (?:entirely|completely|quite) (?:sure|certain)"
    r"|i (?:may|might|could) be wrong|uncertain|unsure|i do not know|i don['’]t know|as far as i know|i think|i believe"
    r"|probably|perhaps|to my knowledge|please (?:check|verify)|cannot be (?:sure|certain))\b",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"\b(?:for example|for instance|such as|an example)\b|\be\.\s?g\.", re.IGNORECASE)
_OUR = r"(?:col|flav|fav|hon|hum|lab|neighb|behavi|harb|rum|vap)"
_IZE = (
    r"(?:(?:un|re|dis)?organ|real|recogn|apolog|emphas|critic|minim|maxim|optim|summar|util|priorit|special|standard"
    r"|categor|custom|final|general|memor|modern|normal|personal|symbol|visual|author|central|civil|capital|character"
    r"|energ|fertil|hospital|immun|local|mobil|neutral|popular|stabil|steril|sympath|theor|legal|crystal|equal|social)"
)
_ENDING = r"(?:e|es|ed|er|ers|ing|ation|ations)"
_BRITISH = re.compile(
    rf"\b(?:{_OUR}our\w*|{_IZE}is{_ENDING}|(?:anal|paral|catal)ys(?:e|es|ed|ing)|centres?|theatres?"
    r"|fibres?|defence|offence|licence|grey\w*|aluminium|pyjamas|travell\w+|cancell\w+"
    r"|modell\w+|labell\w+|jewellery|mould\w*|plough\w*|sceptic\w*|tyres?|cosy|mum|maths)\b",
    re.IGNORECASE,
)
_AMERICAN = re.compile(
    rf"\b(?:{_OUR}or(?!\w*ious|\w*ist)\w*|{_IZE}iz{_ENDING}|(?:anal|paral|catal)yz(?:e|es|ed|ing)|centers?|theaters?"
    r"|fibers?|defense|offense|gray\w*|aluminum|pajamas|travel(?:ing|ed|er|ers)"
    r"|cancel(?:ed|ing)|model(?:ed|ing)|label(?:ed|ing)|jewelry|mold\w*|plow\w*|skeptic\w*|cozy|mom|math)\b",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """Sentences as they stand, each with the mark of the list that it opens a line of."""
    found = []
    for line in text.splitlines():
        mark = _MARK.match(line)
        first = mark.end() if mark else 0
        parts = _SENTENCE_END.split(line[first:])
        found += [part for part in (line[:first] + parts[0], *parts[1:]) if part.strip()]
    return found


def vocabulary(text: str) -> frozenset[str]:
    """Its words in lower case."""
    return frozenset(word.casefold() for word in _WORD.findall(text))


def word_count(text: str) -> int:
    return len(_WORD.findall(text))


def bullets(text: str) -> int:
    """Lines that begin with a dash, a star or a dot."""
    return len(_BULLET.findall(text))


def steps(text: str) -> int:
    """Lines that begin with a number."""
    return len(_STEP.findall(text))


def is_plain(text: str) -> bool:
    """Prose: no list, heading, table, bold word or code."""
    return not (bullets(text) or steps(text) or _MARKUP.search(text))


def emoji(text: str) -> int:
    return len(_EMOJI.findall(text))


def imperial_units(text: str) -> int:
    return len(_IMPERIAL.findall(text))


def metric_units(text: str) -> int:
    return len(_METRIC.findall(text))


def casual_words(text: str) -> int:
    """Contractions count."""
    return len(_CASUAL.findall(text))


def informal_marks(text: str) -> int:
    """Casual words, exclamation marks, and every "you"."""
    return casual_words(text) + text.count("!") + len(_YOU.findall(text))


def doubts(text: str) -> int:
    """Words with which one says that one may be wrong."""
    return len(_DOUBT.findall(text))


def gives_example(text: str) -> bool:
    return bool(_EXAMPLE.search(text))


def american_words(text: str) -> int:
    return len(_AMERICAN.findall(text))


def british_words(text: str) -> int:
    return len(_BRITISH.findall(text))
