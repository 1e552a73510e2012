"""What the three steps share, and the first of them: what this is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.ui.brand import mark
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label, picture, spaced


class Step(QWidget):
    """A heading, a sentence, and what belongs to it in `column`."""

    def __init__(self, theme: Theme, title: str, sentence: str) -> None:
        super().__init__()
        self._theme = theme
        self.title = title
        self.column = QVBoxLayout(self)
        spaced(self.column, theme, spacing=5)
        head = QVBoxLayout()
        spaced(head, theme, spacing=2)
        head.addWidget(label(title, "title", wrap=True))
        head.addWidget(label(sentence, "lead", wrap=True))
        self.column.addLayout(head)

    def set_counted(self, counted: bool) -> None:
        """Whether its width counts: one that is not on screen must not make the others wider than the window."""
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Preferred if counted else policy.Ignored, policy.Preferred)

    def come(self) -> None:
        """It is on screen now."""

    def go(self) -> None:
        """It is not any more."""


def welcome(theme: Theme, words: tuple[str, str], promises: tuple[tuple[str, str, str], ...]) -> Step:
    """`promises` are (icon, title, sentence)."""
    step = Step(theme, *words)
    step.column.insertWidget(0, mark(theme, 16))
    for icon, title, sentence in promises:
        step.column.addLayout(_promise(theme, icon, title, sentence))
    step.column.addStretch(1)
    return step


def _promise(theme: Theme, icon: str, title: str, sentence: str) -> QHBoxLayout:
    row = QHBoxLayout()
    spaced(row, theme, spacing=4)
    row.addWidget(picture(theme, icon, "accent", 6), 0, Qt.AlignmentFlag.AlignTop)
    words = QVBoxLayout()
    spaced(words, theme, spacing=0.5)
    words.addWidget(label(title, "strong", wrap=True))
    words.addWidget(label(sentence, "muted", wrap=True))
    row.addLayout(words, 1)
    return row
