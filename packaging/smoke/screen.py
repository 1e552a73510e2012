"""A screen without a monitor, and a hand: pictures of it, and files that are dragged from another program.

The dragging is real (XDND): a small window beside the application's offers the files, and xdotool moves the mouse.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DISPLAY = ":97"
SIZE = (1600, 900)
SOURCE_AT = (1450, 40)
SOURCE_SIZE = 120
WINDOW_SIZE = (1280, 860)


class Screen:
    """One X server; everything on it is asked of it by name."""

    def __init__(self) -> None:
        self.settings = {**os.environ, "DISPLAY": DISPLAY, "QT_QPA_PLATFORM": "xcb", "XDG_RUNTIME_DIR": "/tmp"}

    def window(self, name: str) -> str:
        """The number of a visible window whose title begins so; "" when there is none."""
        found = self._do("xdotool", "search", "--onlyvisible", "--name", f"^{name}").split()
        return found[-1] if found else ""

    def wait_for_window(self, name: str, patience_s: float) -> float:
        """Seconds until it is there. Raises TimeoutError."""
        begun = time.monotonic()
        while not self.window(name):
            if time.monotonic() - begun > patience_s:
                raise TimeoutError(f"no window {name}")
            time.sleep(0.05)
        return time.monotonic() - begun

    def place(self, name: str) -> None:
        """The window in the left part of the screen."""
        number = self.window(name)
        self._do("xdotool", "windowmove", number, "0", "0", "windowsize", number, *map(str, WINDOW_SIZE))

    def picture(self, target: Path) -> Path:
        """What the screen shows, as a PNG."""
        subprocess.run([sys.executable, __file__, "picture", str(target)], env=self.settings, check=True)
        return target

    def drag(self, file: str, to: tuple[int, int]) -> None:
        """Take the file with the mouse in another program's window and let it go at this point."""
        with subprocess.Popen([sys.executable, __file__, "source", file], env=self.settings) as source:
            try:
                self.wait_for_window("drag source", 60)
                time.sleep(1)
                self._move(SOURCE_AT[0] + SOURCE_SIZE // 2, SOURCE_AT[1] + SOURCE_SIZE // 2)
                self._do("xdotool", "mousedown", "1")
                for part in range(1, 21):
                    x = SOURCE_AT[0] + (to[0] - SOURCE_AT[0]) * part // 20
                    self._move(x, SOURCE_AT[1] + (to[1] - SOURCE_AT[1]) * part // 20)
                    time.sleep(0.1)
                time.sleep(1)
                self._do("xdotool", "mouseup", "1")
                time.sleep(2)
            finally:
                source.terminate()

    def click(self, at: tuple[int, int]) -> None:
        self._move(*at)
        self._do("xdotool", "click", "1")

    def _move(self, x: int, y: int) -> None:
        self._do("xdotool", "mousemove", str(x), str(y))

    def _do(self, *command: str) -> str:
        return subprocess.run(command, env=self.settings, capture_output=True, text=True, check=False).stdout


@contextmanager
def screen() -> Iterator[Screen]:
    """An X server for the block."""
    server = subprocess.Popen(
        ["Xvfb", DISPLAY, "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"], stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(2)
        yield Screen()
    finally:
        server.terminate()
        server.wait(30)


def _picture(target: str) -> None:
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication([])
    application.primaryScreen().grabWindow(0).save(target)


def _source(file: str) -> None:
    from PySide6.QtCore import QMimeData, Qt, QUrl
    from PySide6.QtGui import QDrag, QMouseEvent
    from PySide6.QtWidgets import QApplication, QWidget

    class Source(QWidget):
        def mousePressEvent(self, _event: QMouseEvent) -> None:
            data = QMimeData()
            data.setUrls([QUrl(f"file://{file}")])
            drag = QDrag(self)
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.CopyAction)

    application = QApplication([])
    widget = Source()
    widget.setWindowTitle("drag source")
    widget.setGeometry(*SOURCE_AT, SOURCE_SIZE, SOURCE_SIZE)
    widget.show()
    application.exec()


if __name__ == "__main__":
    {"picture": _picture, "source": _source}[sys.argv[1]](sys.argv[2])
