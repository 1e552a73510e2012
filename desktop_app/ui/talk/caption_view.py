"""Two captions, one for each side: who speaks, and the newest words of it. They never move what stands around them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from desktop_app.ui.chat.shown_text import shown
from desktop_app.ui.talk.languages import language_name
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow, label, spaced

LINES = 2
LIMIT = 600


class Caption(QLabel):
    """The end of a text in a fixed number of lines; its accessible name has all of it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full = ""
        self._lines = LINES
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("kind", "live")
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        follow(theme, self, self.fit)

    @property
    def words(self) -> str:
        return self._full

    def show_words(self, text: str) -> None:
        self._full = " ".join(shown(text).split())
        self.setAccessibleName(self._full)
        self.fit()

    def set_lines(self, lines: int) -> None:
        if lines != self._lines:
            self._lines = lines
            self.fit()

    def fit(self) -> None:
        self.ensurePolished()
        self.setFixedHeight(self._lines * self.fontMetrics().lineSpacing() + 4)
        self.setText(self._tail())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.setText(self._tail())

    def _tail(self) -> str:
        """As many of the last words as there is room for."""
        if len(self._full) <= LIMIT and self._fits(self._full):
            return self._full
        words = self._full[-LIMIT:].split()
        low, high = 1, len(words)
        while low < high:
            middle = (low + high) // 2
            if self._fits(_from(words, middle)):
                high = middle
            else:
                low = middle + 1
        return _from(words, low)

    def _fits(self, text: str) -> bool:
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        room = self.fontMetrics().boundingRect(0, 0, max(1, self.width()), 10_000, flags, text)
        return room.height() < (self._lines + 0.5) * self.fontMetrics().lineSpacing()


def _from(words: list[str], at: int) -> str:
    return "… " + " ".join(words[at:])


class CaptionsView(QWidget):
    """What the person said, and what is being said to them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.you, self.it = Caption(theme, self), Caption(theme, self)
        self._newest = self.it
        self._sides = 2
        self._grid = QGridLayout(self)
        spaced(self._grid, theme, spacing=2)
        self._grid.setColumnStretch(1, 1)
        self._grid.setRowStretch(2, 1)
        self._names = (label(self.tr("You"), "caption"), label(self.tr("Stonechat · AI"), "speaker"))
        for row, (name, caption) in enumerate(zip(self._names, (self.you, self.it), strict=True)):
            self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(caption, row, 1)
        follow(theme, self, self._align)
        self.show_words("", "")

    def show_words(self, you: str, it: str) -> None:
        """Who has not said anything yet has no line, but the room for it is there."""
        for caption, words in ((self.you, you), (self.it, it)):
            if words != caption.words:
                caption.show_words(words)
                self._newest = caption if words else self._newest
        self._arrange()

    def show_language(self, code: str) -> None:
        """Of the person's words, where it is not English."""
        you = self.tr("You")
        language = language_name(code) if code not in ("", "en") else ""
        self._names[0].setText(f"{you} ({language})" if language else you)
        self._align()

    def set_room(self, sides: int, lines: int) -> None:
        """Both sides or only the one that spoke last, without its name; lines for each."""
        self._sides = sides
        self.you.set_lines(lines)
        self.it.set_lines(lines)
        self._align()
        self._arrange()

    def _arrange(self) -> None:
        for name, caption in zip(self._names, (self.you, self.it), strict=True):
            seen = bool(caption.words) and (self._sides > 1 or caption is self._newest)
            name.setVisible(seen and self._sides > 1)
            caption.setVisible(seen)

    def _align(self) -> None:
        """Names stand on the line of the words beside them."""
        self.you.fit()
        for name in self._names:
            name.ensurePolished()
            low = self.you.fontMetrics().ascent() - name.fontMetrics().ascent()
            name.setContentsMargins(0, low, 0, 0)
        widest = max(name.sizeHint().width() for name in self._names)
        self._grid.setColumnMinimumWidth(0, widest if self._sides > 1 else 0)
        self._grid.setHorizontalSpacing(self._theme.space(2) if self._sides > 1 else 0)
        self.setFixedHeight(self._sides * self.you.height() + (self._sides - 1) * self._theme.space(2))
