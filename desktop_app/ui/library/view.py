"""The page of models: by what they are for, those that are here first. Model files can be dropped on it.

Cards are made as far as somebody looks, so that a long list opens as quickly as a short one.
"""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop_app.domain.model_specs import FetchProgress, ModelRole
from desktop_app.services.model_import import Wanted
from desktop_app.ui import file_dialogs
from desktop_app.ui.announce import announce
from desktop_app.ui.library.card import ModelCard
from desktop_app.ui.library.developer import DeveloperSection
from desktop_app.ui.library.placing import Placing
from desktop_app.ui.library.presenter import LibraryPresenter
from desktop_app.ui.library.rows import ROLES, Row, together
from desktop_app.ui.page import Page, PageTools
from desktop_app.ui.widgets import button, label, spaced

AT_ONCE = 8
"""Cards that are made before the window draws again."""
AHEAD_SCREENS = 1.5
"""Cards are made down to this far below what is seen, and as soon as the focus comes near the last one."""


class LibraryPage(Page):
    def __init__(self, tools: PageTools, parent: QWidget | None = None) -> None:
        super().__init__(tools, self.tr("Models"), self.tr("Close the models"), parent)
        self.setAcceptDrops(True)
        self.presenter = LibraryPresenter(tools.services, tools.lanes, self)
        self.cards: dict[str, ModelCard] = {}  # by model id; sizes of one model share a card
        self._waiting: list[tuple[Row, ...]] = []
        self._sections: dict[ModelRole, _Section] = {}
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
        words = self.tr(
            "Models answer, hear and speak for you, on this computer only. Drop a model file (GGUF) here to add one."
        )
        line.addWidget(label(words, "lead", wrap=True), 1)
        self.add_button = button(self.tr("Add a file"), "secondary", self._ask)
        line.addWidget(self.add_button)
        self.column.addLayout(line)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Adding a model"))
        self.bar.hide()
        self.column.addWidget(self.bar)
        self._asking = QVBoxLayout()
        self.column.addLayout(self._asking)
        for role in ROLES:
            self._sections[role] = _Section(self._heading(role), self.tools)
            self.column.addLayout(self._sections[role].column)
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
        presenter.work_changed.connect(self._on_work)
        presenter.adding_changed.connect(self._on_adding)
        presenter.added.connect(self._on_added)
        presenter.far.connect(self._on_far)
        presenter.own_listed.connect(self.developer.show_eyes)
        self.developer.opened.connect(presenter.list_own)
        presenter.failed.connect(notices.error)
        bar = self.area.verticalScrollBar()
        bar.valueChanged.connect(self._look_ahead)
        bar.rangeChanged.connect(self._look_ahead)

    def _look_ahead(self, *_: int) -> None:
        if self._waiting and not self._later.isActive() and self._wants_more():
            self._later.start(0)

    def _wants_more(self) -> bool:
        bar = self.area.verticalScrollBar()
        near_the_end = bar.value() + bar.pageStep() * AHEAD_SCREENS >= bar.maximum()
        last = list(self.cards.values())[-3:]
        return near_the_end or any(card.isAncestorOf(self.focusWidget() or self) for card in last)

    def _make_some(self) -> None:
        for group in self._waiting[:AT_ONCE]:
            self._make(group)
        del self._waiting[:AT_ONCE]
        self._order_focus()
        self._look_ahead()

    def _order_focus(self) -> None:
        """What is made later comes later by Tab: the section for developers is put behind the last card again."""
        last = next(reversed(self.cards.values()))
        stops = [each for each in last.findChildren(QWidget) if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
        QWidget.setTabOrder(stops[-1], self.developer.button)

    def _make(self, group: tuple[Row, ...]) -> None:
        card, presenter = ModelCard(group, self.tools.theme), self.presenter
        card.fetch.connect(presenter.fetch)
        card.pause.connect(presenter.pause)
        card.use.connect(lambda model_id: presenter.use(card.row.role, model_id))
        card.measure.connect(presenter.measure)
        card.shrink.connect(presenter.shrink)
        card.teach.connect(presenter.teach)
        card.stop.connect(presenter.stop)
        card.remove.connect(lambda _: self._remove(card.row))
        for row in group:
            self.cards[row.id] = card
            card.show_busy(row.id, presenter.what_goes_on(row.id))
        self._sections[group[0].role].take(card)

    def _keep_in_sight(self, old: QWidget | None, new: QWidget | None) -> None:
        super()._keep_in_sight(old, new)
        self._look_ahead()

    # -- what happens --------------------------------------------------------------------------------------------

    def _on_listed(self, rows: tuple[Row, ...]) -> None:
        """Cards whose models are the same stay, in their new place; those of models that are gone go."""
        groups = together(rows)
        before, self.cards = self.cards, {}
        made = len({id(card) for card in before.values()})
        for section in self._sections.values():
            section.empty()
        self._waiting = []
        for place, group in enumerate(groups):
            card = next((before[row.id] for row in group if row.id in before), None)
            if card is not None:
                card.show_rows(group)
                self._sections[group[0].role].take(card)
                self.cards.update((row.id, card) for row in group)
            elif place < max(made, AT_ONCE):
                self._make(group)
            else:
                self._waiting.append(group)
        kept = {id(card) for card in self.cards.values()}
        for card in before.values():
            if id(card) not in kept:
                card.hide()
                card.deleteLater()
        self._look_ahead()

    def _on_fetching(self, model_id: str, on: bool) -> None:
        if model_id in self.cards:
            card = self.cards[model_id]
            card.show_busy(model_id, "fetching" if on else "")
            words = self.tr("Fetching %1") if on else self.tr("The download of %1 has ended")
            announce(self, words.replace("%1", card.row.title))

    def _on_measuring(self, model_id: str, on: bool) -> None:
        if model_id in self.cards:
            self.cards[model_id].show_busy(model_id, "measuring" if on else "")

    def _on_work(self, model_id: str, what: str) -> None:
        if model_id in self.cards:
            card = self.cards[model_id]
            card.show_busy(model_id, what)
            begun = {"shrinking": self.tr("Making %1 smaller"), "teaching": self.tr("%1 answers your questions")}
            words = begun.get(what, self.tr("The work on %1 has ended"))
            announce(self, words.replace("%1", card.row.title))

    def _on_progress(self, step: FetchProgress) -> None:
        if step.model_id in self.cards:
            self.cards[step.model_id].show_progress(step, time.monotonic())
        elif not self.bar.isHidden():
            self.bar.setRange(0, 1000 if step.total and step.done < step.total else 0)
            self.bar.setValue(round(1000 * step.done / step.total) if step.total else 0)

    def _on_far(self, wanted: Wanted, bytes_: int) -> None:
        """A file on another disk: the person says where it is to be."""
        asking = Placing(wanted, bytes_, self.tools.theme)
        asking.chosen.connect(self.presenter.add)
        self._asking.addWidget(asking)
        asking.setFocus()

    def _on_added(self, model_id: str, title: str) -> None:
        text = self.tr("%1 has been added.").replace("%1", title)
        self.tools.notices.info(text, self.tr("Use it"), lambda: self.presenter.use("language", model_id))

    def _on_adding(self, on: bool) -> None:
        self.bar.setVisible(on)
        self.add_button.setText(self.tr("Stop") if on else self.tr("Add a file"))

    def _ask(self) -> None:
        if not self.bar.isHidden():
            self.presenter.stop_adding()
            return
        self.presenter.offer(file_dialogs.open_files(self, self.tr("Add a model"), self.tr("Models (*.gguf)"))[:2])

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
        if files := _models_in(event):
            event.acceptProposedAction()
            self.presenter.offer(files[:2])


class _Section:
    """The cards of one role; its title is hidden while there are none."""

    def __init__(self, title: str, tools: PageTools) -> None:
        self.column = QVBoxLayout()
        spaced(self.column, tools.theme, spacing=2)
        self._title = label(title, "heading")
        self._title.hide()
        self.column.addWidget(self._title)

    def take(self, card: ModelCard) -> None:
        self.column.addWidget(card)
        self._title.show()

    def empty(self) -> None:
        """The cards stay alive."""
        while self.column.count() > 1:
            self.column.takeAt(1)
        self._title.hide()


def _models_in(event: QDropEvent) -> tuple[Path, ...]:
    urls = event.mimeData().urls()
    return tuple(Path(url.toLocalFile()) for url in urls if url.toLocalFile().lower().endswith(".gguf"))
