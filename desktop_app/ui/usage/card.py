"""A small question above the composer: some words, and answers of equal weight. It never takes the focus."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop_app.ui.announce import announce
from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, spaced, tab_through

MOST_SHARE = 0.42
"""Of the height of the chat: a conversation must stay in sight."""


class _Inside(QWidget):
    """Wrapped words need less height than Qt believes before it knows their width: only that for the width counts."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)


class Card(QFrame):
    """`stops` are what Tab goes through, in the order in which they were added."""

    def __init__(self, title: str, words: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.stops: list[QWidget] = []
        self.setProperty("kind", "ask")
        self.setAccessibleName(title)
        self._inside = _Inside()
        self._inside.setProperty("kind", "clear")
        self.column = QVBoxLayout(self._inside)
        spaced(self.column, theme, margins=(4, 3, 4, 3), spacing=2)
        self.title = label(title, "strong", wrap=True, parent=self._inside)
        self.words = label(words, "muted", wrap=True, parent=self._inside)
        self.column.addWidget(self.title)
        self.column.addWidget(self.words)
        self._build_area()
        theme.changed.connect(self._fit)
        parent.installEventFilter(self)

    def add(self, widget: QWidget) -> None:
        self.column.addWidget(widget)
        self.stops.append(widget)

    def add_row(self, *choices: tuple[str, str, Callable[[], None]]) -> list[QPushButton]:
        """Buttons side by side, in as many lines as the width needs: (words, kind, what it does)."""
        holder = QWidget(self._inside)
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

    def _build_area(self) -> None:
        """Where the window is low, or the text large, the card scrolls."""
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._inside)
        around = QVBoxLayout(self)
        around.setContentsMargins(2, 2, 2, 2)
        around.addWidget(self._area)

    def _fit(self) -> None:
        """As high as its words, at most as its share of what is around it."""
        room = self.parentWidget()
        width = self._area.viewport().width()
        wanted = (
            self.column.totalHeightForWidth(width)
            if self.column.hasHeightForWidth()
            else self.column.sizeHint().height()
        )
        most = round(room.height() * MOST_SHARE) if room else wanted
        height = min(wanted + 6, most)
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Its words have changed, or it is seen for the first time."""
        handled = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._fit()
        return handled

    def add_note(self, words: str) -> QLabel:
        made = label(words, "muted", wrap=True, parent=self._inside)
        self.column.addWidget(made)
        return made
