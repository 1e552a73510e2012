"""What a new chat shows: the mark, one sentence, and a few ways to begin."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop_app.ui.brand import mark
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, spaced, wear

SUGGESTIONS = 4
SIDE_STEPS = 6


class EmptyState(QScrollArea):
    """`suggested` carries words for the composer; the other two ask for a picture and for the microphone."""

    suggested = Signal(str)
    picture_wanted = Signal()
    talk_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.buttons: list[QPushButton] = []
        title = label(self.tr("What is on your mind?"), "title", wrap=True)
        line = label(self.tr("Type, speak or show a picture. It all stays on this computer."), "muted", wrap=True)
        page = QWidget()
        page.setProperty("kind", "column")
        column = QVBoxLayout(page)
        spaced(column, theme, margins=(SIDE_STEPS,) * 4, spacing=3)
        column.addStretch(5)
        column.addWidget(mark(theme, 14), 0, Qt.AlignmentFlag.AlignHCenter)
        for words in (title, line):
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(words)
        column.addSpacing(theme.space(4))
        column.addWidget(self._suggestions(), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(6)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _suggestions(self) -> QWidget:
        holder = QWidget(self)
        self._grid = QGridLayout(holder)
        spaced(self._grid, self._theme, spacing=3)
        explain = self.tr("Explain what a hash function is, in plain words.")
        write = self.tr("Write a Python function that sorts the files of a folder by type.")
        self._suggest("lightbulb", self.tr("Explain something"), lambda: self.suggested.emit(explain))
        self._suggest("code", self.tr("Write some code"), lambda: self.suggested.emit(write))
        self._suggest("image", self.tr("Ask about a picture"), self.picture_wanted.emit)
        self._suggest("microphone", self.tr("Say it aloud"), self.talk_wanted.emit)
        self._arrange()
        return holder

    def _arrange(self) -> None:
        """Two beside each other where there is room for them, else one under the other."""
        if len(self.buttons) < SUGGESTIONS:
            return
        widest = max(made.sizeHint().width() for made in self.buttons)
        room = self.viewport().width() - 2 * self._theme.space(SIDE_STEPS)
        columns = 2 if 2 * widest + self._grid.spacing() <= room else 1
        for at, made in enumerate(self.buttons):
            self._grid.addWidget(made, at // columns, at % columns)

    def _suggest(self, icon: str, title: str, then: Callable[[], None]) -> None:
        made = button(title, "suggestion", then)
        wear(made, self._theme, icon, "accent")
        self.buttons.append(made)
