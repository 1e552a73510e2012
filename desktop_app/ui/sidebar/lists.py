"""The two lists of the sidebar, with their keys and the menu of a conversation."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QListView, QMenu, QWidget
from shiboken6 import isValid

from desktop_app.domain.conversations import Conversation, SearchHit
from desktop_app.ui.sidebar.delegates import ConversationDelegate, HitDelegate
from desktop_app.ui.sidebar.list_models import ITEM, ConversationListModel, HitListModel
from desktop_app.ui.theme import Theme

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class _SidebarList(QListView):
    """One click or Enter chooses a row; the mouse leaves the focus where it was."""

    chosen = Signal(object)

    def __init__(self, name: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setTabKeyNavigation(False)
        self.setUniformItemSizes(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalScrollBar().setSingleStep(theme.space(6))
        self.clicked.connect(self._choose)

    def _choose(self, index: QModelIndex) -> None:
        item = index.data(ITEM)
        if isinstance(item, Conversation | SearchHit):
            self.chosen.emit(item)

    def focus_first(self) -> None:
        """Go to the list, to a row that can be chosen."""
        self.setFocus(Qt.FocusReason.TabFocusReason)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Some row always shows where the focus is."""
        super().focusInEvent(event)
        rows = (self.model().index(row, 0) for row in range(self.model().rowCount()))
        first = next((index for index in rows if index.flags() & Qt.ItemFlag.ItemIsSelectable), None)
        if first is not None and not self.currentIndex().isValid():
            self.setCurrentIndex(first)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and self.state() != QAbstractItemView.State.EditingState:
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)


class ConversationList(_SidebarList):
    """`chosen(Conversation)`, and what its menu and keys ask for."""

    delete_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(self.tr("Conversations"), theme, parent)
        self.rows = ConversationListModel(self)
        self.setModel(self.rows)
        self._delegate = ConversationDelegate(theme, self)
        self.setItemDelegate(self._delegate)
        self._theme = theme
        self._late: tuple[Conversation, ...] | None = None
        theme.changed.connect(self.doItemsLayout)

    def show_all(self, conversations: tuple[Conversation, ...]) -> None:
        """The whole list anew; the row that had the focus keeps it, and a name being written is not disturbed."""
        if self.state() == QAbstractItemView.State.EditingState:
            self._late = conversations
            return
        current = self.current_id()
        self.rows.show(conversations)
        self.setCurrentIndex(self.rows.index_of(current))

    def set_open(self, conversation_id: str | None) -> None:
        """Mark the conversation that is on the right."""
        self._delegate.open_id = conversation_id
        if not self.hasFocus() and self.state() != QAbstractItemView.State.EditingState:
            index = self.rows.index_of(conversation_id)
            self.setCurrentIndex(index)
            if index.isValid():
                self.scrollTo(index)
        self.viewport().update()

    def rename(self, conversation_id: str) -> None:
        """Write a new name in its row. A name that is being written is kept first, which may renew the list."""
        if (editor := self._delegate.editor) is not None and isValid(editor):
            self.commitData(editor)
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)
        index = self.rows.index_of(conversation_id)
        if index.isValid():
            self.setCurrentIndex(index)
            self.edit(index)

    def current_id(self) -> str | None:
        item = self.currentIndex().data(ITEM)
        return item.id if isinstance(item, Conversation) else None

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, hint)
        self._delegate.editor = None
        late, self._late = self._late, None
        if late is not None:
            self.show_all(late)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        conversation_id = self.current_id()
        if event.key() == Qt.Key.Key_Delete and conversation_id:
            self.delete_wanted.emit(conversation_id)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        dots = self._delegate.menu_rect(self.visualRect(index)) if index.isValid() else None
        if dots is not None and dots.contains(event.position().toPoint()):
            self._open_menu(index, self.viewport().mapToGlobal(dots.bottomLeft()))
        else:
            super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        at = self.viewport().mapToGlobal(self.visualRect(index).center()) if by_key else event.globalPos()
        self._open_menu(index, at)

    def _open_menu(self, index: QModelIndex, at: QPoint) -> None:
        item = index.data(ITEM)
        if not isinstance(item, Conversation):
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._theme.icon("pencil-simple"), self.tr("Rename\tF2"), lambda: self.rename(item.id))
        menu.addAction(self._theme.icon("trash"), self.tr("Delete\tDel"), lambda: self.delete_wanted.emit(item.id))
        menu.popup(at)


class HitList(_SidebarList):
    """`chosen(SearchHit)`."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(self.tr("Found messages"), theme, parent)
        self.rows = HitListModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(HitDelegate(theme, self))
        theme.changed.connect(self.doItemsLayout)
