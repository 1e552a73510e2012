"""What every part of the Personalize page is made of: a heading, and a card below it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow, label, spaced


class Card(QWidget):
    """`inside` takes what the card holds."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        column = QVBoxLayout(self)
        spaced(column, theme, spacing=2)
        self.heading = label(title, "heading")
        column.addWidget(self.heading)
        frame = QFrame()
        frame.setProperty("kind", "card")
        self.inside = QVBoxLayout(frame)
        spaced(self.inside, theme, margins=(5, 4, 5, 4), spacing=3)
        column.addWidget(frame)

    def row(self, *widgets: QWidget) -> None:
        """Widgets side by side, in several rows where there is little room."""
        self.inside.addLayout(side_by_side(self.theme, *widgets))


def side_by_side(theme: Theme, *widgets: QWidget) -> FlowLayout:
    row = FlowLayout(spacing=theme.space(2))
    follow(theme, row, lambda: row.setSpacing(theme.space(2)))
    for widget in widgets:
        row.addWidget(widget)
    return row


def emptied(layout: QVBoxLayout) -> None:
    """Let go of everything in a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif isinstance(inner := item.layout(), QVBoxLayout):
            emptied(inner)
