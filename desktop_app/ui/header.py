"""The line above a conversation: its name, and the model that answers, here on this computer."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from desktop_app.ui.actions import ActionRegistry
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, follow, icon_button, reword, spaced, wear

HEIGHT_STEPS = 14


class ElidedLabel(QLabel):
    """One line of plain text, shortened at its end where there is no room; the tool tip has all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str) -> None:
        self._full = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._elide()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, self.width()))


class Header(QFrame):
    """While the sidebar is away its two most wanted buttons stand here."""

    def __init__(self, theme: Theme, actions: ActionRegistry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        self._model = button("", "chip", lambda: actions.run("window.settings"), parent=self)
        wear(self._model, theme, "cpu", steps=4.5)
        for widget in (self._show_sidebar, self._new):
            row.addWidget(widget)
        row.addWidget(self._title, 1)
        row.addWidget(self._model)
        self.set_sidebar_shown(True)
        self.show_model("")

    def set_sidebar_shown(self, shown: bool) -> None:
        self._show_sidebar.setVisible(not shown)
        self._new.setVisible(not shown)

    def show_title(self, title: str) -> None:
        self._title.show_text(title)

    def show_model(self, title: str) -> None:
        """The model in use; an empty title means that none is installed."""
        text = title or self.tr("No model yet")
        reword(self._model, text)
        self._model.setAccessibleName(self.tr("Model: %1. Open the settings").replace("%1", text))
        self._model.setToolTip(
            self.tr("%1 answers, on this computer").replace("%1", title) if title else self.tr("Choose a model")
        )
