"""The command palette: type a few letters of what you want, Enter does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop_app.ui.overlay import Overlay
from desktop_app.ui.palette.entries import Entry, fitting
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label, rule, spaced

Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole
SHOWN = 9
_ROOT = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Palette(Overlay):
    """`entries` is asked each time the palette opens."""

    def __init__(self, entries: Callable[[], tuple[Entry, ...]], theme: Theme, window: QWidget) -> None:
        super().__init__(theme, window)
        self.setAccessibleName(self.tr("Command palette"))
        self._entries = entries
        self._offered: tuple[Entry, ...] = ()
        self._model = _EntryModel(self)
        self._build()

    def open(self) -> None:
        self._offered = self._entries()
        self.field.clear()
        self._filter("")
        super().open()
        self.field.setFocus()

    def _build(self) -> None:
        spaced(self.column, self._theme, margins=(2, 1, 2, 2), spacing=1)
        self.field = QLineEdit(self.card)
        self.field.setProperty("kind", "palette")
        self.field.setPlaceholderText(self.tr("What would you like to do?"))
        self.field.setAccessibleName(self.tr("Find a command or a conversation"))
        self.field.textChanged.connect(self._filter)
        self.list = QListView(self.card)
        self.list.setModel(self._model)
        self.list.setItemDelegate(_EntryDelegate(self._theme, self.list))
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.clicked.connect(self._run)
        self._nothing = label(self.tr("Nothing is called like that."), "muted", parent=self.card)
        self.column.addWidget(self.field)
        self.column.addWidget(rule(self.card))
        self.column.addWidget(self.list)
        self.column.addWidget(self._nothing, 0, Qt.AlignmentFlag.AlignCenter)

    def _filter(self, typed: str) -> None:
        entries = fitting(self._offered, typed)
        self._model.show(entries)
        self.list.setVisible(bool(entries))
        self._nothing.setVisible(not entries)
        rows = min(SHOWN, max(1, len(entries)))
        self.list.setFixedHeight(rows * row_height(self._theme) + self._theme.space(1))
        self._select(0)
        self.column.activate()
        self._place()

    def _select(self, row: int) -> None:
        if self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(row % self._model.rowCount()))

    def _run(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY)
        if isinstance(entry, Entry):
            self.close_it()
            entry.run()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.list.currentIndex().row()
        match event.key():
            case Qt.Key.Key_Down:
                self._select(row + 1)
            case Qt.Key.Key_Up:
                self._select(row - 1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._run(self.list.currentIndex())
            case _:
                super().keyPressEvent(event)


class _EntryModel(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()

    def show(self, entries: tuple[Entry, ...]) -> None:
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self._entries[index.row()]
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (entry.title, entry.group, entry.keys) if part)
        return None


def row_height(theme: Theme) -> int:
    return round(theme.font("body").pixelSize() * 1.4) + theme.space(4.5)


class _EntryDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, row_height(self._theme))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ENTRY)
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        room = option.rect.adjusted(theme.space(3), 0, -theme.space(3), 0)
        side = theme.icon_size(5)
        if entry.icon:
            box = QRect(room.left(), room.center().y() - side // 2, side, side)
            theme.icon(entry.icon, "text_muted").paint(painter, box)
        room.setLeft(room.left() + side + theme.space(3))
        room.setRight(room.right() - self._paint_aside(painter, room, entry))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("text"))
        title = painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _LEFT, title)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        selected = option.state & QStyle.StateFlag.State_Selected
        hovered = option.state & QStyle.StateFlag.State_MouseOver
        if not selected and not hovered:
            return
        radius = self._theme.radius("small")
        painter.setPen(self._theme.colour("accent") if selected else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent_soft" if selected else "hover"))
        painter.drawRoundedRect(option.rect.adjusted(1, 1, -2, -2), radius, radius)

    def _paint_aside(self, painter: QPainter, room: QRect, entry: Entry) -> int:
        """The keys, else the group, on the right; gives the width taken."""
        aside = entry.keys or entry.group
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.colour("text_muted"))
        painter.drawText(room, _RIGHT, aside)
        return painter.fontMetrics().horizontalAdvance(aside) + self._theme.space(3)
