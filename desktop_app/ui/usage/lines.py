"""A list of lines that may be very long: only those in sight are drawn, and all of them can be read and copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow

Index = QModelIndex | QPersistentModelIndex


class LinesModel(QAbstractListModel):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: Sequence[str] = ()

    def show_lines(self, lines: Sequence[str]) -> None:
        if lines != self._lines:
            self.beginResetModel()
            self._lines = lines
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        wanted = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        return self._lines[index.row()] if wanted and index.isValid() else None


class Lines(QListView):
    """`height_steps` is its height on the grid."""

    def __init__(self, name: str, theme: Theme, height_steps: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = LinesModel(self)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setProperty("kind", "lines")
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        follow(theme, self, lambda: self.setFixedHeight(theme.space(height_steps)))
        follow(theme, self, lambda: self.setFont(theme.font("mono")))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            chosen = sorted(self.selectedIndexes(), key=lambda index: index.row())
            QGuiApplication.clipboard().setText("\n".join(str(index.data()) for index in chosen))
        else:
            super().keyPressEvent(event)
