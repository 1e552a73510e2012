"""Looks whether everything Stonechat needs is there, and says for each problem what to do about it.

Whether Qt can open a window is tried in a process of its own, because Qt ends the process when it cannot. Sound
devices come from a probe that the caller passes in.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psutil

from desktop_app import system_libraries
from desktop_app.domain.model_specs import InstalledModel, ModelRole
from desktop_app.errors import AppError
from desktop_app.frozen import part_command
from desktop_app.paths import Places
from desktop_app.ports import CancelToken
from desktop_app.services.model_library import ModelLibrary
from desktop_app.system_libraries import Use

_NEEDED_ROLES: tuple[ModelRole, ...] = ("language", "hearing", "voice", "labels")
_USES: tuple[tuple[Use, str], ...] = (
    ("window", "window libraries"),
    ("sound", "sound libraries"),
    ("fonts", "fonts"),
)
_PATIENCE_S = 30.0
_ENOUGH_MEMORY_BYTES = 1024**3
_ENOUGH_DISK_BYTES = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: what it is, whether it will do, what was found, and the remedy where it will not."""

    name: str
    ok: bool
    value: str
    remedy: str = ""


class Doctor:
    """Examines this machine and one installation. `probe` adds what the caller can find out, perhaps by a sound."""

    def __init__(
        self, places: Places, library: ModelLibrary, probe: Callable[[bool], Iterable[Finding]] = lambda _plays: ()
    ) -> None:
        self._places = places
        self._library = library
        self._probe = probe

    def check(self, cancel: CancelToken | None = None, *, plays: bool = True) -> tuple[Finding, ...]:
        """Everything, in the order in which to read it. Reads every installed model once; plays and records a tone
        unless told not to. Raises Cancelled.
        """
        return (
            _python(),
            *_system(),
            _window(),
            *self._probe(plays),
            *self._models(cancel or CancelToken()),
            _memory(),
            *self._disk(),
        )

    def _models(self, cancel: CancelToken) -> Iterable[Finding]:
        for role in _NEEDED_ROLES:
            yield self._choice(role)
        for model in self._library.installed():
            yield self._soundness(model, cancel)

    def _choice(self, role: ModelRole) -> Finding:
        try:
            return Finding(name=f"{role} model", ok=True, value=self._library.chosen(role).title)
        except AppError as error:
            return Finding(name=f"{role} model", ok=False, value=error.message, remedy=error.remedy)

    def _soundness(self, model: InstalledModel, cancel: CancelToken) -> Finding:
        name = f"model {model.id}"
        try:
            damaged = self._library.damaged_files(model, cancel)
            if not damaged:
                self._library.verify(model)
                return Finding(name=name, ok=True, value=f"sha256 {model.sha256}")
            remedy = f"Run: stonechat models remove {model.id}, then fetch or add it again."
            return Finding(name=name, ok=False, value=f"changed: {', '.join(damaged)}", remedy=remedy)
        except AppError as error:
            return Finding(name=name, ok=False, value=error.message, remedy=error.remedy)
        except OSError as error:
            return Finding(name=name, ok=False, value=str(error), remedy="Check that its files may be read.")

    def _disk(self) -> Iterable[Finding]:
        try:
            self._places.create()
            free = shutil.disk_usage(self._places.models).free
            mark = self._places.data / ".writable"
            mark.touch()
            mark.unlink()
        except OSError as error:
            remedy = f"Make {self._places.data} writable, or choose another folder with --data."
            yield Finding(name="data folder", ok=False, value=str(error), remedy=remedy)
            return
        yield Finding(name="data folder", ok=True, value=str(self._places.data))
        enough = free >= _ENOUGH_DISK_BYTES
        yield Finding(
            name="disk",
            ok=enough,
            value=f"{free / 1e9:.1f} GB free",
            remedy="" if enough else "Free some disk space: models and pictures need it.",
        )


def _python() -> Finding:
    ok = sys.version_info >= (3, 11)
    remedy = "" if ok else "Install Python 3.11 or newer and run the set-up again."
    return Finding(name="python", ok=ok, value=f"{platform.python_version()} on {platform.platform()}", remedy=remedy)


def _window() -> Finding:
    name = "Qt platform"
    try:
        done = subprocess.run(
            part_command("desktop_app.ui.which_platform"),
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(name=name, ok=False, value=str(error), remedy="Start the program from a desktop session.")
    if done.returncode == 0:
        return Finding(name=name, ok=True, value=done.stdout.strip())
    reason = (done.stderr.strip().splitlines() or ["no reason given"])[0]
    remedy = "Start it from a desktop session, or use the commands without a window, for example: stonechat ask"
    return Finding(name=name, ok=False, value=reason, remedy=remedy)


def _system() -> Iterable[Finding]:
    for use, name in _USES:
        lacking = system_libraries.missing([use])
        yield Finding(
            name=name,
            ok=not lacking,
            value=f"missing: {', '.join(need.package for need in lacking)}" if lacking else "all there",
            remedy=f"On Debian or Ubuntu run: {system_libraries.install_command(lacking)}" if lacking else "",
        )


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    enough = memory.available >= _ENOUGH_MEMORY_BYTES
    return Finding(
        name="memory",
        ok=enough,
        value=f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB free",
        remedy=""
        if enough
        else "Close other programs, or use the small model: stonechat models use language smollm2-135m",
    )
