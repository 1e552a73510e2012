"""A changed text: what is gone is struck out, what is new is underlined, in colour and without."""

from __future__ import annotations

from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QWidget

from desktop_app.domain.word_diff import Piece, word_diff
from desktop_app.ui.chat.prose import TextView
from desktop_app.ui.chat.shown_text import shown
from desktop_app.ui.theme import Theme


class DiffView(TextView):
    def __init__(self, before: str, after: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        pieces = word_diff(shown(before), shown(after))
        document = QTextDocument()
        document.setDefaultFont(theme.font("small"))
        document.setDocumentMargin(0)
        cursor = QTextCursor(document)
        for piece in pieces:
            cursor.insertText(piece.text, self._format(piece))
        self.show_document(document)
        self.setAccessibleName(self.tr("Your changes"))
        self.setAccessibleDescription(self._spoken(pieces))

    def _format(self, piece: Piece) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setFont(self._theme.font("small"))
        made.setForeground(self._theme.colour("text"))
        if piece.change == "gone":
            made.setFontStrikeOut(True)
            made.setForeground(self._theme.colour("text_muted"))
        elif piece.change == "new":
            made.setFontUnderline(True)
            made.setForeground(self._theme.colour("accent"))
        return made

    def _spoken(self, pieces: tuple[Piece, ...]) -> str:
        """For those who do not see the strokes."""
        words = {"gone": self.tr("removed: {text}"), "new": self.tr("added: {text}")}
        return "; ".join(
            words[piece.change].format(text=" ".join(piece.text.split()))
            for piece in pieces
            if piece.change in words and piece.text.strip()
        )
