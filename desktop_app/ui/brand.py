"""The application's own pictures: window icon and mark."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from desktop_app.paths import resources
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow, label

_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def app_icon() -> QIcon:
    made = QIcon()
    for size in _SIZES:
        made.addFile(str(_file(size)), QSize(size, size))
    return made


def mark(theme: Theme, steps: float, parent: QWidget | None = None) -> QLabel:
    """The bird, `steps` grid steps wide; an ornament."""
    made = label("", "ornament", parent=parent)

    def refresh() -> None:
        side = theme.icon_size(steps)
        ratio = made.devicePixelRatioF()
        pixels = round(side * ratio)
        source = QPixmap(str(_file(next((size for size in _SIZES if size >= pixels), _SIZES[-1]))))
        drawn = source.scaled(
            pixels, pixels, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        drawn.setDevicePixelRatio(ratio)
        made.setPixmap(drawn)
        made.setFixedSize(side, side)

    follow(theme, made, refresh)
    return made


def _file(size: int) -> Path:
    return resources() / "icons" / f"stonechat-{size}.png"
