"""A piece of code in an answer: its language, a Copy button, and the code with the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QResizeEvent, QTextOption, QWheelEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_app.ui.announce import announce
from desktop_app.ui.chat.highlighting import CodeColours, Span
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label

SMALL_CHARACTERS = 4_000
RECOLOUR_MS = 250
COPIED_MS = 1_500


class CodeText(QPlainTextEdit):
    """Code, one line each, as tall as it is; scrolls sideways only."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("kind", "code_text")
        self.setAcceptDrops(False)
        self.setUndoRedoEnabled(False)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def fit(self) -> None:
        """Take the height of the lines, and of the sideways scroll bar where one is needed."""
        line = self.blockBoundingRect(self.document().firstBlock()).height()
        height = round(self.document().blockCount() * line) + 2
        bar = self.horizontalScrollBar()
        if bar.maximum() > bar.minimum():
            height += bar.sizeHint().height()
        if self.height() != height:
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.space(40), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        sideways = abs(event.angleDelta().x()) > abs(event.angleDelta().y())
        if sideways or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().wheelEvent(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        sideways = event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right)
        standard = QKeySequence.StandardKey
        if sideways or event.matches(standard.Copy) or event.matches(standard.SelectAll):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.textCursor().hasSelection():
            super().contextMenuEvent(event)
        else:
            event.ignore()


class CodeBlock(QFrame):
    """`set_code` may be called again and again while the code grows: only what is new is appended."""

    def __init__(self, theme: Theme, colours: CodeColours, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._colours = colours
        self._code = ""
        self._language = ""
        self._found: tuple[Span, ...] = ()
        self._recolour = QTimer(self, interval=RECOLOUR_MS, singleShot=True)
        self._recolour.timeout.connect(self._find_colours)
        self._build()

    @property
    def code(self) -> str:
        return self._code

    def set_code(self, code: str, language: str, *, closed: bool) -> None:
        grown = code.startswith(self._code)
        if grown and len(code) > len(self._code):
            self._append(code[len(self._code) :])
        elif not grown:
            self._text.setPlainText(code)
        self._code, self._language = code, language
        self._label.setText(language or self.tr("code"))
        self._text.fit()
        self._time_colours(closed=closed)

    def copy(self) -> None:
        QApplication.clipboard().setText(self._code)
        self._copy.setText(self.tr("Copied"))
        self._copy.setIcon(self._theme.icon("check"))
        announce(self, self.tr("Code copied"))
        QTimer.singleShot(COPIED_MS, self, self._show_copy)

    def _build(self) -> None:
        self.setProperty("kind", "code")
        self._label = label("", kind="meta")
        self._copy = QToolButton(self)
        self._copy.setProperty("kind", "quiet")
        self._copy.setIconSize(QSize(self._theme.icon_size(4), self._theme.icon_size(4)))
        self._copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._copy.setAccessibleName(self.tr("Copy code"))
        self._copy.clicked.connect(self.copy)
        self._show_copy()
        self._text = CodeText(self._theme, self)
        self._text.setFont(self._theme.font("mono"))
        self._text.setAccessibleName(self.tr("Code"))
        head = QHBoxLayout()
        head.addWidget(self._label)
        head.addStretch()
        head.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(self._theme.space(n) for n in (4, 1, 2, 3)))
        column.setSpacing(self._theme.space(1))
        column.addLayout(head)
        column.addWidget(self._text)

    def _show_copy(self) -> None:
        self._copy.setText(self.tr("Copy"))
        self._copy.setIcon(self._theme.icon("copy"))

    def _append(self, text: str) -> None:
        cursor = self._text.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        cursor.insertText(text)

    def _time_colours(self, *, closed: bool) -> None:
        if closed:
            self._recolour.stop()
            self._find_colours()
        elif len(self._code) <= SMALL_CHARACTERS and not self._recolour.isActive():
            self._recolour.start()

    def _find_colours(self) -> None:
        code = self._code
        self._colours.find(code, self._language, lambda found: self._paint(code, found))

    def _paint(self, code: str, found: tuple[Span, ...]) -> None:
        if isValid(self) and self._code.startswith(code):
            self._found = found
            self._colours.paint(self._text.document(), found)
