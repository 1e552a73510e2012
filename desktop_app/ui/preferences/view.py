"""The settings page: a card for each group, a row for each setting, a search over both."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.errors import AppError
from desktop_app.ui.page import Page, PageTools
from desktop_app.ui.preferences.elsewhere import Elsewhere
from desktop_app.ui.preferences.hearing import HearingHelp
from desktop_app.ui.preferences.other_programs import OtherProgramsPanel
from desktop_app.ui.preferences.presenter import SettingsPresenter
from desktop_app.ui.preferences.row import SettingRow
from desktop_app.ui.search_field import SearchField
from desktop_app.ui.sound_test import SoundTest
from desktop_app.ui.widgets import follow, label, rule, spaced, tab_through

SEARCH_STEPS = 56


class SettingsPage(Page):
    def __init__(self, tools: PageTools, parent: QWidget | None = None) -> None:
        super().__init__(tools, self.tr("Settings"), self.tr("Close the settings"), parent)
        theme = self._theme = tools.theme
        self.presenter = SettingsPresenter(tools.services, tools.lanes, self)
        self.presenter.failed.connect(tools.notices.error)
        self.hearing = HearingHelp(tools, self)
        self.presenter.changed.connect(self.hearing.on_changed)
        self.rows: list[SettingRow] = []
        self._groups: list[tuple[QWidget, list[SettingRow]]] = []
        self.sound_test = SoundTest(tools.services.voice, tools.lanes, theme, self)
        self.other_programs = OtherProgramsPanel(tools.services.other_programs, theme, self)
        self.other_programs.failed.connect(self._on_programs_failed)
        self.search = SearchField(self.tr("Find a setting"), theme, self)
        self.search.textChanged.connect(self._filter)
        follow(theme, self.search, lambda: self.search.setMaximumWidth(theme.space(SEARCH_STEPS)))
        self.head.insertWidget(1, self.search, 1)
        tab_through(self.search, self.close_button)
        self._fill()

    def begin(self) -> None:
        """Ready to find something."""
        super().begin()
        self.search.setFocus()

    def leave(self) -> None:
        self.sound_test.stop()

    def _fill(self) -> None:
        for title, rows in self.presenter.groups().items():
            made = [SettingRow(row, self.presenter, self._theme) for row in rows]
            group = self._build_group(title, made)
            self.rows += made
            self._groups.append((group, made))
            self.column.addWidget(group)
        self._elsewhere = Elsewhere(self.tools, self)
        self.column.addWidget(self._elsewhere)
        self._nothing = label(self.tr("No setting is called like that."), "lead")
        self._nothing.hide()
        self.column.addWidget(self._nothing)

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
        if any(row.row.name == "microphone" for row in rows):
            inside.addWidget(rule())
            inside.addWidget(self.sound_test)
        if any(row.row.name == "endpoint" for row in rows):
            inside.addWidget(rule())
            inside.addWidget(self.other_programs)
        column.addWidget(card)
        return group

    def _on_programs_failed(self, error: AppError) -> None:
        self.presenter.change("endpoint", False)
        self.tools.notices.error(error)

    def _filter(self, words: str) -> None:
        for row in self.rows:
            row.setVisible(row.matches(words))
        for group, rows in self._groups:
            group.setVisible(any(row.matches(words) for row in rows))
        self._elsewhere.setVisible(self._elsewhere.matches(words))
        self._nothing.setVisible(not any(row.matches(words) for row in self.rows) and self._elsewhere.isHidden())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.presenter.look_for_choices()
        self.presenter.look_for_notes()
