"""Before the first rating: what ratings are used for, and whether this one is meant."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.feedback.words import use_of_ratings
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label


class UseNote(QFrame):
    agreed = Signal()
    refused = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "note")
        self.setAccessibleName(self.tr("What a rating is used for"))
        self.setAccessibleDescription(use_of_ratings())
        words = label(use_of_ratings(), "small", wrap=True, parent=self)
        self.agree = button(self.tr("Keep my rating"), "primary", self.agreed.emit, parent=self)
        row = FlowLayout(spacing=theme.space(2))
        row.addWidget(self.agree)
        row.addWidget(button(self.tr("Not now"), "ghost", self.refused.emit, parent=self))
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(3),) * 4)
        column.setSpacing(theme.space(2))
        column.addWidget(words)
        column.addLayout(row)
