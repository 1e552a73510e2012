"""The settings page: a card for each group, a row for each setting, a search over both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app.ui.jobs import Lanes
from desktop_app.ui.notices import Notices
from desktop_app.ui.preferences.presenter import SettingsPresenter
from desktop_app.ui.preferences.row import SettingRow
from desktop_app.ui.search_field import SearchField
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow, icon_button, label, rule, spaced

if TYPE_CHECKING:
    from desktop_app.services.services import Services

COLUMN_STEPS = 190
SEARCH_STEPS = 56


class SettingsPage(QWidget):
    """`closed`: the person is done with it."""

    closed = Signal()

    def __init__(
        self, services: Services, lanes: Lanes, theme: Theme, notices: Notices, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.presenter = SettingsPresenter(services, lanes, self)
        self.presenter.failed.connect(notices.error)
        self.rows: list[SettingRow] = []
        self._groups: list[tuple[QWidget, list[SettingRow]]] = []
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = SearchField(self.tr("Find a setting"), theme, self)
        self.search.textChanged.connect(self._filter)
        self._build()

    def begin(self) -> None:
        """Ready to find something."""
        self.area.verticalScrollBar().setValue(0)
        self.search.setFocus()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._in_middle(self._build_body()))
        column.addWidget(self.area, 1)

    def _in_middle(self, content: QWidget) -> QWidget:
        """`content` in a column of reading width, whatever the window."""
        holder = QWidget()
        holder.setProperty("kind", "page_body")
        holder.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(holder)
        spaced(row, self._theme, margins=(6, 0, 6, 0))
        row.addStretch(1)
        row.addWidget(content, 1000)
        row.addStretch(1)
        follow(self._theme, content, lambda: content.setMaximumWidth(self._theme.space(COLUMN_STEPS)))
        return holder

    def _build_head(self) -> QWidget:
        head = QWidget()
        row = QHBoxLayout(head)
        spaced(row, self._theme, margins=(0, 6, 0, 0), spacing=3)
        row.addWidget(label(self.tr("Settings"), "title"), 1)
        follow(self._theme, self.search, lambda: self.search.setMaximumWidth(self._theme.space(SEARCH_STEPS)))
        row.addWidget(self.search, 1)
        row.addWidget(icon_button(self.tr("Close the settings"), "x", self._theme, self.closed.emit, parent=self))
        return head

    def _build_body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        spaced(column, self._theme, margins=(0, 0, 0, 8), spacing=6)
        column.addWidget(self._build_head())
        for title, rows in self.presenter.groups().items():
            made = [SettingRow(row, self.presenter, self._theme) for row in rows]
            group = self._build_group(title, made)
            self.rows += made
            self._groups.append((group, made))
            column.addWidget(group)
        self._nothing = label(self.tr("No setting is called like that."), "lead")
        self._nothing.hide()
        column.addWidget(self._nothing)
        column.addStretch(1)
        return body

    def _build_group(self, title: str, rows: list[SettingRow]) -> QWidget:
        group = QWidget()
        column = QVBoxLayout(group)
        spaced(column, self._theme, spacing=2)
        column.addWidget(label(title, "heading"))
        card = QFrame()
        card.setProperty("kind", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.setSpacing(0)
        for place, row in enumerate(rows):
            if place:
                inside.addWidget(rule())
            inside.addWidget(row)
        column.addWidget(card)
        return group

    def _filter(self, words: str) -> None:
        for row in self.rows:
            row.setVisible(row.matches(words))
        for group, rows in self._groups:
            group.setVisible(any(row.matches(words) for row in rows))
        self._nothing.setVisible(not any(row.matches(words) for row in self.rows))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.presenter.look_for_choices()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
