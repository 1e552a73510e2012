"""The log of what changed: versions, the project's own notes, and the person's, which can be added and removed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_app.domain.insights import Change
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, icon_button, label, rule, spaced


class ChangesCard(QFrame):
    """`added(text)`, `removed(id)`."""

    added = Signal(str)
    removed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", "card")
        self.setAccessibleName(_tr("What changed"))
        column = QVBoxLayout(self)
        spaced(column, theme, margins=(5, 4, 5, 4), spacing=2)
        row = QHBoxLayout()
        spaced(row, theme, spacing=2)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(_tr("What did you change, and why?"))
        self.line.setAccessibleName(_tr("What did you change, and why?"))
        self.line.setMaxLength(500)
        self.line.returnPressed.connect(self._add)
        row.addWidget(self.line, 1)
        self._note = button(_tr("Note it"), "secondary", self._add, parent=self)
        row.addWidget(self._note)
        column.addLayout(row)
        self.stops: tuple[QWidget, ...] = (self.line, self._note)
        self._list = QVBoxLayout()
        spaced(self._list, theme, spacing=1)
        column.addLayout(self._list)

    def show_changes(self, changes: tuple[Change, ...]) -> None:
        while self._list.count():
            item = self._list.takeAt(0)
            if item is not None and (widget := item.widget()):
                widget.deleteLater()
        self.stops = (self.line, self._note)
        if not changes:
            self._list.addWidget(label(_tr("Nothing was noted in this time."), "muted", wrap=True, parent=self))
        for change in changes:
            self._list.addWidget(rule(self))
            self._list.addWidget(self._row(change))

    def _row(self, change: Change) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        spaced(row, self._theme, spacing=3)
        row.addWidget(label(change.day.isoformat(), "muted", parent=holder))
        row.addWidget(label(change.text, "body", wrap=True, parent=holder), 1)
        by = {"person": "", "team": _tr("Stonechat"), "version": _tr("version")}[change.source]
        if by:
            row.addWidget(label(by, "muted", parent=holder))
        else:
            name = _tr("Remove the note of %1").replace("%1", change.day.isoformat())
            remove = icon_button(name, "trash", self._theme, partial(self.removed.emit, change.id), parent=holder)
            row.addWidget(remove)
            self.stops += (remove,)
        return holder

    def _add(self) -> None:
        if text := self.line.text().strip():
            self.line.clear()
            self.added.emit(text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChangesCard", text)
