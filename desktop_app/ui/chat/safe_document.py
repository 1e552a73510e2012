"""Markdown from a model as a document that can reach nothing.

Two walls: pictures are taken out of the document before any view lays it out, and the document hands out a blank
pixel for whatever would still be asked for. HTML stays text; links are opened by nobody but `ui/chat/links.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)

FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_HEADING_SIZES = {1: 1.4, 2: 1.22, 3: 1.1}
_CELL_LINE_HEIGHT = 115
_PROPORTIONAL = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value


@dataclass(frozen=True, kw_only=True)
class ProseStyle:
    """What a document needs to know of the theme. Fonts have pixel sizes; `unit` is the grid step in pixels."""

    body: QFont
    mono: QFont
    link: QColor
    code_background: QColor
    border: QColor
    sunken: QColor
    unit: int
    line_height: int = 145


class SafeDocument(QTextDocument):
    """A document that loads nothing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(0)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: ARG002 - Qt's name
        blank = QImage(1, 1, QImage.Format.Format_ARGB32)
        blank.fill(0)
        return blank


def markdown_document(markdown: str, style: ProseStyle, parent: QObject | None = None) -> SafeDocument:
    """The document for `markdown`, styled, without a single picture in it."""
    document = SafeDocument(parent)
    document.setDefaultFont(style.body)
    document.setIndentWidth(style.unit * 6)
    document.setMarkdown(_with_line_breaks(markdown), FEATURES)
    _take_out_pictures(document)
    _style_blocks(document, style)
    _style_tables(document, style)
    return document


def _with_line_breaks(markdown: str) -> str:
    """A line that the model ended stays ended, as in a poem or an address."""
    lines = markdown.split("\n")
    return "\n".join(f"{line}  " if line.strip() and not line.endswith("\\") else line for line in lines)


def _take_out_pictures(document: QTextDocument) -> None:
    """Every picture becomes its description in brackets."""
    found = [
        (fragment.position(), fragment.length(), fragment.charFormat())
        for block in _blocks(document)
        for fragment in _fragments(block)
        if fragment.charFormat().isImageFormat()
    ]
    cursor = QTextCursor(document)
    for position, length, format_ in reversed(_joined(found)):
        cursor.setPosition(position)
        cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
        description = " ".join(str(format_[1]).split()) or QCoreApplication.translate("SafeDocument", "picture")
        cursor.insertText(f"[{description}]", QTextCharFormat())


def _joined(found: list[tuple[int, int, QTextCharFormat]]) -> list[tuple[int, int, tuple[str, str]]]:
    """Qt cuts one picture into several fragments where its description has markup: put them together again."""
    joined: list[tuple[int, int, tuple[str, str]]] = []
    for position, length, format_ in found:
        name = format_.toImageFormat().name()
        words = format_.stringProperty(QTextFormat.Property.ImageAltText)
        if joined and joined[-1][0] + joined[-1][1] == position and joined[-1][2][0] == name:
            start, before, (_, said) = joined.pop()
            joined.append((start, before + length, (name, f"{said} {words}")))
        else:
            joined.append((position, length, (name, words)))
    return joined


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _fragments(block: QTextBlock) -> Iterator[Any]:
    at = block.begin()
    while not at.atEnd():
        yield at.fragment()
        at += 1


def _style_blocks(document: QTextDocument, style: ProseStyle) -> None:
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    previous = QTextBlock()
    for block in _blocks(document):
        cursor.setPosition(block.position())
        cursor.mergeBlockFormat(_block_format(block, previous, style))
        _style_fragments(document, block, style)
        previous = block
    cursor.endEditBlock()


def _block_format(block: QTextBlock, previous: QTextBlock, style: ProseStyle) -> QTextBlockFormat:
    now, wanted = block.blockFormat(), QTextBlockFormat()
    wanted.setLineHeight(style.line_height, _PROPORTIONAL)
    wanted.setTopMargin(style.unit * _gap(block, previous))
    wanted.setBottomMargin(0)
    if now.marker() != QTextBlockFormat.MarkerType.NoMarker and block.textList() is None:
        wanted.setMarker(QTextBlockFormat.MarkerType.NoMarker)  # Qt lets the last task's box leak into later paragraphs
    wanted.setLeftMargin(style.unit * 4 * now.intProperty(QTextFormat.Property.BlockQuoteLevel))
    return wanted


def _gap(block: QTextBlock, previous: QTextBlock) -> int:
    """Grid steps between two blocks."""
    if not previous.isValid():
        return 0
    if block.blockFormat().headingLevel():
        return 5
    close = previous.blockFormat().headingLevel() or block.textList() is not None
    return 2 if close else 3


def _style_fragments(document: QTextDocument, block: QTextBlock, style: ProseStyle) -> None:
    cursor = QTextCursor(document)
    level = block.blockFormat().headingLevel()
    for position, length, format_ in [(f.position(), f.length(), f.charFormat()) for f in _fragments(block)]:
        if level or format_.fontFixedPitch() or format_.isAnchor() or format_.toolTip() or _is_bold(format_):
            cursor.setPosition(position)
            cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(_char_format(format_, level, style))


def _is_bold(format_: QTextCharFormat) -> bool:
    return format_.fontWeight() > QFont.Weight.DemiBold


def _char_format(format_: QTextCharFormat, heading: int, style: ProseStyle) -> QTextCharFormat:
    """`format_` in the theme's looks. A link's title goes: as a tool tip it would be read as markup and load files."""
    format_.clearProperty(QTextFormat.Property.TextToolTip)
    if heading:
        format_.clearProperty(QTextFormat.Property.FontSizeAdjustment)
        size = round(style.body.pixelSize() * _HEADING_SIZES.get(heading, 1.0))
        format_.setProperty(QTextFormat.Property.FontPixelSize, size)
    if heading or _is_bold(format_):
        format_.setFontWeight(QFont.Weight.DemiBold)  # the boldest that is shipped: more would be smeared by Qt
    if format_.fontFixedPitch():
        format_.setFontFamilies(style.mono.families())
        format_.setBackground(style.code_background)
        if not heading:
            format_.setProperty(QTextFormat.Property.FontPixelSize, style.mono.pixelSize())
    if format_.isAnchor():
        format_.setForeground(style.link)
        format_.setFontUnderline(True)
    return format_


def _style_tables(document: QTextDocument, style: ProseStyle) -> None:
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            frame.setFormat(_table_format(frame, style))
            for column in range(frame.columns()):
                cell = frame.cellAt(0, column)
                format_ = cell.format()
                format_.setBackground(style.sunken)
                cell.setFormat(format_)
            _tighten(document, frame)


def _tighten(document: QTextDocument, table: QTextTable) -> None:
    """Cells have padding and need no margins; the empty line that Qt puts around a table takes no room."""
    cursor = QTextCursor(document)
    tight = QTextBlockFormat()
    tight.setTopMargin(0)
    tight.setBottomMargin(0)
    cursor.setPosition(table.firstPosition())
    cursor.setPosition(table.lastPosition(), QTextCursor.MoveMode.KeepAnchor)
    tight.setLineHeight(_CELL_LINE_HEIGHT, _PROPORTIONAL)
    cursor.mergeBlockFormat(tight)
    tight.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    for block in (document.firstBlock(), document.lastBlock()):
        if block.length() == 1:
            cursor.setPosition(block.position())
            cursor.mergeBlockFormat(tight)


def _table_format(table: QTextTable, style: ProseStyle) -> QTextTableFormat:
    format_ = table.format().toTableFormat()
    format_.setBorder(1)
    format_.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    format_.setBorderBrush(style.border)
    format_.setBorderCollapse(True)
    format_.setCellPadding(style.unit * 2)
    format_.setCellSpacing(0)
    format_.setTopMargin(style.unit * 2)
    format_.setBottomMargin(style.unit * 2)
    format_.setWidth(QTextLength())
    return format_
