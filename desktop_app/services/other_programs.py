"""Whether other programs of this computer may ask the model, as the settings say: on, off, at which port, with which
token. What they are answered is `endpoint.py`'s business."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from desktop_app.errors import AppError, EnvironmentProblem
from desktop_app.ports import Endpoint
from desktop_app.services.preferences import Preferences
from desktop_app.settings import Settings

TOKEN = "STONECHAT_TOKEN"
LEAST_TOKEN = 32
STOP_S = 5.0


class OtherPrograms:
    """`make(token, port)` opens the port. Nothing listens before `follow` (the window) or `open` (`serve`)."""

    def __init__(self, make: Callable[[str, int], Endpoint], preferences: Preferences, token_file: Path) -> None:
        self._make = make
        self._preferences = preferences
        self._file = token_file
        self._lock = threading.RLock()
        self._endpoint: Endpoint | None = None
        self._thread: threading.Thread | None = None
        self._port = 0
        self._watchers: list[Callable[[AppError | None], None]] = []
        self._stop_watching: Callable[[], None] = lambda: None

    @property
    def address(self) -> str:
        """Where they ask; "" while nothing listens."""
        endpoint = self._endpoint
        return endpoint.address if endpoint else ""

    def watch(self, watcher: Callable[[AppError | None], None]) -> Callable[[], None]:
        """Call `watcher` when it begins or ends, with what went wrong if it did; returns what ends it."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def follow(self) -> None:
        """Do as the settings say, from now on."""
        self._stop_watching()
        self._stop_watching = self._preferences.watch(self._on_settings)
        self._on_settings(self._preferences.current)

    def open(self, port: int) -> Endpoint:
        """For `serve`, which runs it itself. Raises EnvironmentProblem("endpoint.port")."""
        return self._make(self.token(), port)

    def token(self) -> str:
        """That of the environment, else one that is made once and kept for the owner only. Raises OSError."""
        if given := os.environ.get(TOKEN):
            return given
        try:
            found = self._file.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            found = ""
        return found if len(found) >= LEAST_TOKEN else self._new_token()

    def renew(self) -> str:
        """A new token; who knows only the old one is shut out at once. Raises OSError."""
        token = self._new_token()
        with self._lock:
            if self._endpoint is not None:
                self._stop()
                self._start(self._port)
        return token

    def close(self) -> None:
        self._stop_watching()
        self._stop_watching = lambda: None
        with self._lock:
            self._stop()

    # -- inside --------------------------------------------------------------------------------------------------

    def _on_settings(self, settings: Settings) -> None:
        with self._lock:
            running = self._endpoint is not None
            if settings.endpoint == running and (not running or settings.endpoint_port == self._port):
                return
            self._stop()
            problem = self._started(settings.endpoint_port) if settings.endpoint else None
        for watcher in tuple(self._watchers):
            watcher(problem)

    def _started(self, port: int) -> AppError | None:
        try:
            self._start(port)
        except AppError as error:
            return error
        except OSError as error:
            return EnvironmentProblem(
                "endpoint.token_not_kept",
                "The token for other programs could not be kept.",
                remedy="Check that the data folder can be written.",
                detail=str(error),
            )
        return None

    def _start(self, port: int) -> None:
        endpoint = self._make(self.token(), port)
        self._endpoint, self._port = endpoint, port
        self._thread = threading.Thread(target=endpoint.serve, name="other-programs", daemon=True)
        self._thread.start()

    def _stop(self) -> None:
        endpoint, thread = self._endpoint, self._thread
        self._endpoint = self._thread = None
        if endpoint is not None and thread is not None:
            endpoint.stop()
            thread.join(STOP_S)

    def _new_token(self) -> str:
        token = secrets.token_urlsafe(LEAST_TOKEN)
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(token)
        return token
