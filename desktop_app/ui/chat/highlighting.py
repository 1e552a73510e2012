"""Colours for code: pygments finds the words on a worker, the theme's own colours paint them.

pygments is imported on the worker, the first time that code is shown.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextDocument, QTextLayout

from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Lanes
from desktop_app.ui.theme import Theme

Span = tuple[int, int, str]
CHARACTERS_AT_MOST = 60_000
_KEPT = 200
_PAINTS = {
    "keyword": ("accent", False),
    "string": ("success", False),
    "number": ("warning", False),
    "comment": ("text_muted", True),
    "name": ("accent", False),
    "error": ("danger", False),
}


def spans(code: str, language: str) -> tuple[Span, ...]:
    """(start, length, paint) of the words that get a colour; empty for a language that is not known."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return ()
    found = []
    for start, token, word in lexer.get_tokens_unprocessed(code):
        if paint := _paint(str(token)):
            found.append((start, len(word), paint))
    return tuple(found)


def _paint(token: str) -> str:
    name = token.removeprefix("Token.")
    for prefix, paint in (
        ("Keyword", "keyword"),
        ("Operator.Word", "keyword"),
        ("Literal.String", "string"),
        ("Literal.Number", "number"),
        ("Comment", "comment"),
        ("Name.Function", "name"),
        ("Name.Class", "name"),
        ("Name.Decorator", "name"),
        ("Name.Tag", "keyword"),
        ("Name.Attribute", "number"),
        ("Generic.Deleted", "error"),
        ("Generic.Inserted", "string"),
    ):
        if name.startswith(prefix):
            return paint
    return ""


class CodeColours(QObject):
    """Finds and paints spans; remembers the last ones, so that a conversation opened again has its colours at once."""

    def __init__(self, lanes: Lanes, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = lanes
        self._theme = theme
        self._known: OrderedDict[tuple[str, str], tuple[Span, ...]] = OrderedDict()

    def find(self, code: str, language: str, then: Callable[[tuple[Span, ...]], None]) -> None:
        """Call `then` with the spans: at once when they are known, later otherwise, never when there are none."""
        key = (language, code)
        if key in self._known:
            self._known.move_to_end(key)
            then(self._known[key])
        elif language and code and len(code) <= CHARACTERS_AT_MOST:
            job = self._lanes.job("io", lambda _: spans(code, language))
            job.finished.connect(while_alive(self, lambda found: self._keep(key, found, then)))
            job.start()

    def _keep(self, key: tuple[str, str], found: tuple[Span, ...], then: Callable[[tuple[Span, ...]], None]) -> None:
        self._known[key] = found
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        then(found)

    def paint(self, document: QTextDocument, found: tuple[Span, ...]) -> None:
        """Lay the spans over `document`. Cheap: the text itself is not touched."""
        formats = {paint: self._format(paint) for paint in _PAINTS}
        per_block: dict[int, list[QTextLayout.FormatRange]] = {}
        for start, length, paint in found:
            end = start + length
            block = document.findBlock(start)
            while block.isValid() and block.position() < end:
                range_ = QTextLayout.FormatRange()
                range_.start = max(0, start - block.position())
                range_.length = min(end, block.position() + block.length() - 1) - block.position() - range_.start
                range_.format = formats[paint]
                per_block.setdefault(block.blockNumber(), []).append(range_)
                block = block.next()
        for number, ranges in per_block.items():
            document.findBlockByNumber(number).layout().setFormats(ranges)
        document.markContentsDirty(0, document.characterCount())

    def _format(self, paint: str) -> QTextCharFormat:
        token, slanted = _PAINTS[paint]
        format_ = QTextCharFormat()
        format_.setForeground(
            readable(self._theme.colour(token), self._theme.colour("code_background"), self._theme.colour("text"))
        )
        format_.setFontItalic(slanted)
        if paint == "name":
            format_.setFontWeight(QFont.Weight.DemiBold)
        return format_


def readable(colour: QColor, background: QColor, text: QColor, *, ratio: float = 4.5) -> QColor:
    """`colour`, moved towards `text` until its contrast on `background` is at least `ratio` (WCAG 2.2, 1.4.3)."""
    for step in range(11):
        mixed = _mixed(colour, text, step / 10)
        if contrast(mixed, background) >= ratio:
            return mixed
    return text


def contrast(one: QColor, other: QColor) -> float:
    """WCAG contrast ratio, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return QColor.fromRgbF(*(a * (1 - share) + b * share for a, b in pairs))


def _luminance(colour: QColor) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()
