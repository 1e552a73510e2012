"""A card of the page: one model, or one in several sizes. What it is, whether it fits, what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop_app.domain.model_fit import Verdict
from desktop_app.domain.model_specs import FetchProgress
from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.library import words
from desktop_app.ui.library.details import Details
from desktop_app.ui.library.rows import Row, shown_first
from desktop_app.ui.preferences.choice import Segments
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, picture, spaced

MEGABYTE = 1_000_000
ICONS: dict[Verdict, tuple[str, str]] = {
    "fits": ("check-circle", "success"),
    "slow": ("warning", "warning"),
    "wont_fit": ("x-circle", "danger"),
}


class ModelCard(QFrame):
    """Emits what the person wants, for the size that is shown as `row`; knows nothing of the library."""

    fetch = Signal(str)
    pause = Signal(str)
    use = Signal(str)
    remove = Signal(str)
    measure = Signal(str)
    shrink = Signal(str, str)  # model id, size
    teach = Signal(str)
    stop = Signal(str)

    def __init__(self, rows: tuple[Row, ...], theme: Theme) -> None:
        super().__init__()
        self.rows = rows
        self.row = shown_first(rows)
        self._theme = theme
        self._since: tuple[float, int] | None = None
        self._busy: dict[str, str] = {}  # by model id: fetching, measuring or shrinking
        self._open = False
        self._body: QWidget | None = None
        self.setProperty("kind", "card")
        self.setAccessibleName(self.row.title)
        self._outside = QVBoxLayout(self)
        self._outside.setContentsMargins(0, 0, 0, 0)
        self._build()

    # -- what changes --------------------------------------------------------------------------------------------

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """New facts about the same models; nothing is built anew where nothing that shows has changed."""
        same = len(rows) == len(self.rows) and all(a.looks_like(b) for a, b in zip(self.rows, rows, strict=True))
        self.rows = rows
        self.row = next((row for row in rows if row.id == self.row.id), shown_first(rows))
        if same:
            return
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self.isAncestorOf(focused)
        self._build()
        if had_focus:
            self.focus()

    def show_busy(self, model_id: str, what: str) -> None:
        """`what` is "fetching", "measuring", "shrinking", "teaching", or "" when it is over."""
        self._busy[model_id] = what
        self._since = None
        self._show_what_goes()

    def show_progress(self, step: FetchProgress, seconds: float) -> None:
        """`seconds` is a clock that never goes back."""
        if step.model_id != self.row.id:
            return
        self.bar.setRange(0, 1000 if step.total else 0)
        self.bar.setValue(round(1000 * min(1.0, step.done / step.total)) if step.total else 0)
        self._since = self._since or (seconds, step.done)
        self.state.setText(self._told(step, seconds))

    def focus(self) -> None:
        next(made for made in self.buttons if not made.isHidden()).setFocus()

    def _told(self, step: FetchProgress, seconds: float) -> str:
        if step.stage == "teaching":
            written = self.tr("%1 of %2 questions answered")
            return written.replace("%1", str(step.done)).replace("%2", str(step.total))
        done, total = step.done // MEGABYTE, step.total // MEGABYTE
        sizes = self.tr("%1 of %2 MB").replace("%1", str(done)).replace("%2", str(total))
        if step.stage != "fetching" or self._since is None:
            return f"{self._stage(step.stage)}, {sizes}" if step.total else self._stage(step.stage)
        spent, came = seconds - self._since[0], step.done - self._since[1]
        if spent < 1 or came <= 0:
            return sizes
        speed = came / spent
        left = self._duration((step.total - step.done) / speed)
        return (
            self.tr("%1, %2 MB a second, %3 left")
            .replace("%1", sizes)
            .replace("%2", f"{speed / MEGABYTE:.1f}")
            .replace("%3", left)
        )

    def _duration(self, seconds: float) -> str:
        if seconds < 90:
            return self.tr("%1 s").replace("%1", str(round(seconds)))
        return self.tr("%1 min").replace("%1", str(round(seconds / 60)))

    def _stage(self, stage: str) -> str:
        names = {
            "waiting": self.tr("Waiting for another Stonechat"),
            "fetching": self.tr("Fetching"),
            "checking": self.tr("Checking"),
            "unpacking": self.tr("Unpacking"),
            "converting": self.tr("Making it smaller"),
            "measuring": self.tr("Measuring what it cost"),
            "ready": self.tr("Ready"),
        }
        return names.get(stage, stage)

    def _show_what_goes(self) -> None:
        what = self._busy.get(self.row.id, "")
        moving = what in ("fetching", "shrinking", "teaching")
        self.bar.setVisible(moving)
        self.state.setVisible(moving)
        for made in self.buttons:
            hidden = (what == "fetching") != (made is self._pause) and made is not self._more
            made.setVisible(not hidden)
        if self._measure is not None:
            self._measure.setEnabled(not what)
            self._measure.setText(self.tr("Measuring…") if what == "measuring" else self.tr("Measure"))
        if self._details is not None:
            self._details.show_work(what)

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        if self._body is not None:
            self._outside.removeWidget(self._body)
            self._body.hide()
            self._body.deleteLater()
        self.buttons: list[QPushButton] = []
        self._details: Details | None = None
        self._measure: QPushButton | None = None
        body = self._body = QWidget(self)
        self._column = QVBoxLayout(body)
        spaced(self._column, self._theme, margins=(5, 4, 5, 4), spacing=2)
        self._column.addLayout(self._build_head())
        if self.row.summary:
            self._column.addWidget(label(self.row.summary, "lead", wrap=True))
        if len(self.rows) > 1:
            self._column.addWidget(self._build_sizes())
        self._column.addWidget(label(words.facts(self.row), "muted", wrap=True))
        if cost := words.compared(self.row):
            self._column.addWidget(label(cost, "muted", wrap=True))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of %1").replace("%1", self.row.title))
        self.state = label("", "muted", wrap=True)
        self._column.addWidget(self.bar)
        self._column.addWidget(self.state)
        self._column.addWidget(self._build_buttons())
        self._outside.addWidget(body)
        self._show_what_goes()
        if self._open:
            self._open = False
            self.toggle()

    def _build_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        spaced(head, self._theme, spacing=2)
        names = QVBoxLayout()
        spaced(names, self._theme, spacing=0.5)
        names.addWidget(label(self.row.title, "strong", wrap=True))
        if marks := words.marks(self.row):
            names.addWidget(label(" · ".join(marks), "accent", wrap=True))
        head.addLayout(names, 1)
        icon, token = ICONS[self.row.fit.verdict]
        head.addWidget(picture(self._theme, icon, token, 4.5))
        head.addWidget(label(words.verdict(self.row), "small"))
        return head

    def _build_sizes(self) -> Segments:
        choices = tuple((row.id, f"{words.name_of(row.size)}, {words.size(row.bytes)}") for row in self.rows)
        name = self.tr("Size of %1").replace("%1", self.row.title)
        self.sizes = Segments(name, choices, self._theme, self)
        self.sizes.show_value(self.row.id)
        self.sizes.chosen.connect(self._choose)
        return self.sizes

    def _choose(self, model_id: str) -> None:
        if model_id == self.row.id:
            return
        had_focus = self.sizes.isAncestorOf(self.focusWidget() or self)
        self.row = next(row for row in self.rows if row.id == model_id)
        self._build()
        if had_focus:
            self.sizes.focus()

    def _build_buttons(self) -> QWidget:
        holder = QWidget()
        line = FlowLayout(holder, spacing=self._theme.space(2))
        row = self.row
        self._pause = self._button(self.tr("Pause"), "secondary", self.pause)
        if not row.installed:
            self._button(self.tr("Fetch"), "secondary", self.fetch)
        elif not row.in_use and not row.automatic:
            self._button(self.tr("Use"), "secondary", self.use)
        if row.installed and row.role == "language":
            self._measure = self._button(self.tr("Measure"), "ghost", self.measure)
        if row.installed and not row.automatic:
            self._button(self.tr("Remove"), "ghost", self.remove)
        self._more = button(self.tr("Details"), "ghost", self.toggle)
        self._more.setAccessibleName(f"{self._more.text()}: {row.title}")
        self.buttons.append(self._more)
        for made in self.buttons:
            line.addWidget(made)
        return holder

    def _button(self, text: str, kind: str, wish: object) -> QPushButton:
        made = button(text, kind, lambda: wish.emit(self.row.id))  # type: ignore[attr-defined]
        made.setAccessibleName(f"{text}: {self.row.title}")
        self.buttons.append(made)
        return made

    def toggle(self) -> None:
        """Show or hide the arithmetic, where the model comes from, and the making of a smaller form."""
        if self._details is None:
            self._details = Details(self.row, self._theme)
            self._details.shrink.connect(lambda size: self.shrink.emit(self.row.id, size))
            self._details.teach.connect(lambda: self.teach.emit(self.row.id))
            self._details.stop.connect(lambda: self.stop.emit(self.row.id))
            self._details.show_work(self._busy.get(self.row.id, ""))
            self._column.addWidget(self._details)
        self._open = not self._open
        self._details.setVisible(self._open)
        self._more.setText(self.tr("Fewer details") if self._open else self.tr("Details"))
        self._more.setAccessibleName(f"{self._more.text()}: {self.row.title}")
