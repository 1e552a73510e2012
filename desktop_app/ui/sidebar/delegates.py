"""Paints the rows of the sidebar: calm by default, a soft ground under the open one, a ring around the focused one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_app.domain.conversations import Conversation, SearchHit
from desktop_app.ui.marked_text import draw_marked
from desktop_app.ui.sidebar.list_models import ITEM
from desktop_app.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def draw_ground(painter: QPainter, option: QStyleOptionViewItem, theme: Theme, *, open_: bool) -> QRect:
    """The row's ground and focus ring; gives the rectangle for its content."""
    state, rect = option.state, option.rect.adjusted(theme.space(2), 1, -theme.space(2), -1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    token = "accent_soft" if open_ else "hover" if state & QStyle.StateFlag.State_MouseOver else ""
    if token:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(token))
        painter.drawRoundedRect(rect, theme.radius("small"), theme.radius("small"))
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("focus"), 2))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), theme.radius("small"), theme.radius("small"))
    elif open_ and theme.high_contrast:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("accent"), 1))
        painter.drawRoundedRect(rect, theme.radius("small"), theme.radius("small"))
    return rect.adjusted(theme.space(2), 0, -theme.space(2), 0)


class ConversationDelegate(QStyledItemDelegate):
    """`open_id` is the conversation on the right, `editor` where a name is being written; `menu_rect` is where the
    three dots are."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.open_id: str | None = None
        self.editor: QLineEdit | None = None

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        item = index.data(ITEM)
        font = self._theme.font("caption" if isinstance(item, str) else "label")
        line = round(font.pixelSize() * 1.4)
        return QSize(0, line + self._theme.space(4 if isinstance(item, str) else 4.5))

    def menu_rect(self, row: QRect) -> QRect:
        side = self._theme.icon_size(6)
        right = row.right() - self._theme.space(3)
        return QRect(right - side, row.center().y() - side // 2, side, side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = index.data(ITEM)
        painter.save()
        if isinstance(item, str):
            self._paint_heading(painter, option.rect, item)
        else:
            self._paint_conversation(painter, option, item, index.data())
        painter.restore()

    def _paint_heading(self, painter: QPainter, row: QRect, text: str) -> None:
        side = self._theme.space(4)
        painter.setFont(self._theme.font("caption"))
        painter.setPen(self._theme.colour("text_muted"))
        bottom = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        painter.drawText(row.adjusted(side, 0, -side, -self._theme.space(1)), bottom, text)

    def _paint_conversation(
        self, painter: QPainter, option: QStyleOptionViewItem, item: Conversation, title: str
    ) -> None:
        theme, is_open = self._theme, item.id == self.open_id
        room = draw_ground(painter, option, theme, open_=is_open)
        if option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            dots = self.menu_rect(option.rect)
            theme.icon("dots-three", "text_muted").paint(painter, dots)
            room.setRight(dots.left() - theme.space(1))
        font = theme.font("label")
        if is_open:
            font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        painter.drawText(
            room, _LEFT, painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room.width())
        )

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setProperty("kind", "rename")
        editor.setFont(self._theme.font("label"))
        editor.setAccessibleName(self.tr("Name of the conversation"))
        self.editor = editor
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        editor.setGeometry(option.rect.adjusted(self._theme.space(2), 1, -self._theme.space(2), -1))


class HitDelegate(QStyledItemDelegate):
    """Title, and two lines of the message around the words."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        line = round(self._theme.font("small").pixelSize() * 1.4)
        return QSize(0, 3 * line + self._theme.space(6))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        hit: SearchHit = index.data(ITEM)
        theme = self._theme
        painter.save()
        room = draw_ground(painter, option, theme, open_=False).adjusted(0, theme.space(2), 0, -theme.space(2))
        font = theme.font("small")
        line = round(font.pixelSize() * 1.4)
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        title = painter.fontMetrics().elidedText(hit.title, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(QRect(room.left(), room.top(), room.width(), line), _LEFT, title)
        below = room.adjusted(0, line + theme.space(0.5), 0, 0)
        draw_marked(painter, below, hit.snippet, hit.marks, theme, lines=2)
        painter.restore()
