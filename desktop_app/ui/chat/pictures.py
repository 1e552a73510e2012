"""Pictures in the window: small ones loaded beside the GUI thread, and one shown large.

Only stored pictures are opened, by their hash; a path that a model or a message names never gets here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QKeyEvent, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QDialog, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from desktop_app.domain.messages import Picture
from desktop_app.ui.chat.shown_text import shown
from desktop_app.ui.jobs import Lanes
from desktop_app.ui.theme import Theme

if TYPE_CHECKING:
    from desktop_app.services.attachments import AttachmentService


def read_scaled(file: Path, within: QSize) -> QImage:
    """The picture, at most as large as `within`; a null image when it cannot be read."""
    reader = QImageReader(str(file))
    reader.setAutoDetectImageFormat(False)
    reader.setFormat(b"png")
    size = reader.size()
    if size.isValid() and (size.width() > within.width() or size.height() > within.height()):
        reader.setScaledSize(size.scaled(within, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


class Thumbnail(QToolButton):
    """A stored picture, small, with round corners. Press it to see it large."""

    loaded = Signal()

    def __init__(
        self, picture: Picture, attachments: AttachmentService, lanes: Lanes, theme: Theme, *, side: int
    ) -> None:
        super().__init__()
        self._picture = picture
        self._attachments = attachments
        self._theme = theme
        self._side = side
        self.setProperty("kind", "thumbnail")
        self.setAutoRaise(True)
        self.setAccessibleName(self.tr("Picture {name}, show large").format(name=shown(picture.name, limit=60)))
        self.setToolTip("")
        box = QSize(picture.width, picture.height).scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
        self.setIconSize(box.expandedTo(QSize(theme.space(6), theme.space(6))))
        self.setFixedSize(self.iconSize() + QSize(4, 4))
        self.clicked.connect(self.show_large)
        self._load(lanes)

    def show_large(self) -> None:
        PictureViewer(self._attachments.file(self._picture.sha256), self._picture, self._theme, self.window()).open()

    def _load(self, lanes: Lanes) -> None:
        attachments, sha256 = self._attachments, self._picture.sha256
        within = self.iconSize() * self.devicePixelRatioF()
        job = lanes.job("io", lambda _: read_scaled(attachments.file(sha256), within))
        job.finished.connect(self._show)
        job.start()

    def _show(self, image: QImage) -> None:
        ratio = self.devicePixelRatioF()
        if image.isNull():
            self.setIcon(self._theme.icon("image"))
            return
        rounded = QPixmap(image.size())
        rounded.fill(Qt.GlobalColor.transparent)
        painter = QPainter(rounded)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        radius = self._theme.space(2) * ratio
        path.addRoundedRect(rounded.rect().toRectF(), radius, radius)
        painter.setClipPath(path)
        painter.drawImage(0, 0, image)
        painter.end()
        rounded.setDevicePixelRatio(ratio)
        self.setIcon(rounded)
        self.loaded.emit()


class PictureViewer(QDialog):
    """One picture, as large as the screen lets it be. Escape closes it."""

    def __init__(self, file: Path, picture: Picture, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(shown(picture.name, limit=80))
        room = self.screen().availableSize() * 0.8
        image = read_scaled(file, room)
        label = QLabel()
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setPixmap(QPixmap.fromImage(image))
        label.setAccessibleName(shown(picture.name, limit=80))
        area = QScrollArea(self)
        area.setAccessibleName(label.accessibleName())
        area.setWidgetResizable(True)
        area.setWidget(label)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(3),) * 4)
        column.addWidget(area)
        self.resize(image.size().boundedTo(room) + QSize(theme.space(10), theme.space(10)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return):
            self.close()
        else:
            super().keyPressEvent(event)
