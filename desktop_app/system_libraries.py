"""What Stonechat needs from the operating system on Linux, and the Debian package that brings each.

Standard library only: `packaging/bootstrap.py` uses it before anything is installed, the doctor afterwards.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Use = Literal["build", "window", "sound", "fonts", "tests"]
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something the system must have. `what` is a library's name, a program, a file, or part of a font's file name."""

    what: str
    package: str
    use: Use
    kind: Literal["library", "program", "file", "font"] = "library"


_WINDOW = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
}
NEEDS: tuple[Need, ...] = (
    Need(what="c++", package="g++", use="build", kind="program"),
    *(Need(what=what, package=package, use="window") for what, package in _WINDOW.items()),
    Need(what="libpulse.so.0", package="libpulse0", use="sound"),
    Need(what="Sans", package="fonts-dejavu-core", use="fonts", kind="font"),
    Need(what="Emoji", package="fonts-noto-color-emoji", use="fonts", kind="font"),
    Need(what="pulseaudio", package="pulseaudio", use="tests", kind="program"),
    Need(what="pactl", package="pulseaudio-utils", use="tests", kind="program"),
    Need(what="Xvfb", package="xvfb", use="tests", kind="program"),
    Need(what="dbus-run-session", package="dbus-daemon", use="tests", kind="program"),
    Need(what="/usr/libexec/at-spi-bus-launcher", package="at-spi2-core", use="tests", kind="file"),
)


def missing(uses: Iterable[Use]) -> tuple[Need, ...]:
    """What is not there of what these uses need. Empty everywhere but on Linux, where Qt brings nearly all."""
    if sys.platform != "linux":
        return ()
    wanted = [need for need in NEEDS if need.use in set(uses)]
    known, fonts = _known_libraries(), _fonts()
    return tuple(need for need in wanted if not _there(need, known, fonts))


def install_command(needs: Iterable[Need]) -> str:
    """The one command that installs them on Debian and Ubuntu."""
    packages = " ".join(dict.fromkeys(need.package for need in needs))
    return f"sudo apt-get install -y --no-install-recommends {packages}"


def _there(need: Need, known: frozenset[str], fonts: str) -> bool:
    if need.kind == "program":
        return shutil.which(need.what) is not None
    if need.kind == "file":
        return Path(need.what).exists()
    if need.kind == "font":
        return need.what in fonts
    return need.what in known or (not known and _loads(need.what))


def _known_libraries() -> frozenset[str]:
    """Names in the loader's cache; empty where there is no `ldconfig`."""
    places = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    program = shutil.which("ldconfig", path=places)
    if program is None:
        return frozenset()
    listed = subprocess.run([program, "-p"], capture_output=True, text=True, errors="replace", check=False)
    return frozenset(line.split(maxsplit=1)[0] for line in listed.stdout.splitlines()[1:] if line.strip())


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _fonts() -> str:
    """The names of all installed font files, one a line."""
    folders = (Path(folder).expanduser() for folder in _FONT_FOLDERS)
    return "\n".join(file.name for folder in folders for file in folder.rglob("*.[ot]t[fc]"))
