"""The sidebar: new conversation, search, the conversations, settings."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.conversations import Conversation, SearchHit
from desktop_app.ui.actions import ActionRegistry
from desktop_app.ui.announce import announce
from desktop_app.ui.brand import mark
from desktop_app.ui.notices import Notices
from desktop_app.ui.search_field import SearchField
from desktop_app.ui.sidebar.lists import ConversationList, HitList
from desktop_app.ui.sidebar.presenter import SidebarPresenter
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, follow, icon_button, label, spaced, wear

WIDTH_STEPS = 68
QWIDGETSIZE_MAX = (1 << 24) - 1  # as Qt defines it


class Sidebar(QFrame):
    """`opened(id)` the person chose a conversation, `hit_opened(its id, message id)` a message that was found in one;
    `gone(id)` one was deleted."""

    opened = Signal(str)
    hit_opened = Signal(str, str)
    gone = Signal(str)

    def __init__(
        self,
        presenter: SidebarPresenter,
        theme: Theme,
        actions: ActionRegistry,
        notices: Notices,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self._theme = theme
        self._actions = actions
        self._notices = notices
        self._open_id: str | None = None
        self.setProperty("kind", "sidebar")
        self.search = SearchField(self.tr("Search"), theme, self)
        self.conversations = ConversationList(theme, self)
        self.hits = HitList(theme, self)
        self.tab_stops: tuple[QWidget, ...] = ()
        self._build()
        self._connect()
        self._alone = False
        follow(theme, self, self._set_width)

    def set_open(self, conversation_id: str | None) -> None:
        self._open_id = conversation_id
        self.conversations.set_open(conversation_id)

    def set_alone(self, alone: bool) -> None:
        """In a narrow window it takes all the room."""
        self._alone = alone
        self._set_width()

    def rename_current(self) -> None:
        """Write a new name for the row with the focus, else for the open conversation."""
        focused = self.conversations.current_id() if self.conversations.hasFocus() else None
        self.search.clear()
        self.conversations.rename(focused or self._open_id or "")

    def delete_open(self) -> None:
        if self._open_id:
            self.presenter.delete(self._open_id)

    def _set_width(self) -> None:
        width = self._theme.space(WIDTH_STEPS)
        self.setMinimumWidth(0 if self._alone else width)
        self.setMaximumWidth(QWIDGETSIZE_MAX if self._alone else width)

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        spaced(column, self._theme, spacing=0)
        column.addLayout(self._build_top())
        column.addWidget(self._build_pages(), 1)
        column.addLayout(self._build_bottom())

    def _build_top(self) -> QVBoxLayout:
        column = QVBoxLayout()
        spaced(column, self._theme, margins=(3, 3, 3, 2), spacing=3)
        row = QHBoxLayout()
        spaced(row, self._theme, margins=(1, 0, 0, 0), spacing=2.5)
        row.addWidget(mark(self._theme, 7, self))
        row.addWidget(label("Stonechat", "wordmark", parent=self), 1)
        hide = self._action_button("window.sidebar", self.tr("Hide the sidebar"))
        row.addWidget(hide)
        column.addLayout(row)
        new = button(self.tr("New conversation"), "new", lambda: self._actions.run("window.new"), parent=self)
        wear(new, self._theme, "note-pencil", "accent", 4.5)
        column.addWidget(new)
        column.addWidget(self.search)
        self.tab_stops += (hide, new, self.search, self.conversations, self.hits)
        return column

    def _build_pages(self) -> QStackedWidget:
        self._pages = QStackedWidget(self)
        self._empty = self._sentence(self.tr("Your conversations will be listed here. They stay on this computer."))
        self._nothing = self._sentence("")
        for page in (self.conversations, self.hits, self._empty, self._nothing):
            self._pages.addWidget(page)
        return self._pages

    def _build_bottom(self) -> QVBoxLayout:
        column = QVBoxLayout()
        spaced(column, self._theme, margins=(3, 2, 3, 3))
        self.more = button(self.tr("Ratings, models and more"), "nav", self._open_more, parent=self)
        wear(self.more, self._theme, "squares-four")
        column.addWidget(self.more)
        row = QHBoxLayout()
        spaced(row, self._theme, spacing=1)
        settings = self._nav(self.tr("Settings"), "gear-six", "page.settings")
        keys = self._action_button("window.shortcuts", self.tr("Keyboard shortcuts"), "keyboard")
        row.addWidget(settings, 1)
        row.addWidget(keys)
        column.addLayout(row)
        self.tab_stops += (self.more, settings, keys)
        return column

    def _open_more(self) -> None:
        """The pages beside the conversation, but for the settings, which have a button of their own."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self._actions.all():
            if action.id.startswith("page.") and action.id != "page.settings":
                menu.addAction(self._actions.qaction(action.id, menu))
        menu.popup(self.more.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _nav(self, text: str, icon: str, action_id: str) -> QPushButton:
        made = button(text, "nav", lambda: self._actions.run(action_id), parent=self)
        wear(made, self._theme, icon)
        return made

    def _action_button(self, action_id: str, name: str, icon: str = "square-half") -> QWidget:
        return icon_button(name, icon, self._theme, lambda: self._actions.run(action_id), parent=self)

    def _sentence(self, text: str) -> QLabel:
        made = label(text, "muted", wrap=True, parent=self)
        made.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        follow(self._theme, made, lambda: made.setContentsMargins(*(self._theme.space(n) for n in (4, 3, 4, 3))))
        return made

    def _connect(self) -> None:
        presenter = self.presenter
        presenter.listed.connect(self._on_listed)
        presenter.found.connect(self._on_found)
        presenter.search_ended.connect(self._show_list)
        presenter.deleted.connect(self._on_deleted)
        presenter.restored.connect(self.opened)
        presenter.failed.connect(self._notices.error)
        self.search.textChanged.connect(presenter.search)
        self.search.down_wanted.connect(lambda: self._list().focus_first())
        self.conversations.chosen.connect(lambda conversation: self.opened.emit(conversation.id))
        self.conversations.rows.renamed.connect(presenter.rename)
        self.conversations.delete_wanted.connect(presenter.delete)
        self.hits.chosen.connect(self._open_hit)

    # -- what the presenter says ---------------------------------------------------------------------------------

    def _list(self) -> ConversationList | HitList:
        return self.hits if self._pages.currentWidget() is self.hits else self.conversations

    def _on_listed(self, conversations: tuple[Conversation, ...]) -> None:
        self.conversations.show_all(conversations)
        if not self.search.text().strip():
            self._show_list()

    def _show_list(self) -> None:
        self._pages.setCurrentWidget(self.conversations if self.conversations.rows.rowCount() else self._empty)

    def _on_found(self, words: str, hits: tuple[SearchHit, ...]) -> None:
        self.hits.rows.show(hits)
        self._nothing.setText(self.tr("No message holds “%1”.").replace("%1", words))
        self._pages.setCurrentWidget(self.hits if hits else self._nothing)
        announce(self, self.tr("%n message(s) found", "", len(hits)))

    def _open_hit(self, hit: SearchHit) -> None:
        self.presenter.reveal(hit.message_id, lambda: self.hit_opened.emit(hit.conversation_id, hit.message_id))

    def _on_deleted(self, conversation: Conversation) -> None:
        self.gone.emit(conversation.id)
        title = conversation.title or self.tr("New conversation")
        self._notices.info(
            self.tr("“%1” was deleted.").replace("%1", title),
            self.tr("Undo"),
            lambda: self.presenter.restore(conversation.id),
        )
