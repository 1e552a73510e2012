"""All adapters, newest first, with what happened to each and what it changed on the same questions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from desktop_app.domain.adapters import Adapter
from desktop_app.ui import file_dialogs
from desktop_app.ui.personalize import words
from desktop_app.ui.personalize.cards import Card, emptied, side_by_side
from desktop_app.ui.personalize.presenter import PageState, PersonalizePresenter
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, rule, spaced

MOST_SHOWN = 12


class TimelineCard(Card):
    def __init__(self, presenter: PersonalizePresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.heading.setText(self.tr("Adapters so far"))
        self._presenter = presenter
        self._changes: dict[str, tuple[tuple[str, str, str], ...]] = {}
        self._state: PageState | None = None
        self.empty = label(self.tr("There are none yet."), "muted")
        self.lines = QVBoxLayout()
        spaced(self.lines, theme, spacing=3)
        self.take_in = button(self.tr("Import an adapter"), "secondary", self._import)
        self.inside.addWidget(self.empty)
        self.inside.addLayout(self.lines)
        self.row(self.take_in)
        presenter.state_found.connect(self.show_state)
        presenter.compared.connect(self._on_compared)

    def show_state(self, state: PageState) -> None:
        self._state = state
        emptied(self.lines)
        shown = state.adapters[:MOST_SHOWN]
        self.empty.setVisible(not shown)
        for place, adapter in enumerate(shown):
            if place:
                self.lines.addWidget(rule())
            self.lines.addWidget(self._line(adapter, state))

    def _line(self, adapter: Adapter, state: PageState) -> QWidget:
        line = QWidget()
        column = QVBoxLayout(line)
        spaced(column, self.theme, spacing=1)
        name = words.name_of(adapter)
        line.setAccessibleName(f"{name}: {words.state_of(adapter)}")
        column.addWidget(label(f"{name}: {words.state_of(adapter)}", "strong", wrap=True))
        for event in [event for event in state.timeline if event.adapter_id == adapter.id][:3]:
            column.addWidget(label(words.happened(event), "muted", wrap=True))
        for question, before, after in self._changes.get(adapter.id, ()):
            column.addWidget(label(question, "strong", wrap=True))
            column.addWidget(label(self.tr("Before: {text}").format(text=before), wrap=True))
            column.addWidget(label(self.tr("After: {text}").format(text=after), wrap=True))
        column.addLayout(self._buttons(adapter, name, fits=adapter.lineage.base_sha256 == state.base_sha256))
        return line

    def _buttons(self, adapter: Adapter, name: str, *, fits: bool) -> QLayout:
        usable = adapter.usable
        actions: list[tuple[str, Callable[[], None], bool]] = [
            (self.tr("Use"), lambda: self._presenter.use(adapter), usable and fits and adapter.state != "active"),
            (self.tr("Report"), lambda: self._presenter.show_report(adapter.id), adapter.state not in ("candidate",)),
            (self.tr("Before and after"), lambda: self._presenter.compare(adapter.id), usable),
            (self.tr("Export"), lambda: self._export(adapter), usable),
            (self.tr("Remove"), lambda: self._presenter.remove(adapter.id), adapter.state != "removed"),
        ]
        buttons = [button(text, "secondary", run) for text, run, offered in actions if offered]
        for made in buttons:
            made.setAccessibleName(f"{made.text()}: {name}")
        return side_by_side(self.theme, *buttons)

    def _on_compared(self, adapter_id: str, changes: tuple[tuple[str, str, str], ...]) -> None:
        self._changes[adapter_id] = changes
        if self._state is not None:
            self.show_state(self._state)

    def _export(self, adapter: Adapter) -> None:
        target = file_dialogs.save_file(
            self, self.tr("Export the adapter"), f"stonechat-adapter-{adapter.id[:12]}.zip", self.tr("Adapters (*.zip)")
        )
        if target is not None:
            self._presenter.export(adapter.id, target)

    def _import(self) -> None:
        source = file_dialogs.open_file(self, self.tr("Import an adapter"), self.tr("Adapters (*.zip)"))
        if source is not None:
            self._presenter.take_in(source)
