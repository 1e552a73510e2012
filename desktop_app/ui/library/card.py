"""One model: what it is, whether it fits, and what can be done with it. The details are made when asked for."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout

from desktop_app.domain.measurements import Measurement
from desktop_app.domain.model_fit import Verdict
from desktop_app.domain.model_specs import FetchProgress
from desktop_app.ui.library.presenter import Row
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, picture, spaced

MEGABYTE = 1_000_000
ICONS: dict[Verdict, tuple[str, str]] = {
    "fits": ("check-circle", "success"),
    "slow": ("warning", "warning"),
    "wont_fit": ("x-circle", "danger"),
}


class ModelCard(QFrame):
    """Emits what the person wants; knows nothing of the library."""

    fetch = Signal()
    pause = Signal()
    use = Signal()
    remove = Signal()
    measure = Signal()

    def __init__(self, row: Row, theme: Theme) -> None:
        super().__init__()
        self.row = row
        self._theme = theme
        self._since: tuple[float, int] | None = None
        self.setProperty("kind", "card")
        self.setAccessibleName(row.title)
        self.buttons: list[QPushButton] = []
        self._details: QFrame | None = None
        self._open = False
        self._measure: QPushButton | None = None
        self._build()

    # -- what changes --------------------------------------------------------------------------------------------

    def show_fetching(self, on: bool) -> None:
        self.bar.setVisible(on)
        self.state.setVisible(on)
        for made in self.buttons:
            made.setVisible((made is self._pause) == on or made is self._more)
        if not on:
            self._since = None

    def show_progress(self, step: FetchProgress, seconds: float) -> None:
        """`seconds` is a clock that never goes back."""
        self.bar.setRange(0, 1000 if step.total else 0)
        self.bar.setValue(round(1000 * step.done / step.total) if step.total else 0)
        self._since = self._since or (seconds, step.done)
        self.state.setText(self._told(step, seconds))

    def show_measuring(self, on: bool) -> None:
        if self._measure is not None:
            self._measure.setEnabled(not on)
            self._measure.setText(self.tr("Measuring…") if on else self.tr("Measure"))

    def _told(self, step: FetchProgress, seconds: float) -> str:
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
            "converting": self.tr("Converting"),
            "ready": self.tr("Ready"),
        }
        return names.get(stage, stage)

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._column = QVBoxLayout(self)
        spaced(self._column, self._theme, margins=(5, 4, 5, 4), spacing=2)
        head = QHBoxLayout()
        spaced(head, self._theme, spacing=2)
        head.addWidget(label(self.row.title, "strong", wrap=True), 1)
        icon, token = ICONS[self.row.fit.verdict]
        head.addWidget(picture(self._theme, icon, token, 4.5))
        head.addWidget(label(self.verdict(), "small"))
        self._column.addLayout(head)
        if self.row.summary:
            self._column.addWidget(label(self.row.summary, "lead", wrap=True))
        self._column.addWidget(label(self._facts(), "muted", wrap=True))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Download of %1").replace("%1", self.row.title))
        self.state = label("", "muted", wrap=True)
        self._column.addWidget(self.bar)
        self._column.addWidget(self.state)
        self._column.addLayout(self._build_buttons())
        self.show_fetching(False)

    def _build_buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        spaced(line, self._theme, spacing=2)
        row = self.row
        self._pause = self._button(self.tr("Pause"), "secondary", self.pause.emit)
        if not row.installed:
            self._button(self.tr("Fetch"), "secondary", self.fetch.emit)
        elif not row.in_use and not row.automatic:
            self._button(self.tr("Use"), "secondary", self.use.emit)
        if row.installed and row.role == "language":
            self._measure = self._button(self.tr("Measure"), "ghost", self.measure.emit)
        if row.installed and not row.automatic:
            self._button(self.tr("Remove"), "ghost", self.remove.emit)
        self._more = self._button(self.tr("Details"), "ghost", self.toggle)
        for made in self.buttons:
            line.addWidget(made)
        line.addStretch(1)
        return line

    def _button(self, text: str, kind: str, run: object) -> QPushButton:
        made = button(text, kind, run)  # type: ignore[arg-type]
        made.setAccessibleName(f"{text}: {self.row.title}")
        self.buttons.append(made)
        return made

    def verdict(self) -> str:
        names = {"fits": self.tr("Fits"), "slow": self.tr("May be slow"), "wont_fit": self.tr("Won't fit")}
        return names[self.row.fit.verdict]

    def _facts(self) -> str:
        row = self.row
        parts = [self.tr("%1 MB").replace("%1", f"{row.bytes / MEGABYTE:,.0f}")]
        if row.sees:
            parts.append(self.tr("sees pictures"))
        if row.languages:
            many = "multi" in row.languages
            parts.append(self.tr("many languages") if many else ", ".join(row.languages))
        if row.licence:
            parts.append(row.licence)
        if row.measured:
            speed = f"{row.measured.answer_per_s:.0f}"
            parts.append(self.tr("%1 tokens a second here").replace("%1", speed))
        if row.in_use:
            parts.append(self.tr("in use"))
        if row.recommended:
            parts.append(self.tr("recommended for this computer"))
        if row.added:
            parts.append(self.tr("added by you"))
        return " · ".join(parts)

    # -- the details ---------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Show or hide the arithmetic and where the model comes from."""
        if self._details is None:
            self._details = self._build_details()
            self._column.addWidget(self._details)
        self._open = not self._open
        self._details.setVisible(self._open)
        self._more.setText(self.tr("Fewer details") if self._open else self.tr("Details"))
        self._more.setAccessibleName(f"{self._more.text()}: {self.row.title}")

    def _build_details(self) -> QFrame:
        box = QFrame()
        box.setProperty("kind", "well")
        grid = QGridLayout(box)
        spaced(grid, self._theme, margins=(4, 3, 4, 3), spacing=1)
        for place, (name, value) in enumerate(self._arithmetic()):
            grid.addWidget(label(name, "small", wrap=True), place, 0)
            number = label(value, "small")
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(number, place, 1)
        if self.row.origin:
            grid.addWidget(label(self.row.origin, "muted", wrap=True), grid.rowCount(), 0, 1, 2)
        return box

    def _arithmetic(self) -> list[tuple[str, str]]:
        fit = self.row.fit
        lines = [
            (self.tr("Weights"), fit.weights),
            (self.tr("Eyes"), fit.projector),
            (self.tr("Memory of the context"), fit.cache),
            (self.tr("Program and buffers"), fit.overhead),
            (self.tr("Together"), fit.needed),
            (self.tr("Free on this computer now"), fit.free),
        ]
        told = [(name, self.tr("%1 MB").replace("%1", f"{value / MEGABYTE:,.0f}")) for name, value in lines if value]
        if self.row.measured:
            told += self._measured(self.row.measured)
        elif fit.tokens_per_s:
            about = self.tr("about %1 tokens a second").replace("%1", f"{fit.tokens_per_s:.0f}")
            told.append((self.tr("Speed, estimated"), about))
        return told

    def _measured(self, found: Measurement) -> list[tuple[str, str]]:
        per_s, megabytes = self.tr("%1 tokens a second"), f"{found.memory_bytes / MEGABYTE:,.0f}"
        return [
            (self.tr("Writes, measured"), per_s.replace("%1", f"{found.answer_per_s:.0f}")),
            (self.tr("Reads, measured"), per_s.replace("%1", f"{found.prompt_per_s:.0f}")),
            (self.tr("First token, measured"), self.tr("%1 ms").replace("%1", f"{found.first_token_ms:.0f}")),
            (self.tr("Memory, measured"), self.tr("%1 MB").replace("%1", megabytes)),
            (self.tr("Perplexity of a fixed text (lower is better)"), f"{found.perplexity:.1f}"),
        ]
