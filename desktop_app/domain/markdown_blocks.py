"""Cuts a markdown answer into blocks (prose, fenced code, table) while it is still being written.

A closed block never changes again, so a view may draw it once. Prose is closed at a paragraph's end once it is
long enough; how a block is drawn is the view's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

BlockKind = Literal["prose", "code", "table"]
PROSE_CHARACTERS = 1_500
PROSE_CHARACTERS_AT_MOST = 4_000

_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([^`\n]{0,200})$")
_LANGUAGE = re.compile(r"[\w+#.-]{1,24}")
_TABLE_RULE = re.compile(r"^[ \t]{0,3}\|?([ \t]*:?-+:?[ \t]*\|)*[ \t]*:?-*:?[ \t]*$")
_CONTINUES_LIST = re.compile(r"^([ \t]+\S|[ \t]*([-*+]|\d{1,9}[.)])([ \t]|$))")
_UNDECIDED = re.compile(r"^[ \t]*([-=*+_#>|]+|\d{1,9}[.)]?|(`{1,}|~{3,})[^`\n]*|\|.*)[ \t]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`text` is what is shown (of code: what stands between the fences); `raw` is the block as it was written."""

    kind: BlockKind
    text: str
    raw: str
    language: str = ""
    closed: bool = True


class MarkdownBlocks:
    """The blocks of a growing text. Blocks before the index that `add` and `finish` return have not changed."""

    def __init__(self, text: str = "") -> None:
        self._closed: list[Block] = []
        self._open: Block | None = None
        if text:
            self.add(text)

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (*self._closed, self._open) if self._open else tuple(self._closed)

    def add(self, text: str) -> int:
        """Carriage returns are dropped."""
        return self._cut(text.replace("\r", ""), final=False)

    def finish(self) -> int:
        """There is no more text: every block is closed."""
        return self._cut("", final=True)

    def _cut(self, text: str, *, final: bool) -> int:
        first = len(self._closed)
        rest = (self._open.raw if self._open else "") + text
        self._open = None
        while rest:
            block = _first_block(rest, final=final)
            if not block.closed:
                self._open = block
                break
            self._closed.append(block)
            rest = rest[len(block.raw) :]
        return first


def split(text: str) -> tuple[Block, ...]:
    """The blocks of a whole text, all closed."""
    blocks = MarkdownBlocks(text)
    blocks.finish()
    return blocks.blocks


def settled(block: Block) -> Block:
    """A block that is still being written, made fit to draw without flicker.

    Of prose, last lines that have not decided what they are (rule, heading, fence, table) are left out, and open
    code or emphasis is closed for the moment. A closed block is returned as it is.
    """
    if block.closed or block.kind != "prose":
        return block
    lines = block.text.split("\n")
    while lines and _UNDECIDED.match(lines[-1]):
        lines.pop()
    return replace(block, text=_close_emphasis("\n".join(lines)))


def _close_emphasis(text: str) -> str:
    paragraph = text[text.rfind("\n\n") + 1 :]
    if paragraph.count("`") % 2:
        return text + "`"
    if re.sub(r"`[^`]*`", "", paragraph).count("**") % 2 == 0:
        return text
    return text[:-2] if text.endswith("**") else text.rstrip(" *") + "**"


def _first_block(text: str, *, final: bool) -> Block:
    """The block that `text` begins with. The last line is not whole yet, unless `final`."""
    lines = text.split("\n")
    whole = len(lines) if final else len(lines) - 1
    start = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines):
        return _block("prose", lines, 0, len(lines), closed=final)
    if start < whole and _is_fence(lines[start]):
        return _code(lines, start, whole)
    if _is_table(lines, start, whole):
        return _table(lines, start, whole)
    return _prose(lines, start, whole, final=final)


def _block(kind: BlockKind, lines: list[str], start: int, end: int, *, closed: bool) -> Block:
    """Lines 0 to `end` as a block, shown from `start`."""
    raw = "\n".join(lines[:end]) + ("\n" if end < len(lines) else "")
    return Block(kind=kind, text="\n".join(lines[start:end]).rstrip(), raw=raw, closed=closed)


def _is_fence(line: str) -> re.Match[str] | None:
    return _FENCE.match(line)


def _code(lines: list[str], start: int, whole: int) -> Block:
    opening = _FENCE.match(lines[start])
    assert opening is not None
    indent, fence, info = opening.groups()
    closes = re.compile(rf"^[ \t]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$")
    end = next((i for i in range(start + 1, whole) if closes.match(lines[i])), None)
    last = len(lines) if end is None else end
    if end is None and last > start + 1 and lines[-1].strip().startswith(fence[0] * 2):
        last -= 1
    body = [line[len(indent) :] if line[: len(indent)].isspace() else line for line in lines[start + 1 : last]]
    language = _LANGUAGE.match(info)
    closed = end is not None or whole == len(lines)
    whole_block = _block("code", lines, start, len(lines) if end is None else end + 1, closed=closed)
    name = language.group().lower() if language else ""
    return replace(whole_block, text="\n".join(body).rstrip("\n"), language=name)


def _is_table(lines: list[str], at: int, whole: int) -> bool:
    if at + 1 >= whole or "|" not in lines[at] or "|" not in lines[at + 1]:
        return False
    rule = lines[at + 1]
    if max(len(rule), len(lines[at])) > PROSE_CHARACTERS_AT_MOST:
        return False
    return "-" in rule and bool(_TABLE_RULE.match(rule)) and _cells(rule) == _cells(lines[at])


def _cells(row: str) -> int:
    return len(row.strip().strip("|").replace("\\|", "").split("|"))


def _table(lines: list[str], start: int, whole: int) -> Block:
    end = next((i for i in range(start + 2, whole) if "|" not in lines[i]), None)
    if end is not None:
        return _block("table", lines, start, end, closed=True)
    closed = whole == len(lines)
    block = _block("table", lines, start, len(lines), closed=closed)
    return block if closed else replace(block, text="\n".join(lines[start:whole]))


def _prose(lines: list[str], start: int, whole: int, *, final: bool) -> Block:
    """Prose ends before the first line that ends it, looking no further than twice `PROSE_CHARACTERS_AT_MOST`."""
    size = sum(len(line) + 1 for line in lines[:start])
    for i in range(start, whole):
        shown = size
        size += len(lines[i]) + 1
        if size > 2 * PROSE_CHARACTERS_AT_MOST:
            break
        if i > start and (_is_fence(lines[i]) or _is_break(lines, i, shown)):
            return _block("prose", lines, start, i, closed=True)
        if i > start + 1 and _is_table(lines, i - 1, i + 1):
            return _block("prose", lines, start, i - 1, closed=True)
    block = _block("prose", lines, start, len(lines), closed=final)
    return _overlong(block) if len(block.raw) > 2 * PROSE_CHARACTERS_AT_MOST else block


def _is_break(lines: list[str], i: int, size: int) -> bool:
    """Whether prose of `size` characters should end before line `i`: where nothing is torn."""
    if size < PROSE_CHARACTERS or not lines[i].strip() or lines[i - 1].strip():
        return False
    return size >= PROSE_CHARACTERS_AT_MOST or not _CONTINUES_LIST.match(lines[i])


def _overlong(block: Block) -> Block:
    """One paragraph without end: cut at its last line or space."""
    low, high = PROSE_CHARACTERS_AT_MOST, 2 * PROSE_CHARACTERS_AT_MOST
    at = max(block.raw.rfind("\n", low, high), block.raw.rfind(" ", low, high)) + 1 or high
    return Block(kind="prose", text=block.raw[:at].strip(), raw=block.raw[:at])
