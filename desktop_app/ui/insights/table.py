"""The numbers of a chart, or of a list, as a table that assistive technology and the keyboard can walk through."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow


class Table(QTableWidget):
    """As high as its rows. Tab passes by; arrow keys walk."""

    def __init__(
        self,
        name: str,
        head: tuple[str, ...],
        rows: tuple[tuple[str, ...], ...],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(len(rows), len(head), parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setProperty("kind", "table")
        self.setHorizontalHeaderLabels(list(head))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        for part in (self.horizontalHeader(), self.verticalHeader()):
            part.setAccessibleName(name)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                self.setItem(place, column, QTableWidgetItem(cell))
        follow(theme, self, self._fit)

    def _fit(self) -> None:
        self.setFont(self._theme.font("small"))
        row = self._theme.space(8)
        self.verticalHeader().setDefaultSectionSize(row)
        head = max(self.horizontalHeader().sizeHint().height(), row)
        self.horizontalHeader().setFixedHeight(head)
        self.setFixedHeight(head + row * self.rowCount() + 2 * self.frameWidth() + self._theme.space(4))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape is the page's."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)
