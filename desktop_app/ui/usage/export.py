"""Showing every byte of an export before it can be saved."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.theme import Theme
from desktop_app.ui.usage.lines import Lines
from desktop_app.ui.widgets import button, label, spaced


class ExportCard(QFrame):
    """`look_wanted()`; `save_wanted(the bytes that are shown)`."""

    look_wanted = Signal()
    save_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setAccessibleName(_tr("Everything, to look at and to keep"))
        self._shown = b""
        column = QVBoxLayout(self)
        spaced(column, theme, margins=(5, 4, 5, 4), spacing=3)
        words = _tr("Nothing leaves this computer by itself. To share it, look at it here, save it, and send the file.")
        column.addWidget(label(words, "muted", wrap=True, parent=self))
        self.lines = Lines(_tr("Every line of the export"), theme, 60, self)
        self.told = label("", "muted", wrap=True, parent=self)
        column.addWidget(self.lines)
        self.sha256 = QLineEdit(self)
        self.sha256.setReadOnly(True)
        self.sha256.setAccessibleName("SHA-256")
        column.addWidget(self.told)
        column.addWidget(self.sha256)
        holder = QWidget(self)
        flow = FlowLayout(holder, spacing=theme.space(2))
        self.look = button(_tr("Show everything"), "secondary", self.look_wanted.emit, parent=self)
        self.save = button(_tr("Save exactly this…"), "secondary", self._save, parent=self)
        flow.addWidget(self.look)
        flow.addWidget(self.save)
        column.addWidget(holder)
        self.forget()

    @property
    def shown(self) -> bytes:
        """What stands there."""
        return self._shown

    def show_bytes(self, shown: bytes, sha256: str) -> None:
        self._shown = shown
        lines = shown.decode().splitlines()
        self.lines.rows.show_lines(lines)
        self.lines.setVisible(bool(lines))
        self.save.setEnabled(bool(lines))
        self.told.setVisible(True)
        self.sha256.setVisible(bool(lines))
        if lines:
            words = _tr("%1 lines, %2 bytes, with this SHA-256:").replace("%1", str(len(lines)))
            self.told.setText(words.replace("%2", str(len(shown))))
            self.sha256.setText(sha256)
            self.sha256.home(False)
        else:
            self.told.setText(_tr("There is nothing."))

    def forget(self) -> None:
        """As before anybody looked."""
        self._shown = b""
        self.lines.rows.show_lines(())
        self.lines.hide()
        self.told.hide()
        self.sha256.hide()
        self.save.setEnabled(False)

    def _save(self) -> None:
        self.save_wanted.emit(self._shown)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ExportCard", text)
