"""Asks where a model file on another disk is to be kept: copied here, or used from where it is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.services.model_import import Wanted
from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.library import words
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, spaced


class Placing(QFrame):
    """`chosen(wanted, place)`. Goes away once something is pressed."""

    chosen = Signal(object, str)

    def __init__(self, wanted: Wanted, bytes_: int, theme: Theme) -> None:
        super().__init__()
        self._wanted = wanted
        self.setProperty("kind", "card")
        column = QVBoxLayout(self)
        spaced(column, theme, margins=(5, 4, 5, 4), spacing=2)
        title = self.tr("%1 is on another disk. Where is it to be kept?").replace("%1", wanted.path.name)
        self.setAccessibleName(title)
        column.addWidget(label(title, "strong", wrap=True))
        text = self.tr("Used from its place it takes no room here, but the model is gone whenever that disk is.")
        column.addWidget(label(text, "muted", wrap=True))
        holder = QWidget()
        line = FlowLayout(holder, spacing=theme.space(2))
        copy = self.tr("Copy it here (%1)").replace("%1", words.size(bytes_))
        first = button(copy, "secondary", lambda: self._choose("copy"))
        line.addWidget(first)
        line.addWidget(button(self.tr("Use it from its place"), "secondary", lambda: self._choose("in_place")))
        line.addWidget(button(self.tr("Leave it"), "ghost", self._close))
        column.addWidget(holder)
        self.setFocusProxy(first)

    def _choose(self, place: str) -> None:
        self._close()
        self.chosen.emit(self._wanted, place)

    def _close(self) -> None:
        self.hide()
        self.deleteLater()
