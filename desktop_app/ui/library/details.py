"""The details of a model: how the verdict was computed, what was measured, where it is from, smaller forms of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from desktop_app.domain.model_forms import FORM_OF, Size, bytes_as, smaller_forms
from desktop_app.ui.library import words
from desktop_app.ui.library.rows import Row
from desktop_app.ui.preferences.choice import Segments
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, spaced

Lines = list[tuple[str, str]]


class Details(QFrame):
    """`shrink(size)`, `teach` and `stop`: what the person wants made of it."""

    shrink = Signal(str)
    teach = Signal()
    stop = Signal()

    def __init__(self, row: Row, theme: Theme) -> None:
        super().__init__()
        self._row = row
        self._theme = theme
        self.setProperty("kind", "well")
        self._column = QVBoxLayout(self)
        spaced(self._column, theme, margins=(4, 3, 4, 4), spacing=3)
        self._table(self.tr("How “%1” was computed").replace("%1", words.verdict(row)), words.arithmetic(row))
        if row.contexts:
            self._table(self.tr("Longer conversations take more memory"), words.contexts(row))
        if row.measured:
            self._table(self.tr("Measured on this computer"), words.measured(row.measured))
        said = " ".join(part for part in (row.origin, words.how_it_is_known(row)) if part)
        self._column.addWidget(label(said, "muted", wrap=True))
        if row.sha256:
            parts = " ".join(row.sha256[place : place + 16] for place in range(0, len(row.sha256), 16))
            sum_ = label(self.tr("Sum (SHA-256): %1").replace("%1", parts), "small", wrap=True)
            sum_.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._column.addWidget(sum_)
        self._go = button(self.tr("Make it"), "secondary", self._on_go)
        self._sizes = smaller_forms(row.form) if row.installed and row.role == "language" else ()
        self._running = ""
        self._lessons = button("", "secondary", self._on_teach)
        if row.teaches:
            self._column.addWidget(self._build_teaching())
        if self._sizes:
            self._column.addWidget(self._build_smaller())

    def show_work(self, what: str) -> None:
        """`what` is "shrinking", "teaching", or anything else for neither."""
        self._running = what
        self._go.setText(self.tr("Stop") if what == "shrinking" else self.tr("Make it"))
        self._go.setEnabled(what in ("shrinking", ""))
        begin = self.tr("Let it teach %1").replace("%1", self._row.teaches)
        self._lessons.setText(self.tr("Stop") if what == "teaching" else begin)
        self._lessons.setEnabled(what in ("teaching", ""))

    def _table(self, title: str, lines: Lines) -> None:
        grid = QGridLayout()
        spaced(grid, self._theme, spacing=1)
        grid.addWidget(label(title, "strong", wrap=True), 0, 0, 1, 2)
        for place, (name, value) in enumerate(lines, 1):
            grid.addWidget(label(name, "small", wrap=True), place, 0)
            number = label(value, "small")
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(number, place, 1)
        grid.setColumnStretch(0, 1)
        self._column.addLayout(grid)

    def _build_smaller(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        spaced(column, self._theme, spacing=2)
        column.addWidget(label(self.tr("Make a smaller form of it"), "strong", wrap=True))
        text = self.tr("It takes less memory and is quicker, and is added beside this one. Some minutes of work.")
        column.addWidget(label(text, "muted", wrap=True))
        choices = tuple((size, self._choice(size)) for size in self._sizes)
        self.sizes = Segments(self.tr("Size of the smaller form"), choices, self._theme, holder)
        self.sizes.show_value(self._sizes[-1])
        self.sizes.chosen.connect(self._on_chosen)
        column.addWidget(self.sizes)
        self._cost = label("", "muted", wrap=True)
        column.addWidget(self._cost)
        column.addWidget(self._go, 0, Qt.AlignmentFlag.AlignLeft)
        self._on_chosen(self._sizes[-1])
        return holder

    def _build_teaching(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        spaced(column, self._theme, spacing=2)
        column.addWidget(label(self.tr("Let a smaller model learn from it"), "strong", wrap=True))
        text = self.tr("It answers your own earlier questions. “Personalize” learns from that as from your ratings.")
        column.addWidget(label(text, "muted", wrap=True))
        column.addWidget(self._lessons, 0, Qt.AlignmentFlag.AlignLeft)
        return holder

    def _on_teach(self) -> None:
        if self._running:
            self.stop.emit()
        else:
            self.teach.emit()

    def _choice(self, size: Size) -> str:
        about = words.size(bytes_as(size, self._row.form, self._row.fit.weights))
        return self.tr("%1, about %2").replace("%1", words.name_of(size)).replace("%2", about)

    def _on_chosen(self, size: Size) -> None:
        lost = words.loss(FORM_OF[size])
        self._cost.setText(self.tr("Expected: %1. Both are measured afterwards.").replace("%1", lost))

    def _on_go(self) -> None:
        if self._running:
            self.stop.emit()
        else:
            self.shrink.emit(self.sizes.value)
