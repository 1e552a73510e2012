"""Says in a small window of its own why Stonechat cannot open: what happened, what helps, the details."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.errors import AppError
from desktop_app.ui.brand import app_icon
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, follow, label, picture, spaced

WIDTH_STEPS = 120


class Refusal(QDialog):
    """Escape and the button close it."""

    def __init__(self, error: AppError, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle("Stonechat")
        self.setWindowIcon(app_icon())
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Stonechat cannot open"))
        self.setAccessibleDescription(f"{error.message} {error.remedy}")
        self._build(error)
        self.close_button.setFocus()

    def _build(self, error: AppError) -> None:
        row = QHBoxLayout(self)
        spaced(row, self._theme, margins=(6, 6, 6, 5), spacing=4)
        row.addWidget(picture(self._theme, "warning-octagon", "danger", 8, self), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        spaced(words, self._theme, spacing=2)
        words.addWidget(label(error.message, "heading", wrap=True, parent=self))
        words.addWidget(label(error.remedy, wrap=True, parent=self))
        if error.detail:
            detail = label(error.detail, "detail", wrap=True, parent=self)
            detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.addWidget(detail)
        self.close_button = button(self.tr("Close"), "primary", self.accept, parent=self)
        self.close_button.setDefault(True)
        words.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)
        row.addLayout(words, 1)
        follow(self._theme, self, lambda: self.setMinimumWidth(self._theme.space(WIDTH_STEPS)))
