"""What a person can do, as data: menus, shortcuts, the palette and the shortcut page are all made from this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QWidget


def always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`shortcut` in Qt's portable spelling ("Ctrl+K"), or empty. `palette` False: not offered in the palette."""

    id: str
    title: str
    run: Callable[[], None]
    icon: str = ""
    shortcut: str = ""
    group: str = ""
    enabled: Callable[[], bool] = always
    palette: bool = True

    @property
    def keys(self) -> str:
        """The shortcut as this platform writes it."""
        return QKeySequence(self.shortcut).toString(QKeySequence.SequenceFormat.NativeText)


class ActionRegistry(QObject):
    """Every action, once. `icons` turns an icon's name into a picture for the menus; `ran(id)`: one was done."""

    refreshed = Signal()
    ran = Signal(str)

    def __init__(self, icons: Callable[[str], QIcon] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._actions: dict[str, Action] = {}
        self._window: QWidget | None = None

    def add(self, action: Action) -> None:
        """Raises ValueError when the id or the shortcut is taken, or the shortcut is none."""
        if action.id in self._actions:
            raise ValueError(f"there are two actions {action.id}")
        keys = QKeySequence(action.shortcut)
        if action.shortcut and keys.isEmpty():
            raise ValueError(f"{action.id}: {action.shortcut} is no shortcut")
        taken = [
            other.id for other in self._actions.values() if other.shortcut and QKeySequence(other.shortcut) == keys
        ]
        if action.shortcut and taken:
            raise ValueError(f"{action.id}: {action.shortcut} belongs to {taken[0]}")
        self._actions[action.id] = action
        if self._window is not None:
            self._give_shortcut(action)

    def all(self) -> tuple[Action, ...]:
        return tuple(self._actions.values())

    def find(self, action_id: str) -> Action:
        return self._actions[action_id]

    def run(self, action_id: str) -> None:
        """Do it, unless it cannot be done now."""
        action = self._actions[action_id]
        if action.enabled():
            action.run()
            self.ran.emit(action_id)
            self.refresh()

    def refresh(self) -> None:
        """Have menus and shortcuts ask again what can be done."""
        self.refreshed.emit()

    def qaction(self, action_id: str, parent: QObject) -> QAction:
        """For a menu. It shows the shortcut and leaves the key itself to the window."""
        action = self._actions[action_id]
        text = f"{action.title}\t{action.keys}" if action.shortcut else action.title
        made = _RegistryAction(self, action, text, parent)
        if self._icons and action.icon:
            made.setIcon(self._icons(action.icon))
        return made

    def bind(self, window: QWidget) -> None:
        """Give every shortcut, also of actions that come later, to `window`."""
        self._window = window
        for action in self._actions.values():
            self._give_shortcut(action)

    def _give_shortcut(self, action: Action) -> None:
        if action.shortcut and self._window is not None:
            made = _RegistryAction(self, action, action.title, self._window)
            made.setShortcut(QKeySequence(action.shortcut))
            made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            self._window.addAction(made)


class _RegistryAction(QAction):
    """A QAction that knows when its action can be done."""

    def __init__(self, registry: ActionRegistry, action: Action, text: str, parent: QObject) -> None:
        super().__init__(text, parent)
        self._action = action
        self.setObjectName(action.id)
        self.setMenuRole(QAction.MenuRole.NoRole)
        self.triggered.connect(lambda: registry.run(action.id))
        registry.refreshed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        self.setEnabled(self._action.enabled())
