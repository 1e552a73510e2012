"""Brings pictures into the composer: each file is checked and stored beside the GUI thread, one by one.

A file that is refused says why and does not hold up the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Signal
from PySide6.QtGui import QImage

from desktop_app.domain.messages import Picture
from desktop_app.errors import AppError
from desktop_app.ports import CancelToken
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.chat.shown_text import shown
from desktop_app.ui.jobs import Lanes

if TYPE_CHECKING:
    from desktop_app.domain.pictures import PictureCost
    from desktop_app.services.attachments import AttachmentService


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A picture that is in the store, its size on disk and what it will cost to look at."""

    picture: Picture
    bytes: int
    cost: PictureCost


class PictureIntake(QObject):
    """`began(key, name)` and then either `taken(key, Taken)` or `refused(key, AppError)`."""

    began = Signal(int, str)
    taken = Signal(int, object)
    refused = Signal(int, object)

    def __init__(self, attachments: AttachmentService, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._attachments = attachments
        self._lanes = lanes
        self._key = 0
        self.pending = 0

    def take_files(self, files: Iterable[Path]) -> None:
        for file in files:
            self._take(file.name, lambda f=file: self._attachments.accept(f))  # type: ignore[misc]

    def take_image(self, image: QImage, name: str) -> None:
        """A picture from the clipboard or the screen."""
        self._take(name, lambda: self._attachments.accept_bytes(_png(image), name))

    def take_stored(self, picture: Picture) -> None:
        """A picture that is in the store already."""
        self._take(picture.name, lambda: picture)

    def _take(self, name: str, accept: Callable[[], Picture]) -> None:
        self._key += 1
        key, attachments = self._key, self._attachments

        def work(_: CancelToken) -> Taken:
            picture = accept()
            size = attachments.file(picture.sha256).stat().st_size
            return Taken(picture=picture, bytes=size, cost=attachments.cost(picture))

        self.pending += 1
        self.began.emit(key, shown(name, limit=60))
        job = self._lanes.job("io", work)
        job.finished.connect(while_alive(self, lambda taken: self._end(key, taken)))
        job.failed.connect(while_alive(self, lambda error: self._end(key, error)))
        job.start()

    def _end(self, key: int, result: Taken | AppError) -> None:
        self.pending -= 1
        if isinstance(result, Taken):
            self.taken.emit(key, result)
        else:
            self.refused.emit(key, result)


def _png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())
