"""What the window itself can do, as actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop_app.ui.actions import Action, ActionRegistry
from desktop_app.ui.pages import page_actions

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

SCALE_STEP = 10
MODELS_STEP = 2


def register(registry: ActionRegistry, window: MainWindow) -> None:
    for action in (
        *_conversations(window),
        *_view(window),
        *page_actions(window.workspace.open_page),
        *_help(window),
    ):
        registry.add(action)


def _conversations(window: MainWindow) -> tuple[Action, ...]:
    group, work = _tr("Conversations"), window.workspace
    # fmt: off
    return (
        Action(id="window.new", title=_tr("New conversation"), icon="note-pencil", shortcut="Ctrl+N", group=group,
            run=lambda: work.open_conversation(None)),
        Action(id="window.search", title=_tr("Search all conversations"), icon="magnifying-glass", shortcut="Ctrl+F",
            group=group, run=work.focus_search),
        Action(id="window.list", title=_tr("Go to the list of conversations"), icon="list-bullets", shortcut="Ctrl+J",
            group=group, run=work.focus_list),
        Action(id="window.above", title=_tr("Conversation above"), icon="caret-up", shortcut="Ctrl+PgUp", group=group,
            run=lambda: work.open_beside(-1)),
        Action(id="window.below", title=_tr("Conversation below"), icon="caret-down", shortcut="Ctrl+PgDown",
            group=group, run=lambda: work.open_beside(1)),
        Action(id="window.rename", title=_tr("Rename the conversation"), icon="pencil-simple", shortcut="F2",
            group=group, run=work.rename, enabled=work.has_conversation),
        Action(id="window.delete", title=_tr("Delete the conversation"), icon="trash", group=group,
            run=work.sidebar.delete_open, enabled=work.has_conversation),
    )
    # fmt: on


def _view(window: MainWindow) -> tuple[Action, ...]:
    group, work, change = _tr("View"), window.workspace, window.change_setting
    # fmt: off
    return (
        Action(id="window.palette", title=_tr("Command palette"), icon="command", shortcut="Ctrl+K", group=group,
            run=window.open_palette, palette=False),
        Action(id="window.sidebar", title=_tr("Show or hide the sidebar"), icon="square-half", shortcut="Ctrl+B",
            group=group, run=work.toggle_sidebar),
        Action(id="window.notices", title=_tr("Go to the notice"), icon="bell", shortcut="F8", group=group,
            run=work.notices.focus, enabled=lambda: bool(work.notices.shown)),
        Action(id="view.larger", title=_tr("Larger text"), icon="magnifying-glass-plus", shortcut="Ctrl+=", group=group,
            run=lambda: window.scale_by(SCALE_STEP)),
        Action(id="view.smaller", title=_tr("Smaller text"), icon="magnifying-glass-minus", shortcut="Ctrl+-",
            group=group, run=lambda: window.scale_by(-SCALE_STEP)),
        Action(id="view.usual", title=_tr("Usual text size"), icon="text-aa", shortcut="Ctrl+0", group=group,
            run=lambda: change(text_scale=100)),
        Action(id="view.light", title=_tr("Light colours"), icon="sun", group=group, run=lambda: change(theme="light")),
        Action(id="view.dark", title=_tr("Dark colours"), icon="moon", group=group, run=lambda: change(theme="dark")),
        Action(id="view.contrast", title=_tr("High contrast"), icon="circle-half", group=group,
            run=lambda: change(theme="high_contrast")),
        Action(id="view.system", title=_tr("Colours as the system"), icon="desktop", group=group,
            run=lambda: change(theme="system")),
    )
    # fmt: on


def _help(window: MainWindow) -> tuple[Action, ...]:
    group = _tr("Help")
    # fmt: off
    return (
        Action(id="window.shortcuts", title=_tr("Keyboard shortcuts"), icon="keyboard", shortcut="F1", group=group,
            run=window.open_shortcuts),
        Action(id="window.welcome", title=_tr("Welcome and set-up"), icon="hand-waving", group=group,
            run=window.open_onboarding),
        Action(id="window.models", title=_tr("Fetch the models"), icon="download-simple", group=group,
            run=lambda: window.open_onboarding(MODELS_STEP)),
        Action(id="window.show", title=_tr("Show Stonechat"), icon="app-window", group=group, run=window.raise_it,
            palette=False),
        Action(id="window.quit", title=_tr("Quit Stonechat"), icon="sign-out", shortcut="Ctrl+Q", group=group,
            run=window.leave),
    )
    # fmt: on


def _tr(text: str) -> str:
    return QCoreApplication.translate("ShellActions", text)
