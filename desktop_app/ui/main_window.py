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
        if said.token:
            os.environ["XDG_ACTIVATION_TOKEN"] = said.token  # Qt takes it from there for the next request
        self.raise_it()
        self.take_files(said.files)

    def take_files(self, files: tuple[Path, ...]) -> None:
        """Into the conversation, as if they were dropped; after the first steps, where those are still shown."""
        self._brought += files
        if self._brought and self._stack.currentWidget() is self.workspace:
            brought, self._brought = self._brought, ()
            self.workspace.take_files(brought)

    def raise_it(self) -> None:
        """To the front."""
        self.showNormal() if self.isMinimized() else self.show()
        self.raise_()
        self.activateWindow()

    def leave(self) -> None:
        self.close()

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

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._remembers:
            self._keep_state()
        self.appearance.stop()
        self.closing.emit()
        self.workspace.chat.close_down()
        self.lanes.close()
        super().closeEvent(event)
        self.closed.emit()
