"""The page "What is recorded": how much, what just now, everything to look at, and every metric with its reason."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.domain.consent import Level
from desktop_app.domain.metrics import Metric, Registry
from desktop_app.services.telemetry import UsageState
from desktop_app.services.usage_recorder import Recorded
from desktop_app.ui.file_dialogs import save_file
from desktop_app.ui.page import Page, PageTools
from desktop_app.ui.usage.export import ExportCard
from desktop_app.ui.usage.level import LevelCard
from desktop_app.ui.usage.lines import Lines
from desktop_app.ui.usage.metric_row import MetricRow
from desktop_app.ui.usage.presenter import UsagePresenter
from desktop_app.ui.widgets import label, rule, spaced

LOOK_MS = 1000
AT_ONCE = 6
"""So many metrics are put on the page before the window gets a turn."""


class UsagePage(Page):
    def __init__(self, tools: PageTools, parent: QWidget | None = None) -> None:
        super().__init__(tools, self.tr("What is recorded"), self.tr("Close what is recorded"), parent)
        self.presenter = UsagePresenter(tools.services.usage, tools.lanes, self)
        self.level = LevelCard(tools.theme, self)
        self.live = Lines(self.tr("Recorded just now"), tools.theme, 44, self)
        self.export = ExportCard(tools.theme, self)
        self._nothing = label("", "muted", wrap=True, parent=self)
        self._state: UsageState | None = None
        self._registry: Registry | None = None
        self._waiting: deque[Metric] = deque()
        self._eye = QTimer(self, interval=LOOK_MS)
        self._fill = QTimer(self, interval=0)
        self._build_page()
        self._connect()

    def begin(self) -> None:
        super().begin()
        self.presenter.refresh()
        self.presenter.look()
        self._eye.start()
        if self._registry is None:
            self.presenter.find_registry()

    def leave(self) -> None:
        self._eye.stop()

    def agree(self, level: Level) -> None:
        """Make a level so; what the person sees is what they agree to."""
        said = f"{self.level.state.text()}\n{self.level.meaning.text()}"
        self.presenter.choose(level, said)
        if level == "off":
            self.export.forget()
        self.tools.services.preferences.change(usage_asked=True)

    # -- building ------------------------------------------------------------------------------------------------

    def _build_page(self) -> None:
        lead = self.tr(
            "Counts and times of how Stonechat is used, in a file on this computer. Never what you write, say or show."
        )
        self.column.addWidget(label(lead, "lead", wrap=True, parent=self))
        self.column.addWidget(self.level)
        self._add(self.tr("Recorded just now"), self._nothing, self.live)
        self._add(self.tr("Everything that is recorded"), self.export)
        self._metrics = QFrame(self)
        self._metrics.setProperty("kind", "card")
        self._listed = QVBoxLayout(self._metrics)
        self._listed.setContentsMargins(1, 0, 1, 1)
        self._listed.setSpacing(0)
        self._add(self.tr("Every metric, and what it is for"), self._metrics)

    def _add(self, title: str, *parts: QWidget) -> None:
        group = QWidget(self)
        column = QVBoxLayout(group)
        spaced(column, self.tools.theme, spacing=2)
        column.addWidget(label(title, "heading", parent=self))
        for part in parts:
            column.addWidget(part)
        self.column.addWidget(group)

    def _connect(self) -> None:
        presenter = self.presenter
        presenter.state_found.connect(self._show_state)
        presenter.registry_found.connect(self._show_registry)
        presenter.recent_found.connect(self._show_recent)
        presenter.export_shown.connect(self.export.show_bytes)
        presenter.saved.connect(self._on_saved)
        presenter.erased.connect(self._on_erased)
        presenter.failed.connect(self.tools.notices.error)
        self.level.chosen.connect(self.agree)
        self.level.pause_wanted.connect(lambda pause: presenter.pause() if pause else presenter.resume())
        self.level.delete_wanted.connect(presenter.delete)
        self.export.look_wanted.connect(presenter.show_export)
        self.export.save_wanted.connect(self._save)
        self._eye.timeout.connect(presenter.look)
        self._fill.timeout.connect(self._add_waiting)

    # -- what the presenter says ---------------------------------------------------------------------------------

    def _show_state(self, state: UsageState) -> None:
        news = self._state.news if self._state else None
        self._state = state
        self.level.show_state(state)
        if self._registry is not None and news != state.news:
            self._show_registry(self._registry)

    def _show_recent(self, recent: tuple[Recorded, ...]) -> None:
        self.live.rows.show_lines([_line(each) for each in recent])
        self.live.setVisible(bool(recent))
        self._nothing.setVisible(not recent)
        on = self.tools.services.usage.on
        self._nothing.setText(self.tr("Nothing yet.") if on else self.tr("Nothing is recorded."))

    def _show_registry(self, registry: Registry) -> None:
        """A few rows at a time: all at once would hold the window up."""
        self._registry = registry
        for old in self._metrics.findChildren(QWidget, "metric"):
            old.deleteLater()
        self._waiting = deque(registry.metrics.values())
        self._fill.start()

    def _add_waiting(self) -> None:
        news = self._state.news if self._state else ()
        for _ in range(min(AT_ONCE, len(self._waiting))):
            metric = self._waiting.popleft()
            for part in (rule(), MetricRow(metric, self.tools.theme, new=metric.name in news)):
                part.setObjectName("metric")
                self._listed.addWidget(part)
        if not self._waiting:
            self._fill.stop()

    def _save(self, shown: bytes) -> None:
        path: Path | None = save_file(
            self, self.tr("Save the record of use"), "stonechat-usage.jsonl", "JSON (*.jsonl)"
        )
        if path is not None:
            self.presenter.save_export(shown, path)

    def _on_saved(self, path: Path) -> None:
        self.tools.notices.info(self.tr("Saved: %1").replace("%1", str(path)))

    def _on_erased(self) -> None:
        self.export.forget()
        self.tools.notices.info(self.tr("Everything that was recorded is deleted."))


def _line(each: Recorded) -> str:
    details = " ".join(f"{name}={value}" for name, value in each.details.items())
    return f"{each.t_ms / 1000:9.1f} s  {each.name}  {details}".rstrip()
