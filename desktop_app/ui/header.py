"""The line above a conversation: its name, and the model that answers, here on this computer."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop_app.ui.actions import ActionRegistry
from desktop_app.ui.elided_label import ElidedLabel
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, follow, icon_button, reword, spaced, tip, wear

HEIGHT_STEPS = 14


class Header(QFrame):
    """While the sidebar is away its two most wanted buttons stand here."""

    def __init__(self, theme: Theme, actions: ActionRegistry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._leads_to = "window.models"
        self.setProperty("kind", "header")
        row = QHBoxLayout(self)
        spaced(row, theme, margins=(4, 2, 4, 2), spacing=2)
        follow(theme, self, lambda: self.setMinimumHeight(theme.space(HEIGHT_STEPS)))
        self._show_sidebar = icon_button(
            self.tr("Show the sidebar"), "square-half", theme, lambda: actions.run("window.sidebar"), parent=self
        )
        self._new = icon_button(
            self.tr("New conversation"), "note-pencil", theme, lambda: actions.run("window.new"), parent=self
        )
        self._title = ElidedLabel(self)
        self._title.setProperty("kind", "strong")
        self._model = button("", "chip", lambda: actions.run(self._leads_to), parent=self)
        wear(self._model, theme, "cpu", steps=4.5)
        self._programs = icon_button(
            self.tr("Other programs may ask. Open the settings"),
            "share-network",
            theme,
            lambda: actions.run("page.settings"),
            parent=self,
        )
        for widget in (self._show_sidebar, self._new):
            row.addWidget(widget)
        row.addWidget(self._title, 1)
        row.addWidget(self._programs)
        row.addWidget(self._model)
        self.show_programs(False)
        self.set_sidebar_shown(True)
        self.show_model("")

    @property
    def tab_stops(self) -> tuple[QWidget, ...]:
        return self._show_sidebar, self._new, self._programs, self._model

    def set_sidebar_shown(self, shown: bool) -> None:
        self._show_sidebar.setVisible(not shown)
        self._new.setVisible(not shown)

    def show_programs(self, listening: bool) -> None:
        """Whether other programs of this computer may ask."""
        self._programs.setVisible(listening)

    def show_title(self, title: str) -> None:
        self._title.show_text(title)

    def show_model(self, title: str, adapter: str = "") -> None:
        """The model in use, with the adapter's strength if there is one; an empty title: none is installed."""
        text = title or self.tr("No model yet")
        if adapter:
            text = self.tr("%1, personalized %2").replace("%1", title).replace("%2", adapter)
        reword(self._model, text)
        self._leads_to = "page.settings" if title else "window.models"
        name = self.tr("Model: %1. Open the settings") if title else self.tr("%1. Fetch the models")
        self._model.setAccessibleName(name.replace("%1", text))
        words = self.tr("%1 answers, on this computer").replace("%1", title) if title else self.tr("Fetch the models")
        self._model.setToolTip(tip(words))
