"""One setting on the page: what it is and does on the left, how to change it on the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.ui.preferences.choice import DropDown, Segments
from desktop_app.ui.preferences.notes import Note
from desktop_app.ui.preferences.number import NumberControl
from desktop_app.ui.preferences.presenter import Row, SettingsPresenter, has_found_choices
from desktop_app.ui.preferences.switch import Switch
from desktop_app.ui.preferences.words import Line, Lines
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow, icon_button, label, spaced

CONTROL_STEPS = 72
WORDS_STEPS = 50
FEW = 4


class SettingRow(QFrame):
    """Keeps itself in step with the presenter. Where the page is narrow the control stands below the words."""

    def __init__(self, row: Row, presenter: SettingsPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self._presenter = presenter
        self._theme = theme
        self.control = self._build_control()
        self.control.setAccessibleDescription(row.option.help)
        self._build()
        self._show(presenter.value(row.name))
        presenter.changed.connect(self._on_changed)
        presenter.choices_found.connect(self._on_choices)
        presenter.note_found.connect(self._on_note)

    def matches(self, words: str) -> bool:
        text = f"{self.row.option.title} {self.row.option.help} {self.row.option.group}".casefold()
        return all(word in text for word in words.casefold().split())

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        spaced(self._line, self._theme, margins=(5, 4, 4, 4), spacing=4)
        self._line.addLayout(self._build_words(), 1)
        self._aside = QHBoxLayout()
        spaced(self._aside, self._theme, spacing=1)
        self._aside.addStretch(1)
        self._aside.addWidget(self.control, 0, Qt.AlignmentFlag.AlignVCenter)
        self._aside.addWidget(self._build_reset(), 0, Qt.AlignmentFlag.AlignVCenter)
        self._aside.addStretch(0)
        self._line.addLayout(self._aside)
        follow(self._theme, self, self._arrange)

    def _build_words(self) -> QVBoxLayout:
        column = QVBoxLayout()
        spaced(column, self._theme, spacing=0.5)
        column.addStretch(1)
        title = label(self.row.option.title, "strong", wrap=True, parent=self)
        title.setBuddy(self.control)
        column.addWidget(title)
        column.addWidget(label(self.row.option.help, "muted", wrap=True, parent=self))
        self._note = label("", "small", wrap=True, parent=self)
        self._note.hide()
        column.addWidget(self._note)
        column.addStretch(1)
        return column

    def _build_reset(self) -> QWidget:
        name = self.tr("Reset “%1”").replace("%1", self.row.option.title)
        self._reset = icon_button(name, "arrow-counter-clockwise", self._theme, self._to_default, parent=self)
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        return self._reset

    def _build_control(self) -> Any:
        row, option = self.row, self.row.option
        match row.kind:
            case "switch":
                made: Any = Switch(self._theme, self)
                made.setAccessibleName(option.title)
                made.toggled.connect(self._choose)
                return made
            case "choice" if has_found_choices(row.name) or len(option.choices) > FEW:
                made = DropDown(option.title, self._theme, self)
                made.offer(option.choices or ((self._presenter.value(row.name), "…"),), self._presenter.value(row.name))
            case "choice":
                made = Segments(option.title, option.choices, self._theme, self)
            case "number":
                made = NumberControl(option, isinstance(row.default, int), self._theme, self)
            case "lines":
                made = Lines(option.title, self._theme, self)
            case _:
                made = Line(option.title, self)
        made.chosen.connect(self._choose)
        return made

    # -- keeping in step -----------------------------------------------------------------------------------------

    def _choose(self, value: Any) -> None:
        self._presenter.change(self.row.name, value)

    def _to_default(self) -> None:
        self._choose(self.row.default)
        self.control.setFocus()

    def _show(self, value: Any) -> None:
        if isinstance(self.control, Switch):
            self.control.setChecked(value)
        else:
            self.control.show_value(value)
        self._reset.setVisible(value != self.row.default)

    def _on_changed(self, name: str, value: Any) -> None:
        if name == self.row.name:
            self._show(value)

    def _on_choices(self, name: str, choices: tuple[tuple[Any, str], ...]) -> None:
        if name == self.row.name:
            self.control.offer(choices, self._presenter.value(name))

    def _on_note(self, name: str, note: Note) -> None:
        if name == self.row.name:
            self._note.setText(note.text)
            self._note.show()
            self.control.setEnabled(note.enabled)
            self.control.setAccessibleDescription(f"{self.row.option.help} {note.text}")

    def _arrange(self) -> None:
        """Beside the words where both have room, else below them."""
        segments = self.control if isinstance(self.control, Segments) else None
        wanted = segments.width_in_a_row() if segments else self._theme.space(CONTROL_STEPS)
        room = self.width() - self._theme.space(10) - self._reset.sizeHint().width()
        below = self.row.kind == "lines" or room - wanted < self._theme.space(WORDS_STEPS)
        direction = QBoxLayout.Direction.TopToBottom if below else QBoxLayout.Direction.LeftToRight
        self._line.setDirection(direction)
        self._aside.setStretch(0, 0 if below else 1)
        self._aside.setStretch(self._aside.count() - 1, 1 if below else 0)
        if not segments and self.row.kind != "switch":
            self.control.setFixedWidth(min(wanted, room) if self.row.kind != "lines" else room)

    def minimumSizeHint(self) -> QSize:
        """Narrow is fine: `_arrange` then puts the control below the words."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
