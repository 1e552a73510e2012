"""The everyday surface: sidebar, header, and beside them a conversation or the settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.conversations import Conversation
from desktop_app.errors import AppError
from desktop_app.ui.actions import ActionRegistry
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.chat.view import ChatView
from desktop_app.ui.header import Header
from desktop_app.ui.jobs import Lanes
from desktop_app.ui.notices import Notices
from desktop_app.ui.page import Page, PageTools
from desktop_app.ui.pages import pages
from desktop_app.ui.palette.entries import Entry
from desktop_app.ui.sidebar.presenter import SidebarPresenter
from desktop_app.ui.sidebar.view import WIDTH_STEPS, Sidebar
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import tab_through

if TYPE_CHECKING:
    from desktop_app.services.services import Services
    from desktop_app.ui.library.view import LibraryPage

NARROW_STEPS = 210
PAGE_STEPS = 90


class Workspace(QWidget):
    """Decides what is on screen; each part does its own work. `page_shown(id of a page, "" for the conversation)`."""

    page_shown = Signal(str)

    _adapters_changed = Signal()

    def __init__(
        self, services: Services, lanes: Lanes, theme: Theme, actions: ActionRegistry, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._lanes = lanes
        self._theme = theme
        self._actions = actions
        self._wanted = True
        self._narrow = False
        self._last = ""
        self._opened: dict[str, Page] = {}
        self._right = QWidget(self)
        self.notices = Notices(theme, self._right)
        self.sidebar = Sidebar(SidebarPresenter(services.history, lanes, self), theme, actions, self.notices, self)
        self.header = Header(theme, actions, self._right)
        self.chat = ChatView(services, lanes, theme, actions, self.notices, self._right)
        self._pages = QStackedWidget(self._right)
        self._build()
        self._order_tabs()
        self._connect()

    def start(self, last_conversation: str = "") -> None:
        """Fill it: an empty conversation at once, the list and the last conversation as they come."""
        self._last = last_conversation
        for warning in self._services.warnings:
            self.notices.error(warning)
        self.chat.open(None)
        self.sidebar.presenter.refresh()
        self.refresh_model()
        self._lanes.job("io", lambda _: self._services.tidy()).start()
        self.chat.focus_composer()

    # -- what the actions do -------------------------------------------------------------------------------------

    def open_conversation(self, conversation_id: str | None) -> None:
        """Show a conversation, or an empty one for None, and be ready to write in it."""
        self._last = ""
        self.show_page(self.chat)
        if conversation_id is None or conversation_id != self.chat.current_id:
            self.chat.open(conversation_id)
        self._after_open(conversation_id)
        self.chat.focus_composer()

    def open_message(self, conversation_id: str, message_id: str) -> None:
        """Show a message in its place, with the focus on it."""
        self._last = ""
        self.show_page(self.chat)
        self.chat.open(conversation_id, message_id)
        self._after_open(conversation_id)

    def open_beside(self, step: int) -> None:
        """The conversation above (-1) or below (+1) in the list."""
        neighbour = self.sidebar.conversations.rows.beside(self.chat.current_id, step)
        if neighbour:
            self.open_conversation(neighbour)

    def take_files(self, files: tuple[Path, ...]) -> None:
        """Pictures and sound into the composer of the conversation, models to their page."""
        self.show_page(self.chat)
        self.chat.composing.bring(files)

    def add_model(self, file: Path) -> None:
        """Show the page of models and add a model file there."""
        self.open_page("models")
        page = cast("LibraryPage", self._opened["models"])
        page.presenter.offer((file,))

    def has_conversation(self) -> bool:
        return self.chat.current_id is not None

    def open_page(self, page_id: str) -> None:
        """Show a page of `ui/pages.py`, made at its first use."""
        page = self._opened.get(page_id) or self._make_page(page_id)
        self.show_page(page)
        page.begin()

    def show_page(self, page: QWidget) -> None:
        before = self._pages.currentWidget()
        if isinstance(before, Page) and before is not page:
            before.leave()
        self._pages.setCurrentWidget(page)
        self.header.setVisible(page is self.chat)
        self._leave_sidebar()
        self.page_shown.emit(next((id_ for id_, known in self._opened.items() if known is page), ""))
        if page is self.chat:
            self.chat.focus_composer()
            self.refresh_model()

    def _make_page(self, page_id: str) -> Page:
        tools = PageTools(
            services=self._services,
            lanes=self._lanes,
            theme=self._theme,
            actions=self._actions,
            notices=self.notices,
        )
        entry = next(entry for entry in pages() if entry.id == page_id)
        page = entry.make(tools, self._right)
        page.closed.connect(lambda: self.show_page(self.chat))
        self._pages.addWidget(page)
        self._opened[page_id] = page
        return page

    def toggle_sidebar(self) -> None:
        if self._narrow:
            self._show_sidebar(self.sidebar.isHidden())
        else:
            self._wanted = self.sidebar.isHidden()
            self._show_sidebar(self._wanted)

    def focus_search(self) -> None:
        self._show_sidebar(True)
        self.sidebar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.sidebar.search.selectAll()

    def focus_list(self) -> None:
        self._show_sidebar(True)
        self.sidebar.conversations.focus_first()

    def rename(self) -> None:
        self._show_sidebar(True)
        self.sidebar.rename_current()

    def entries(self) -> tuple[Entry, ...]:
        """The conversations, for the palette."""
        return tuple(self._entry(known) for known in self.sidebar.presenter.known() if known.title)

    def refresh_model(self) -> None:
        job = self._lanes.job("io", lambda _: self._model_in_use())
        job.finished.connect(while_alive(self, lambda found: self.header.show_model(*found)))
        job.failed.connect(while_alive(self, self._on_no_model))
        job.start()

    def _model_in_use(self) -> tuple[str, str]:
        """Its title, and how strong the adapter before it is, "" without one."""
        model = self._services.library.chosen("language")
        adapter = self._services.adapters.active(model.sha256)
        return model.title, f"{adapter.strength:.0%}" if adapter else ""

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self._right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._pages, 1)
        self._pages.addWidget(self.chat)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addWidget(self._right, 1)

    def _order_tabs(self) -> None:
        """As it is read: the sidebar, the line above, the conversation, the composer."""
        conversation, composer = self.chat.conversation, self.chat.composer
        tab_through(
            *self.sidebar.tab_stops,
            *self.header.tab_stops,
            *conversation.empty.buttons,
            conversation.jump,
            composer.text,
            *composer.tools,
        )
        conversation.transcript.tab_after(conversation.empty.buttons[-1])
        composer.tray.tab_after(conversation.jump)

    def _connect(self) -> None:
        presenter = self.sidebar.presenter
        presenter.listed.connect(self._on_listed)
        self.sidebar.opened.connect(self.open_conversation)
        self.sidebar.hit_opened.connect(self.open_message)
        self.sidebar.gone.connect(self._on_gone)
        self.chat.conversation_changed.connect(lambda _: presenter.refresh())
        self.chat.composing.model_brought.connect(self.add_model)
        self.chat.busy_changed.connect(lambda busy: None if busy else self.refresh_model())
        self._theme.changed.connect(self._fit)
        self._adapters_changed.connect(self.refresh_model)
        stop = self._services.adapters.watch(self._adapters_changed.emit)
        self.destroyed.connect(lambda: stop())

    # -- what happens --------------------------------------------------------------------------------------------

    def _on_listed(self, conversations: tuple[Conversation, ...]) -> None:
        last, self._last = self._last, ""
        untouched = self.chat.current_id is None and not self.chat.composer.text.toPlainText()
        if last and untouched and any(known.id == last for known in conversations):
            self.chat.open(last)
            self._after_open(last)
        else:
            self._after_open(self.chat.current_id)

    def _after_open(self, conversation_id: str | None) -> None:
        self.sidebar.set_open(conversation_id)
        self.header.show_title(self.sidebar.presenter.title(conversation_id))
        self._actions.refresh()

    def _on_gone(self, conversation_id: str) -> None:
        if conversation_id == self.chat.current_id:
            self.open_conversation(None)

    def _on_no_model(self, _error: AppError) -> None:
        self.header.show_model("")

    def _entry(self, known: Conversation) -> Entry:
        return Entry(
            title=known.title,
            group=self.tr("Conversation"),
            icon="chat-circle",
            run=lambda: self.open_conversation(known.id),
        )

    def _show_sidebar(self, shown: bool) -> None:
        self.sidebar.setVisible(shown)
        self.header.set_sidebar_shown(shown)
        alone = shown and self.width() < self._theme.space(WIDTH_STEPS + PAGE_STEPS)
        self.sidebar.set_alone(alone)
        self._right.setVisible(not alone)

    def _leave_sidebar(self) -> None:
        if self._narrow:
            self._show_sidebar(False)

    def _fit(self) -> None:
        """A narrow window hides the sidebar until it is asked for."""
        narrow = self.width() < self._theme.space(NARROW_STEPS)
        if narrow != self._narrow:
            self._narrow = narrow
            self._show_sidebar(self._wanted and not narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
