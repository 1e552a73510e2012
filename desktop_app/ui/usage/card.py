"""A small question above the composer: some words, and answers of equal weight. It never takes the focus."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app.ui.announce import announce
from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, spaced, tab_through


class Card(QFrame):
    """`stops` are what Tab goes through, in the order in which they were added."""

    def __init__(self, title: str, words: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.stops: list[QWidget] = []
        self.setProperty("kind", "ask")
        self.setAccessibleName(title)
        self.column = QVBoxLayout(self)
        spaced(self.column, theme, margins=(4, 3, 4, 3), spacing=2)
        self.title = label(title, "strong", wrap=True, parent=self)
        self.words = label(words, "muted", wrap=True, parent=self)
        self.column.addWidget(self.title)
        self.column.addWidget(self.words)

    def add(self, widget: QWidget) -> None:
        self.column.addWidget(widget)
        self.stops.append(widget)

    def add_row(self, *choices: tuple[str, str, Callable[[], None]]) -> list[QPushButton]:
        """Buttons side by side, in as many lines as the width needs: (words, kind, what it does)."""
        holder = QWidget(self)
        flow = FlowLayout(holder, spacing=self.theme.space(2))
        made = [button(words, kind, run, parent=holder) for words, kind, run in choices]
        for each in made:
            flow.addWidget(each)
        self.column.addWidget(holder)
        self.stops += made
        return made

    def tab_after(self, before: QWidget) -> None:
        tab_through(before, *self.stops)

    def say(self) -> None:
        """Tell assistive technology that it is here."""
        announce(self, f"{self.title.text()} {self.words.text()}")

    def add_note(self, words: str) -> QLabel:
        made = label(words, "muted", wrap=True, parent=self)
        self.column.addWidget(made)
        return made
