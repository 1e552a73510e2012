"""The page of models: by what they are for, those that are here first. A model file can be dropped on it."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop_app.domain.model_specs import FetchProgress, ModelRole
from desktop_app.ui import file_dialogs
from desktop_app.ui.announce import announce
from desktop_app.ui.library.card import ModelCard
from desktop_app.ui.library.developer import DeveloperSection
from desktop_app.ui.library.presenter import ROLES, LibraryPresenter, Row
from desktop_app.ui.page import Page, PageTools
from desktop_app.ui.widgets import button, label, spaced

AT_ONCE = 12
"""Cards that are made before the window draws again; the others follow when there is time."""


class LibraryPage(Page):
    def __init__(self, tools: PageTools, parent: QWidget | None = None) -> None:
        super().__init__(tools, self.tr("Models"), self.tr("Close the models"), parent)
        self.setAcceptDrops(True)
        self.presenter = LibraryPresenter(tools.services, tools.lanes, self)
        self.cards: dict[str, ModelCard] = {}
        self._waiting: list[Row] = []
        self._sections: dict[ModelRole, QVBoxLayout] = {}
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._make_some)
        self._fill()
        self._connect()

    def begin(self) -> None:
        super().begin()
        self.presenter.refresh()
        self.add_button.setFocus()

    # -- building ------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        line = QHBoxLayout()
        spaced(line, self.tools.theme, spacing=4)
        words = self.tr("Each model is kept on this computer. Drop a GGUF file here to add your own.")
        line.addWidget(label(words, "lead", wrap=True), 1)
        self.add_button = button(self.tr("Add a file"), "secondary", self._ask)
        line.addWidget(self.add_button)
        self.column.addLayout(line)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Adding a model"))
        self.bar.hide()
        self.column.addWidget(self.bar)
        for role in ROLES:
            section = QVBoxLayout()
            spaced(section, self.tools.theme, spacing=2)
            section.addWidget(label(self._heading(role), "heading"))
            self._sections[role] = section
            self.column.addLayout(section)
        self.developer = DeveloperSection(self.tools.theme)
        self.column.addWidget(self.developer)

    def _heading(self, role: ModelRole) -> str:
        names = {
            "language": self.tr("Answers"),
            "hearing": self.tr("Hears"),
            "voice": self.tr("Speaks"),
            "labels": self.tr("Names what a photo shows"),
        }
        return names[role]

    def _connect(self) -> None:
        presenter, notices = self.presenter, self.tools.notices
        presenter.listed.connect(self._on_listed)
        presenter.progressed.connect(self._on_progress)
        presenter.fetching_changed.connect(self._on_fetching)
        presenter.measuring_changed.connect(self._on_measuring)
        presenter.adding_changed.connect(self._on_adding)
        presenter.own_listed.connect(self.developer.show_eyes)
        self.developer.opened.connect(presenter.list_own)
        presenter.added.connect(lambda title: notices.info(self.tr("%1 has been added.").replace("%1", title)))
        presenter.failed.connect(notices.error)

    def _make_some(self) -> None:
        for row in self._waiting[:AT_ONCE]:
            self._make(row)
        del self._waiting[:AT_ONCE]
        if self._waiting:
            self._later.start(0)

    def _make(self, row: Row) -> None:
        card = ModelCard(row, self.tools.theme)
        card.fetch.connect(lambda: self.presenter.fetch(row.id))
        card.pause.connect(lambda: self.presenter.pause(row.id))
        card.use.connect(lambda: self.presenter.use(row.role, row.id))
        card.measure.connect(lambda: self.presenter.measure(row.id))
        card.remove.connect(lambda: self._remove(row))
        card.show_fetching(self.presenter.is_fetching(row.id))
        self.cards[row.id] = card
        self._sections[row.role].addWidget(card)

    # -- what happens --------------------------------------------------------------------------------------------

    def _on_listed(self, rows: tuple[Row, ...]) -> None:
        focused = next((one.row.id for one in self.cards.values() if one.isAncestorOf(self.focusWidget() or self)), "")
        for card in self.cards.values():
            card.hide()
            card.deleteLater()
        self.cards.clear()
        self._waiting = list(rows)
        self._make_some()
        while focused and focused not in self.cards and self._waiting:
            self._make_some()
        if focused in self.cards:
            next(made for made in self.cards[focused].buttons if not made.isHidden()).setFocus()

    def _on_fetching(self, model_id: str, on: bool) -> None:
        if model_id in self.cards:
            card = self.cards[model_id]
            card.show_fetching(on)
            words = self.tr("Fetching %1") if on else self.tr("The download of %1 has ended")
            announce(self, words.replace("%1", card.row.title))

    def _on_measuring(self, model_id: str, on: bool) -> None:
        if model_id in self.cards:
            self.cards[model_id].show_measuring(on)

    def _on_progress(self, step: FetchProgress) -> None:
        if step.model_id in self.cards:
            self.cards[step.model_id].show_progress(step, time.monotonic())
        else:
            self.bar.setRange(0, 1000 if step.total else 0)
            self.bar.setValue(round(1000 * step.done / step.total) if step.total else 0)

    def _on_adding(self, on: bool) -> None:
        self.bar.setVisible(on)
        self.add_button.setText(self.tr("Stop") if on else self.tr("Add a file"))

    def _ask(self) -> None:
        if not self.bar.isHidden():
            self.presenter.stop_adding()
            return
        found = file_dialogs.open_file(self, self.tr("Add a model"), self.tr("Models (*.gguf)"))
        if found:
            self.presenter.add(found)

    def _remove(self, row: Row) -> None:
        """Asks by offering: nothing is removed until the notice's button is pressed."""
        size = f"{row.bytes / 1_000_000:,.0f}"
        words = self.tr("Remove %1 and free %2 MB?").replace("%1", row.title).replace("%2", size)
        self.tools.notices.info(words, self.tr("Remove"), lambda: self.presenter.remove(row.id))
        self.tools.notices.focus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _models_in(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in _models_in(event)[:1]:
            event.acceptProposedAction()
            self.presenter.add(path)


def _models_in(event: QDropEvent) -> list[Path]:
    urls = event.mimeData().urls()
    return [Path(url.toLocalFile()) for url in urls if url.toLocalFile().lower().endswith(".gguf")]
