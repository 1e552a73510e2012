"""A page beside the sidebar: a title, a way out, and a column of reading width that scrolls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app.ui.actions import ActionRegistry
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Lanes
from desktop_app.ui.notices import Notices
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow, icon_button, label, spaced

if TYPE_CHECKING:
    from desktop_app.services.services import Services

COLUMN_STEPS = 190


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTools:
    """What every page is given."""

    services: Services
    lanes: Lanes
    theme: Theme
    actions: ActionRegistry
    notices: Notices


class Page(QWidget):
    """`head` holds the title and the way out; `column` is for what the page is about. `closed`: the person is done."""

    closed = Signal()

    def __init__(self, tools: PageTools, title: str, close: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tools = tools
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        self.head = QHBoxLayout()
        self.column = QVBoxLayout()
        self.close_button = icon_button(close, "x", tools.theme, self.closed.emit, parent=self)
        self._build(title)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._keep_in_sight)

    def begin(self) -> None:
        """It is shown, perhaps again: bring it up to date and put the focus where work starts."""
        self.area.verticalScrollBar().setValue(0)
        self.close_button.setFocus()

    def leave(self) -> None:
        """It is hidden: stop what only matters while somebody looks."""

    def _build(self, title: str) -> None:
        theme = self.tools.theme
        spaced(self.head, theme, margins=(0, 5, 0, 3), spacing=3)
        self.head.addWidget(label(title, "title"), 1)
        self.head.addWidget(self.close_button)
        head, body = QWidget(), QWidget()
        head.setLayout(self.head)
        inside = QVBoxLayout(body)
        spaced(inside, theme, margins=(0, 2, 0, 8))
        spaced(self.column, theme, spacing=6)
        inside.addLayout(self.column)
        inside.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._in_middle(body))
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.setSpacing(0)
        above = self._in_middle(head)
        bar = self.area.verticalScrollBar()

        def make_room(_least: int, most: int) -> None:
            above.setContentsMargins(0, 0, bar.sizeHint().width() if most else 0, 0)

        bar.rangeChanged.connect(while_alive(above, while_alive(bar, make_room)))  # it tells when it goes, too
        outside.addWidget(above)
        outside.addWidget(self.area, 1)

    def _keep_in_sight(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Qt scrolls to what has the focus only where Tab comes from inside the column."""
        if new is not None and self.area.isAncestorOf(new):
            self.area.ensureWidgetVisible(new)

    def _in_middle(self, content: QWidget) -> QWidget:
        """`content` in a column of reading width, whatever the window."""
        theme = self.tools.theme
        holder = QWidget()
        holder.setProperty("kind", "page_body")
        holder.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(holder)
        spaced(row, theme, margins=(6, 0, 6, 0))
        row.addStretch(1)
        row.addWidget(content, 1000)
        row.addStretch(1)
        follow(theme, content, lambda: content.setMaximumWidth(theme.space(COLUMN_STEPS)))
        return holder

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
