"""The person's settings while the application runs: one current value, saved at every change, watched by many."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from desktop_app.settings import Settings, SettingsFile

Watcher = Callable[[Settings], None]


class Preferences:
    def __init__(self, file: SettingsFile) -> None:
        self._file = file
        self._current = file.load()
        self._watchers: list[Watcher] = []
        self._lock = threading.Lock()

    @property
    def current(self) -> Settings:
        return self._current

    def change(self, **values: Any) -> Settings:
        """Keep new values, then tell the watchers. Raises EnvironmentProblem when they cannot be saved."""
        with self._lock:
            changed = replace(self._current, **values)
            self._file.save(changed)
            self._current = changed
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher(changed)
        return changed

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` after every change; returns what ends it."""
        self._watchers.append(watcher)

        def stop() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return stop
