"""What the project made for its own tests: shown to those who ask, offered to nobody."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from desktop_app.domain.model_specs import OwnEyes
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, spaced

MEGABYTE = 1_000_000


class DeveloperSection(QFrame):
    """Folded until its button is pressed; `opened` asks for `show_eyes`."""

    opened = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._column = QVBoxLayout(self)
        spaced(self._column, theme, spacing=2)
        self.button = button(self.tr("For developers"), "ghost", self._toggle)
        self._column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.list = QFrame()
        self.list.setProperty("kind", "card")
        self.list.hide()
        self._column.addWidget(self.list)

    def show_eyes(self, found: tuple[OwnEyes, ...]) -> None:
        """Once."""
        inside = QVBoxLayout(self.list)
        spaced(inside, self._theme, margins=(5, 4, 5, 4), spacing=2)
        words = self.tr(
            "The project's own test eyes. They know drawn shapes, some emoji and digits, nothing of photographs, and"
            " are never used for your questions. To try them in a terminal: %1"
        )
        inside.addWidget(label(words.replace("%1", "stonechat demo --eyes"), "lead", wrap=True))
        for eyes in found:
            size = self.tr("%1 MB").replace("%1", f"{eyes.bytes / MEGABYTE:.1f}")
            inside.addWidget(label(f"{eyes.title} · {size} · {eyes.file}", "muted", wrap=True))

    def _toggle(self) -> None:
        shown = self.list.isHidden()
        self.list.setVisible(shown)
        self.button.setText(self.tr("Hide what is for developers") if shown else self.tr("For developers"))
        if shown and self.list.layout() is None:
            self.opened.emit()
