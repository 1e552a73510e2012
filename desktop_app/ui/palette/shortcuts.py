"""The page of keyboard shortcuts, made from the actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app.ui.actions import Action, ActionRegistry
from desktop_app.ui.overlay import Overlay
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import icon_button, label, spaced


class Shortcuts(Overlay):
    """Built anew each time it opens, so that it always tells the truth."""

    def __init__(self, actions: ActionRegistry, theme: Theme, window: QWidget) -> None:
        super().__init__(theme, window, width_steps=150)
        self.setAccessibleName(self.tr("Keyboard shortcuts"))
        self._actions = actions
        spaced(self.column, theme, margins=(4, 4, 4, 4), spacing=3)
        self.column.addLayout(self._build_head())
        self._area = QScrollArea(self.card)
        self._area.setProperty("kind", "reading")
        self._area.setWidgetResizable(True)
        self._area.setAccessibleName(self.tr("Keyboard shortcuts"))
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._area.viewport().setAutoFillBackground(False)
        self.column.addWidget(self._area, 1)

    def open(self) -> None:
        page = self._build_page()
        self._area.setWidget(page)
        page.setAutoFillBackground(False)
        most = self.behind.height() * 6 // 10
        self._area.setMinimumHeight(min(page.sizeHint().height(), most))
        super().open()
        self._area.setFocus()

    def _build_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        spaced(row, self._theme, margins=(3, 0, 0, 0))
        row.addWidget(label(self.tr("Keyboard shortcuts"), "heading", parent=self.card), 1)
        row.addWidget(icon_button(self.tr("Close"), "x", self._theme, self.close_it, parent=self.card))
        return row

    def _build_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        spaced(column, self._theme, margins=(3, 3, 4, 3), spacing=5)
        for group, actions in self._by_group().items():
            column.addLayout(self._build_group(group, actions))
        column.addStretch(1)
        return page

    def _by_group(self) -> dict[str, list[Action]]:
        groups: dict[str, list[Action]] = {}
        for action in self._actions.all():
            if action.shortcut:
                groups.setdefault(action.group, []).append(action)
        return groups

    def _build_group(self, group: str, actions: list[Action]) -> QGridLayout:
        grid = QGridLayout()
        spaced(grid, self._theme, spacing=2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(label(group, "caption"), 0, 0, 1, 2)
        for row, action in enumerate(actions, start=1):
            grid.addWidget(label(action.title), row, 0)
            keys = label(action.keys, "keys")
            keys.setAccessibleName(f"{action.title}: {action.keys}")
            grid.addWidget(keys, row, 1, Qt.AlignmentFlag.AlignRight)
        return grid
