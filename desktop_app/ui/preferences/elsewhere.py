"""The way from the settings to the pages about privacy, where what is chosen is more than a setting."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.page import PageTools
from desktop_app.ui.widgets import button, label, spaced


class Elsewhere(QWidget):
    def __init__(self, tools: PageTools, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme, run = tools.theme, tools.actions.run
        column = QVBoxLayout(self)
        spaced(column, theme, spacing=2)
        title = self.tr("How it is used")
        words = self.tr("Whether Stonechat records how it is used, on this computer only, and what that says.")
        column.addWidget(label(title, "heading", parent=self))
        card = QFrame(self)
        card.setProperty("kind", "card")
        inside = QVBoxLayout(card)
        spaced(inside, theme, margins=(5, 4, 5, 4), spacing=2)
        inside.addWidget(label(words, "muted", wrap=True, parent=card))
        holder = QWidget(card)
        flow = FlowLayout(holder, spacing=theme.space(2))
        recorded, insights = self.tr("What is recorded"), self.tr("Insights")
        self._text = f"{title} {words} {recorded} {insights}".casefold()
        flow.addWidget(button(recorded, "secondary", lambda: run("page.usage"), parent=holder))
        flow.addWidget(button(insights, "secondary", lambda: run("page.insights"), parent=holder))
        inside.addWidget(holder)
        column.addWidget(card)

    def matches(self, words: str) -> bool:
        return all(word in self._text for word in words.casefold().split())
