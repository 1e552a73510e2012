"""Under the switch for other programs: whether something listens, where, and the token they need."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.errors import AppError
from desktop_app.services.other_programs import OtherPrograms
from desktop_app.ui.announce import announce
from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, spaced

HIDDEN = "•" * 16


class OtherProgramsPanel(QFrame):
    """`failed(AppError)`: it could not begin. What happens may come from any thread."""

    failed = Signal(object)
    _told = Signal(object)

    def __init__(self, programs: OtherPrograms, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._programs = programs
        column = QVBoxLayout(self)
        spaced(column, theme, margins=(5, 4, 5, 4), spacing=2)
        self.state = label("", "strong", wrap=True, parent=self)
        column.addWidget(self.state)
        self.token = label("", "detail", wrap=True, parent=self)
        self.token.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.token)
        holder = QWidget(self)
        line = FlowLayout(holder, spacing=theme.space(2))
        self.show_button = button(self.tr("Show the token"), "secondary", self._toggle, parent=holder)
        line.addWidget(self.show_button)
        copies = ((self.tr("Copy the token"), self._copy_token), (self.tr("Copy the address"), self._copy_address))
        self.copy_token, self.copy_address = (button(text, "ghost", run, parent=holder) for text, run in copies)
        self.renew = button(self.tr("New token"), "ghost", self._renew, parent=holder)
        for made in (self.copy_token, self.copy_address, self.renew):
            line.addWidget(made)
        column.addWidget(holder)
        self._shown = False
        self._told.connect(self._on_told)
        stop = programs.watch(self._told.emit)
        self.destroyed.connect(lambda: stop())
        self._refresh()

    def _on_told(self, problem: AppError | None) -> None:
        self._refresh()
        announce(self, self.state.text())
        if problem is not None:
            self.failed.emit(problem)

    def _refresh(self) -> None:
        address = self._programs.address
        on = self.tr("On: programs ask at %1").replace("%1", address)
        self.state.setText(on if address else self.tr("Off: nothing listens."))
        self.copy_address.setEnabled(bool(address))
        self.token.setText(self._programs.token() if self._shown else HIDDEN)
        self.show_button.setText(self.tr("Hide the token") if self._shown else self.tr("Show the token"))

    def _toggle(self) -> None:
        self._shown = not self._shown
        self._refresh()

    def _copy_token(self) -> None:
        QGuiApplication.clipboard().setText(self._programs.token())
        announce(self, self.tr("The token has been copied."))

    def _copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self._programs.address)
        announce(self, self.tr("The address has been copied."))

    def _renew(self) -> None:
        self._programs.renew()
        self._refresh()
        announce(self, self.tr("There is a new token; the old one no longer works."))
