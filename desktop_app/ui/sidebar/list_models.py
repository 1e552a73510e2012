"""The rows of the sidebar's lists: conversations under their days, and the hits of a search."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from desktop_app.domain.conversations import Conversation, SearchHit
from desktop_app.ui.sidebar.grouping import Span, grouped
from desktop_app.ui.widgets import tip

Index = QModelIndex | QPersistentModelIndex
ITEM = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()


class ConversationListModel(QAbstractListModel):
    """A row is a heading (a plain string) or a `Conversation`, which `data(index, ITEM)` gives."""

    renamed = Signal(str, str)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._rows: list[str | Conversation] = []
        self._spans: dict[Span, str] = {
            "today": self.tr("Today"),
            "yesterday": self.tr("Yesterday"),
            "week": self.tr("This week"),
            "older": self.tr("Older"),
        }

    def show(self, conversations: Iterable[Conversation]) -> None:
        self.beginResetModel()
        self._rows = []
        for span, pile in grouped(conversations, time.time()):
            self._rows += [self._spans[span], *pile]
        self.endResetModel()

    def index_of(self, conversation_id: str | None) -> QModelIndex:
        """An invalid index when it is not in the list."""
        for row, item in enumerate(self._rows):
            if isinstance(item, Conversation) and item.id == conversation_id:
                return self.index(row)
        return QModelIndex()

    def beside(self, conversation_id: str | None, step: int) -> str | None:
        """The id of the conversation `step` further down, or the first one where none is open."""
        ids = [item.id for item in self._rows if isinstance(item, Conversation)]
        if conversation_id not in ids:
            return ids[0] if ids else None
        place = ids.index(conversation_id) + step
        return ids[place] if 0 <= place < len(ids) else None

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self._rows[index.row()]
        if role == ITEM:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.AccessibleTextRole):
            return item if isinstance(item, str) else item.title or self.tr("New conversation")
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(item, Conversation):
            return tip(item.title)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        item = self._rows[index.row()]
        if role != Qt.ItemDataRole.EditRole or not isinstance(item, Conversation):
            return False
        self.renamed.emit(item.id, str(value))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        if isinstance(self._rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable


class HitListModel(QAbstractListModel):
    """A row is a `SearchHit`."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._hits: tuple[SearchHit, ...] = ()

    def show(self, hits: tuple[SearchHit, ...]) -> None:
        self.beginResetModel()
        self._hits = hits
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        hit = self._hits[index.row()]
        if role == ITEM:
            return hit
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{hit.title}: {hit.snippet}"
        return None
