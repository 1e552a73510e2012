"""A rule, or the proposal of one, with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from desktop_app.domain.rules import RULE_CHARACTERS
from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label


class RuleCard(QFrame):
    """Its words can be changed in place; `reworded(text)` when that is done."""

    reworded = Signal(str)

    def __init__(
        self,
        text: str,
        note: str,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setAccessibleName(text)
        self._text = text
        self.field = QLineEdit(text, self)
        self.field.setMaxLength(RULE_CHARACTERS)
        self.field.setAccessibleName(self.tr("The rule"))
        self.field.setCursorPosition(0)
        self.field.editingFinished.connect(self._say)
        self._row = FlowLayout(spacing=theme.space(1))
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(n) for n in (3, 3, 3, 2)))
        column.setSpacing(theme.space(1))
        column.addWidget(self.field)
        if note:
            column.addWidget(label(note, "muted", wrap=True, parent=self))
        column.addLayout(self._row)

    def offer(self, *deeds: tuple[str, Callable[[], None]]) -> None:
        """Buttons, each with what it does."""
        for title, run in deeds:
            self._row.addWidget(button(title, "ghost", run, parent=self))

    @property
    def words(self) -> str:
        return self.field.text()

    def _say(self) -> None:
        if self.words.strip() != self._text:
            self._text = self.words.strip()
            self.reworded.emit(self._text)
