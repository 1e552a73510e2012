"""After an answer was asked for again: the earlier one beside it, and which of the two is better."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.chat.prose import PlainView
from desktop_app.ui.chat.shown_text import shown
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label

MOST_CHARACTERS = 4000


class PickBar(QFrame):
    """`picked(True)`: the new one; `picked(False)`: the earlier one; `left()`: neither, or not now."""

    picked = Signal(bool)
    left = Signal()

    def __init__(self, earlier: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "facts")
        self.setAccessibleName(self.tr("Pick the better of two"))
        text = PlainView(theme, shown(earlier[:MOST_CHARACTERS]), "small", self)
        text.setAccessibleName(self.tr("The earlier answer"))
        flow = FlowLayout(spacing=theme.space(2))
        flow.addWidget(button(self.tr("The new one above is better"), "secondary", lambda: self.picked.emit(True)))
        flow.addWidget(button(self.tr("This earlier one was better"), "secondary", lambda: self.picked.emit(False)))
        flow.addWidget(button(self.tr("Neither"), "ghost", self.left.emit))
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(3),) * 4)
        column.setSpacing(theme.space(2))
        column.addWidget(label(self.tr("The earlier answer to this question"), "strong"))
        column.addWidget(text)
        column.addWidget(label(self.tr("Which one is better?"), "meta"))
        column.addLayout(flow)
