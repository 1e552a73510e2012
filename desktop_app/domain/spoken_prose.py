"""What of a markdown answer is read aloud: prose, without code, thinking, links' addresses and marks.

`ProseFilter` works on a text that is still being written; `plain` cleans one sentence.
"""

from __future__ import annotations

import html
import re

BREAK = "\n\n"

_UNDECIDED = re.compile(
    r"[ \t]*(?:>[ \t]?)*(?:[`~]{0,3}|[-*_+•#>=| \t]*|(?:[-*+•]|\d{1,3}[.)]?)(?:[ \t]+(?:\[[ xX]?\]?)?)?)[ \t]*"
)
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})([^`\n]*)")
_RULE = re.compile(r"[ \t]*([-*_=][ \t]*){2,}")
_TABLE_RULE = re.compile(r"[ \t|:-]+")
_QUOTE = re.compile(r"[ \t]*(>[ \t]?)+")
_OPENS_BLOCK = re.compile(r"[ \t]*(?:#{1,6}|[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_THINKING = re.compile(r"<(/?)think(?:ing)?>")
_THINKING_TAGS = ("<think>", "<thinking>", "</think>", "</thinking>")

_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_ADDRESS_IN_BRACKETS = re.compile(r"[(<\[]\s*(?:https?://|www\.)[^\s)>\]]+\s*[)>\]]")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,;:!?)\]']")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_MONEY = re.compile(r"([$£€])[ \t]?(\d+(?:[.,]\d+)*(?:\s(?:thousand|million|billion|trillion))?)(?!\w)")
_CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros"}
_EMPHASIS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|~~|`+|\\(?=[^\w\s])")
_ABOUT = re.compile(r"~(?=\d)")
_TIMES = re.compile(r"(?<=\d)\s*[*×]\s*(?=\d)")
_ARROW = re.compile(r"\s*(?:->|=>|[→⇒➜])\s*")
_SYMBOLS = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\ufe0e\ufe0f\u200d\u20e3"
    "\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)


def plain(sentence: str) -> str:
    """One sentence as it should be said; empty when nothing in it can be said."""
    text = _LINK.sub(r"\1", _PICTURE.sub(r"\1", sentence))
    text = _ADDRESS.sub("link", _ADDRESS_IN_BRACKETS.sub("", text))
    text = html.unescape(_TAG.sub(" ", text))
    text = _MONEY.sub(lambda found: f"{found[2]} {_CURRENCIES[found[1]]}", text)
    text = _ARROW.sub(", ", _TIMES.sub(" times ", _ABOUT.sub("about ", text)))
    text = _SYMBOLS.sub(" ", _EMPHASIS.sub("", text))
    text = " ".join(text.replace("|", " ").replace("_", " ").split())
    text = re.sub(r"\s+([,.;:!?])", r"\1", re.sub(r"\(\s*\)|\[\s*\]", "", text)).strip()
    return text if any(map(str.isalnum, text)) else ""


class ProseFilter:
    """Takes markdown as it is written, gives the prose in it; between blocks stands `BREAK`."""

    def __init__(self) -> None:
        self._tag = ""  # held back: may become a tag
        self._thinking = False
        self._line = ""  # of the line being written: what is not yet passed on
        self._flowing = False  # its kind is known, the rest of it is prose
        self._marked = False  # it is a heading or an item of a list
        self._fence = ""  # of the code block we are in

    def feed(self, text: str) -> str:
        """The prose that is certain by now."""
        return "".join(map(self._piece, re.split(r"(\n)", self._spoken(text.replace("\r", "")))))

    def flush(self) -> str:
        """The rest; the text is over."""
        held, self._tag = ("" if self._thinking else self._tag), ""
        return self._piece(held) + self._end_line()

    def _spoken(self, text: str) -> str:
        """`text` without what stands between thinking tags; a tag may arrive in pieces."""
        text, kept = self._tag + text, []
        self._tag = ""
        while found := _THINKING.search(text):
            if not self._thinking:
                kept.append(text[: found.start()])
            self._thinking = not found[1]
            text = text[found.end() :]
        start = text.rfind("<")
        if start >= 0 and any(tag.startswith(text[start:]) for tag in _THINKING_TAGS):
            text, self._tag = text[:start], text[start:]
        if not self._thinking:
            kept.append(text)
        return "".join(kept)

    def _piece(self, piece: str) -> str:
        """`piece` is a line's end or holds none."""
        if piece == "\n":
            return self._end_line()
        if self._flowing:
            return piece
        self._line += piece
        if self._fence or _UNDECIDED.fullmatch(self._line) or _must_be_whole(self._line):
            return ""
        self._flowing = True
        return self._take_line()

    def _end_line(self) -> str:
        if self._flowing:
            self._flowing = False
            return BREAK if self._marked else "\n"
        line = self._line
        if self._fence:
            closes = line.strip().startswith(self._fence) and not line.strip().strip(self._fence[0])
            self._fence = "" if closes else self._fence
            self._line = ""
            return ""
        opening = _FENCE.fullmatch(line)
        if opening:
            self._fence, self._line = opening[1], ""
            return BREAK
        if not line.strip() or _RULE.fullmatch(line) or _TABLE_RULE.fullmatch(line):
            self._line = ""
            return BREAK
        if line.lstrip().startswith("|"):
            self._line = ""
            cells = (cell.strip() for cell in line.strip().strip("|").split("|"))
            return BREAK + ", ".join(filter(None, cells)) + BREAK
        return self._take_line() + (BREAK if self._marked else "\n")

    def _take_line(self) -> str:
        """What is held of the line, without the marks that open it."""
        line, self._line = self._line, ""
        line = line[found.end() :] if (found := _QUOTE.match(line)) else line
        opens = _OPENS_BLOCK.match(line)
        self._marked = opens is not None
        return BREAK + line[opens.end() :] if opens else line


def _must_be_whole(line: str) -> bool:
    """Whether the kind of this line shows at its end only."""
    return line.lstrip().startswith(("```", "~~~", "|"))
