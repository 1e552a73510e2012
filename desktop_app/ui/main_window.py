"""The window: the workspace, the first start before it, the palette and the shortcuts over it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from desktop_app.errors import AppError
from desktop_app.ui.actions import Action, ActionRegistry
from desktop_app.ui.appearance import Appearance
from desktop_app.ui.brand import app_icon
from desktop_app.ui.jobs import Lanes
from desktop_app.ui.palette.entries import Entry
from desktop_app.ui.personalize.idle import IdleTraining
from desktop_app.ui.shell_actions import register
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import press_by_enter
from desktop_app.ui.window_call import Call
from desktop_app.ui.workspace import Workspace

if TYPE_CHECKING:
    from desktop_app.services.services import Services
    from desktop_app.ui.desktop.presence import Presence

USUAL_SIZE = (1180, 820)
SMALLEST_SIZE = (480, 480)


class MainWindow(QMainWindow):
    """Owns its lanes: closing the window stops what runs in them. The services belong to whoever made them."""

    closing = Signal()
    closed = Signal()
    _programs_told = Signal()  # from any thread

    def __init__(self, services: Services, theme: Theme, appearance: Appearance) -> None:
        super().__init__()
        self.services = services
        self.theme = theme
        self._remembers = True
        self._leaves = False
        self._presence: Presence | None = None
        self._brought: tuple[Path, ...] = ()
        self.lanes = Lanes()
        self.appearance = appearance
        self.actions_registry = ActionRegistry(theme.icon, self)
        self.workspace = Workspace(services, self.lanes, theme, self.actions_registry, self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.workspace)
        self.setCentralWidget(self._stack)
        register(self.actions_registry, self)
        self.actions_registry.bind(self)
        self.setWindowTitle("Stonechat")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(*SMALLEST_SIZE)
        self._restore_geometry()

    def start(self) -> None:
        """Fill the window; called once it can be seen."""
        self.workspace.start(self.services.preferences.current.last_conversation)
        if not self.services.preferences.current.first_run_done:
            self.open_onboarding()
        self._follow_other_programs()
        idle = IdleTraining(self.services, self.lanes, self)
        idle.offered.connect(self._on_adapter_offered)
        self.closing.connect(idle.stop)

    def _follow_other_programs(self) -> None:
        programs = self.services.other_programs
        self._programs_told.connect(lambda: self.workspace.header.show_programs(bool(programs.address)))
        self.closing.connect(programs.watch(lambda _: self._programs_told.emit()))
        self.closing.connect(programs.close)
        programs.follow()
        self._programs_told.emit()

    def _on_adapter_offered(self) -> None:
        open_page = self.workspace.open_page
        self.workspace.notices.info(
            self.tr("A new adapter has passed its checks."), self.tr("Look at it"), lambda: open_page("personalize")
        )

    # -- what the actions do -------------------------------------------------------------------------------------

    def open_palette(self) -> None:
        from desktop_app.ui.palette.view import Palette

        palette = self.findChild(Palette) or Palette(self._entries, self.theme, self)
        palette.open()

    def open_shortcuts(self) -> None:
        from desktop_app.ui.palette.shortcuts import Shortcuts

        page = self.findChild(Shortcuts) or Shortcuts(self.actions_registry, self.theme, self)
        page.open()

    def open_onboarding(self, step: int = 0) -> None:
        from desktop_app.ui.onboarding.view import Onboarding

        if self._stack.currentWidget() is not self.workspace:
            return
        page = Onboarding(self.services, self.lanes, self.theme, self._stack)
        page.done.connect(lambda: self._leave_onboarding(page))
        self.closing.connect(page.presenter.leave)
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        page.begin(step)

    def change_setting(self, **values: Any) -> None:
        try:
            self.services.preferences.change(**values)
        except AppError as error:
            self.workspace.notices.error(error)

    def scale_by(self, step: int) -> None:
        """Larger or smaller text, in per cent, within what the setting allows."""
        scale = self.services.preferences.current.text_scale + step
        self.change_setting(text_scale=min(200, max(100, scale)))

    def discard(self) -> None:
        """Close it and remember nothing of it."""
        self._remembers = False
        self.close()
        self.deleteLater()

    def answer_call(self, said: Call) -> None:
        """Somebody started Stonechat again, perhaps with files."""
        if said.talk:
            self.press_talk(said.token)
            self.release_talk()
            return
        self.raise_it(said.token)
        self.take_files(said.files)

    def press_talk(self, token: str = "") -> None:
        """The talk key went down, somewhere on the desktop. A hands-free conversation listens anyway."""
        self.raise_it(token)
        chat = self.workspace.chat
        if self._stack.currentWidget() is self.workspace and not chat.hands_free.active:
            self.workspace.show_page(chat)
            chat.composing.press_talk_key()

    def release_talk(self) -> None:
        self.workspace.chat.composing.release_talk_key()

    def take_files(self, files: tuple[Path, ...]) -> None:
        """Into the conversation, as if they were dropped; after the first steps, where those are still shown."""
        self._brought += files
        if self._brought and self._stack.currentWidget() is self.workspace:
            brought, self._brought = self._brought, ()
            self.workspace.take_files(brought)

    def raise_it(self, token: str = "") -> None:
        """To the front. Under Wayland that needs a token from whom the person pressed."""
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token  # Qt takes it from there for the next request
        self.showNormal() if self.isMinimized() else self.show()
        self.raise_()
        self.activateWindow()

    def leave(self) -> None:
        """Quit, also where closing only hides."""
        self.prepare_to_leave()
        self.close()

    def prepare_to_leave(self) -> None:
        """The next closing is for good: the person quits, or the session ends."""
        self._leaves = True

    def live_on_desktop(self, *, hidden: bool = False) -> None:
        """Tray, talk key and start at login, as the settings say. `hidden`: wait in the tray, if there is one."""
        from desktop_app.ui.desktop.presence import Presence

        self._presence = Presence(self)
        self._presence.begin()
        if hidden and self._presence.can_hide:
            self.hide()

    # -- inside --------------------------------------------------------------------------------------------------

    def _entries(self) -> tuple[Entry, ...]:
        """What the window can do, what the conversation can do, and the conversations themselves."""
        offered = [action for action in self.actions_registry.all() if action.palette and action.enabled()]
        offered.sort(key=lambda action: not action.id.startswith(("window.", "page.")))
        return (*(self._entry(action) for action in offered), *self.workspace.entries())

    def _entry(self, action: Action) -> Entry:
        return Entry(
            title=action.title,
            group=action.group,
            keys=action.keys,
            icon=action.icon,
            run=lambda: self.actions_registry.run(action.id),
        )

    def _leave_onboarding(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(self.workspace)
        self._stack.removeWidget(page)
        page.deleteLater()
        self.change_setting(first_run_done=True)
        self.workspace.refresh_model()
        self.workspace.chat.focus_composer()
        self.take_files(())

    def _restore_geometry(self) -> None:
        kept = QByteArray.fromBase64(self.services.preferences.current.window_geometry.encode())
        if kept.isEmpty() or not self.restoreGeometry(kept):
            self.resize(*USUAL_SIZE)

    def _keep_state(self) -> None:
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.change_setting(window_geometry=geometry, last_conversation=self.workspace.chat.current_id or "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_by_enter(event):
            super().keyPressEvent(event)

    def _wait_in_tray(self) -> bool:
        """Hide instead of closing, where that is wanted and possible."""
        presence = self._presence
        if self._leaves or not self._remembers or presence is None or not presence.keeps_running:
            return False
        self._keep_state()
        self.hide()
        if not self.services.preferences.current.tray_told:
            presence.say_where_it_is()
            self.change_setting(tray_told=True)
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._wait_in_tray():
            event.ignore()
            return
        if self._remembers:
            self._keep_state()
        self.appearance.stop()
        self.closing.emit()
        self.workspace.chat.close_down()
        self.lanes.close()
        super().closeEvent(event)
        self.closed.emit()
