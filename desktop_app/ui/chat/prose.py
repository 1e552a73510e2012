"""Read-only text as tall as it needs to be: markdown of an answer, or the plain words of a question."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from desktop_app.ui.chat.safe_document import ProseStyle, SafeDocument, markdown_document
from desktop_app.ui.theme import FontRole, Theme


def prose_style(theme: Theme) -> ProseStyle:
    return ProseStyle(
        body=theme.font("body"),
        mono=theme.font("mono"),
        link=theme.colour("accent"),
        code_background=theme.colour("code_background"),
        border=theme.colour("border"),
        sunken=theme.colour("sunken"),
        unit=theme.space(1),
    )


LINE_HEIGHT = 140


class TextView(QTextBrowser):
    """Text that can be selected and copied but not edited; its height follows its width.

    It never opens a link itself: `link_wanted` carries the address. Keys and wheel turns that it has no use for go
    on to its parents.
    """

    link_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: QTextDocument | None = None
        self._room = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("kind", "prose")
        self.setOpenLinks(False)
        self.setAcceptDrops(False)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        encoded = QUrl.ComponentFormattingOption.FullyEncoded
        self.anchorClicked.connect(lambda url: self.link_wanted.emit(url.toString(encoded)))

    def show_document(self, document: QTextDocument) -> None:
        """Take over `document`, keeping what was selected."""
        selection = self.textCursor()
        start, end = selection.anchor(), selection.position()
        old, self._document = self._document, document
        document.setParent(self)
        self.setDocument(document)
        if start != end and max(start, end) < document.characterCount():
            cursor = self.textCursor()
            cursor.setPosition(start)
            cursor.setPosition(end, cursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)
        if old is not None:
            old.deleteLater()
        if self._room:
            self.set_room(self._room)

    def set_room(self, width: int) -> None:
        """Take the height that the text has when it is `width` pixels wide.

        Width is handed down from the transcript instead of asked for by the layouts: nested layouts would try many
        widths, and each try lays the whole text out.
        """
        self._room = width
        if self.document().textWidth() != width:
            self.document().setTextWidth(width)
        height = int(self.document().size().height() + 0.999)
        if height != self.maximumHeight():
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        return QSize(self._room, self.maximumHeight())

    def minimumSizeHint(self) -> QSize:
        return QSize(1, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != self._room:
            self.set_room(event.size().width())

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: ARG002
        return QImage(1, 1, QImage.Format.Format_ARGB32)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) or event.matches(QKeySequence.StandardKey.SelectAll):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """With words selected: the menu for them. Otherwise the message's own menu."""
        if self.textCursor().hasSelection():
            super().contextMenuEvent(event)
        else:
            event.ignore()


class ProseView(TextView):
    """A block of markdown."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._markdown = ""
        self.setAccessibleName(self.tr("Text of the answer"))

    def set_markdown(self, markdown: str) -> None:
        if markdown != self._markdown:
            self._markdown = markdown
            self.show_document(markdown_document(markdown, prose_style(self._theme)))

    def links(self) -> tuple[str, ...]:
        """The addresses in the text, in order, each once."""
        found: dict[str, None] = {}
        block = self.document().begin()
        while block.isValid():
            at = block.begin()
            while not at.atEnd():
                if href := at.fragment().charFormat().anchorHref():
                    found[href] = None
                at += 1
            block = block.next()
        return tuple(found)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, and a bar beside each quotation."""
        super().paintEvent(event)
        if "\n>" not in f"\n{self._markdown}":
            return
        painter = QPainter(self.viewport())
        layout, unit = self.document().documentLayout(), self._theme.space(1)
        block = self.document().begin()
        while block.isValid():
            box = layout.blockBoundingRect(block)
            for level in range(block.blockFormat().intProperty(QTextFormat.Property.BlockQuoteLevel)):
                bar = QRectF(level * unit * 4, box.top(), unit * 0.75, box.height())
                painter.fillRect(bar, self._theme.colour("border_strong"))
            block = block.next()


class PlainView(TextView):
    """Words exactly as they were typed. `wanted_width` is how wide they are when nothing makes them wrap."""

    def __init__(self, theme: Theme, text: str, role: FontRole = "body", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        document = SafeDocument(self)
        document.setDefaultFont(theme.font(role))
        document.setPlainText(text)
        cursor = QTextCursor(document)
        cursor.select(QTextCursor.SelectionType.Document)
        spacing = QTextBlockFormat()
        spacing.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.mergeBlockFormat(spacing)
        self.show_document(document)

    def wanted_width(self, at_most: int) -> int:
        self.document().setTextWidth(at_most)
        return min(at_most, int(self.document().idealWidth()) + 2)
