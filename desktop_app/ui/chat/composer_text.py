"""Where the person types: grows with the words, sends on Enter, takes pictures from the clipboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from desktop_app.ui.theme import Theme

LINES_AT_MOST = 8


def pictures_in(data: QMimeData | None) -> tuple[Path, ...] | QImage | None:
    """Files or a picture that `data` brings; None for neither. An empty clipboard may have no data at all."""
    if data is None:
        return None
    files = tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    if files:
        return files
    image = data.imageData() if data.hasImage() else None
    return image if isinstance(image, QImage) and not image.isNull() else None


class ComposerText(QPlainTextEdit):
    """`brought` carries files (tuple of Path) or a QImage that were pasted."""

    send_wanted = Signal()
    edit_last_wanted = Signal()
    brought = Signal(object)
    focus_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.send_on_enter = True
        self.setProperty("kind", "bare")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(False)
        self.setTabChangesFocus(True)
        self.setAccessibleName(self.tr("Message"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self.fit())
        self.fit()

    def fit(self) -> None:
        """As tall as the words, between one and `LINES_AT_MOST` lines."""
        lines = max(1, int(self.document().size().height()))
        shown_lines = min(lines, LINES_AT_MOST)
        height = shown_lines * self.fontMetrics().lineSpacing() + self._theme.space(1)
        bar = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(bar.ScrollBarAsNeeded if lines > LINES_AT_MOST else bar.ScrollBarAlwaysOff)
        if height != self.height():
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.space(80), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._sends(event):
            self.send_wanted.emit()
        elif event.key() == Qt.Key.Key_Up and not event.modifiers() and self.document().isEmpty():
            self.edit_last_wanted.emit()
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return pictures_in(source) is not None or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        brought = pictures_in(source)
        if brought is not None:
            self.brought.emit(brought)
        elif source.hasText():
            self.insertPlainText(source.text())

    def _sends(self, event: QKeyEvent) -> bool:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if self.send_on_enter:
            return held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier)
        return held == Qt.KeyboardModifier.ControlModifier
