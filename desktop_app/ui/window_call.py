"""What a second start may say to the first window: come to the front, look at these files, talk.

A local socket of this user carries it, one line of JSON each way. QtNetwork is loaded when it is needed, never before.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_app.files import write_atomically
from desktop_app.paths import Places

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

LONGEST_BYTES = 64 * 1024
MOST_FILES = 32
ANSWER_MS = 3000
_LONGEST_ADDRESS = 100  # what every kernel takes
_TAKEN = b"taken\n"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`files`: absolute paths, looked at by nobody yet. `talk`: start the microphone, or stop it.

    `token`: lets the window come to the front under Wayland.
    """

    files: tuple[Path, ...] = ()
    talk: bool = False
    token: str = ""

    def as_line(self) -> bytes:
        said = {"files": [str(file) for file in self.files], "talk": self.talk, "token": self.token}
        return json.dumps(said).encode() + b"\n"


def read_call(line: bytes) -> Call | None:
    """None for anything but a call: what comes through a socket is not trusted."""
    try:
        said: Any = json.loads(line)
        files, talk, token = said["files"], said["talk"], said["token"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(files, list) or len(files) > MOST_FILES or not isinstance(token, str):
        return None
    if not isinstance(talk, bool):
        return None
    if not all(isinstance(file, str) and "\0" not in file and Path(file).is_absolute() for file in files):
        return None
    return Call(files=tuple(Path(file) for file in files), talk=talk, token=token)


def make_address(places: Places) -> str:
    """A name to listen on. On Windows a new one that cannot be guessed, written down where only this user can read."""
    if os.name != "nt":
        return str(_socket(places))
    name = f"stonechat-{secrets.token_hex(16)}"
    write_atomically(places.data / "window.name", name.encode())
    return name


def find_address(places: Places) -> str | None:
    """Where the first window of this user listens; None where there is nothing to be trusted."""
    if os.name == "nt":
        try:
            return (places.data / "window.name").read_text(encoding="utf-8")
        except OSError:
            return None
    try:
        path = _socket(places)
    except OSError:
        return None
    return str(path) if is_ours(path) else None


def is_ours(path: Path) -> bool:
    """Whether `path` is a socket of this user in a folder where nobody else can put another one in its place."""
    try:
        socket, folder = path.lstat(), path.parent.stat()
    except OSError:
        return False
    me = os.geteuid()
    private = folder.st_uid == me and not folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISSOCK(socket.st_mode) and socket.st_uid == me and private


def _socket(places: Places) -> Path:
    """In the data folder, or in the user's runtime folder where that name is too long for a socket. Raises OSError."""
    path = places.data / "window.socket"
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        return path
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"{tempfile.gettempdir()}/stonechat-{os.geteuid()}"
    Path(runtime).mkdir(mode=0o700, exist_ok=True)
    return Path(runtime) / f"stonechat-{hashlib.sha256(os.fsencode(places.data)).hexdigest()[:16]}.socket"


def call(address: str, said: Call) -> bool:
    """Say it and wait until it is taken. False: nobody there, or no answer."""
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(address)
    if not socket.waitForConnected(ANSWER_MS):
        return False
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)  # the window that is called may come to the front
    socket.write(said.as_line())
    answer = b""
    while len(answer) < len(_TAKEN) and socket.waitForReadyRead(ANSWER_MS):
        answer += bytes(socket.readAll().data())
    socket.abort()
    return answer == _TAKEN


class Switchboard(QObject):
    """Takes calls while the window is open. `called(Call)`."""

    called = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server: QLocalServer | None = None

    def open(self, address: str) -> bool:
        """Listen there; what a killed process left behind goes. Only whoever holds the window's lock may do this."""
        from PySide6.QtNetwork import QLocalServer

        QLocalServer.removeServer(address)
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not server.listen(address):
            _log.warning("a second start cannot call this window: %s", server.errorString())
            return False
        server.newConnection.connect(self._on_connection)
        self._server = server
        return True

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _on_connection(self) -> None:
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda socket=socket: self._on_said(socket))
            self._on_said(socket)

    def _on_said(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > LONGEST_BYTES:
                socket.abort()
            return
        said = read_call(bytes(socket.readLine(LONGEST_BYTES).data()))
        if said is None:
            socket.abort()
            return
        socket.write(_TAKEN)
        socket.flush()
        self.called.emit(said)
