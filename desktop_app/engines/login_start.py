"""Starting at login, where each system keeps it: autostart entry (XDG), launch agent (macOS), Run key (Windows)."""

from __future__ import annotations

import os
import plistlib
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desktop_app.errors import EnvironmentProblem
from desktop_app.files import write_atomically
from desktop_app.frozen import frozen
from desktop_app.ports import LoginStart

LABEL = "org.stonechat.Stonechat"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
_ESCAPED = {"\\": "\\\\\\\\", '"': '\\\\"', "`": "\\\\`", "$": "\\\\$", "%": "%%"}
"""In a quoted argument of a desktop entry: the quoting of the Exec key, within the escapes of a string."""


def system_login_start(data: Path | None = None) -> LoginStart:
    """`data`: a folder that is not the usual one, which the start at login is to open too."""
    command = (*own_command(), "run", "--background", *(("--data", str(data)) if data else ()))
    if sys.platform == "win32":
        import winreg

        return RunKey(command, winreg)
    if sys.platform == "darwin":
        return LaunchAgent(command, Path.home() / "Library" / "LaunchAgents")
    configuration = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Autostart(command, Path(configuration) / "autostart")


def own_command() -> tuple[str, ...]:
    """What starts this Stonechat again: the AppImage, the frozen program, or the module in this Python."""
    if image := os.environ.get("APPIMAGE"):
        return (image,)
    return (sys.executable,) if frozen() else (sys.executable, "-m", "desktop_app")


class _StartFile(ABC):
    """A file of which the system starts what it finds in it."""

    def __init__(self, command: tuple[str, ...], file: Path) -> None:
        self._command = command
        self._file = file

    def turn(self, on: bool) -> None:
        with _explained(str(self._file)):
            if not on:
                self._file.unlink(missing_ok=True)
                return
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file, self._content())

    @abstractmethod
    def _content(self) -> bytes: ...


class Autostart(_StartFile):
    """A desktop entry in the person's autostart folder. One that a desktop has switched off counts as off."""

    def __init__(self, command: tuple[str, ...], folder: Path) -> None:
        super().__init__(command, folder / "stonechat.desktop")

    def is_on(self) -> bool:
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return False
        return not {"Hidden=true", "X-GNOME-Autostart-enabled=false"} & set(lines)

    def _content(self) -> bytes:
        words = " ".join(_quoted(word) for word in self._command)
        lines = ("[Desktop Entry]", "Type=Application", "Name=Stonechat", "Icon=stonechat", f"Exec={words}")
        return "\n".join((*lines, "X-GNOME-Autostart-enabled=true", "")).encode()


class LaunchAgent(_StartFile):
    """A property list that launchd reads at login."""

    def __init__(self, command: tuple[str, ...], folder: Path) -> None:
        super().__init__(command, folder / f"{LABEL}.plist")

    def is_on(self) -> bool:
        return self._file.is_file()

    def _content(self) -> bytes:
        wanted = {"Label": LABEL, "ProgramArguments": list(self._command), "RunAtLoad": True}
        return plistlib.dumps(wanted)


class RunKey:
    """A value of the person's Run key. `registry` is the module winreg."""

    def __init__(self, command: tuple[str, ...], registry: Any) -> None:
        self._command = command
        self._registry = registry

    def is_on(self) -> bool:
        try:
            with self._key(self._registry.KEY_READ) as key:
                self._registry.QueryValueEx(key, "Stonechat")
        except OSError:
            return False
        return True

    def turn(self, on: bool) -> None:
        with _explained(RUN_KEY), self._key(self._registry.KEY_SET_VALUE) as key:
            if on:
                words = " ".join(f'"{word}"' for word in self._command)
                self._registry.SetValueEx(key, "Stonechat", 0, self._registry.REG_SZ, words)
                return
            try:
                self._registry.DeleteValue(key, "Stonechat")
            except FileNotFoundError:
                return

    def _key(self, access: int) -> Any:
        return self._registry.OpenKey(self._registry.HKEY_CURRENT_USER, RUN_KEY, 0, access)


def _quoted(word: str) -> str:
    return '"' + "".join(_ESCAPED.get(letter, letter) for letter in word) + '"'


@contextmanager
def _explained(where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentProblem(
            "login.not_changed",
            "Starting at login could not be changed.",
            remedy=f"Check that {where} can be written.",
            detail=str(error),
        ) from error
