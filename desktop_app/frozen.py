"""The application as PyInstaller freezes it: how one of its parts runs as a process of its own, and the second pack.

In a source tree a part is `python -m PART`. A frozen application has no Python beside it, so it starts itself with
`PART_WORD PART` and runs the named module instead of the command line. Engine children are not parts: multiprocessing
starts them.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

PART_WORD = "--part"
PARTS = (
    "desktop_app.engines.hub_child",
    "desktop_app.engines.own_template",
    "desktop_app.ui.which_platform",
    "pip",
)
PACK = "personalize"
"""Beside the program: torch and what goes with it, where the person installed it."""
MODELS = "models"
"""Beside the program: the starter models, in the packages that carry them."""


def part_command(part: str) -> tuple[str, ...]:
    """What starts this module as a program of its own; arguments may follow."""
    if part not in PARTS:
        raise ValueError(part)
    return (sys.executable, PART_WORD if frozen() else "-m", part)


def run_part(arguments: list[str]) -> bool:
    """In a frozen application, run the part that these arguments name, to its end. False: they name none."""
    if not frozen() or len(arguments) < 2 or arguments[0] != PART_WORD or arguments[1] not in PARTS:
        return False
    sys.argv = [arguments[1], *arguments[2:]]
    runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    return True


def frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


def beside(name: str) -> Path | None:
    """The folder of this name beside a frozen program, if there is one."""
    folder = Path(sys.executable).resolve().parent / name
    return folder if frozen() and folder.is_dir() else None


def settle_in() -> None:
    """Make a frozen application whole before anything else happens. Does nothing in a source tree."""
    if not frozen():
        return
    _give_back("LD_LIBRARY_PATH")
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"  # our own children ask PyInstaller's loader for that path again
    pack = beside(PACK)
    if pack is not None and str(pack) not in sys.path:
        sys.path.append(str(pack))


def _give_back(name: str) -> None:
    """Programs of the system that we start must find the system's libraries, not ours."""
    before = os.environ.pop(f"{name}_ORIG", None)
    if before:
        os.environ[name] = before
    else:
        os.environ.pop(name, None)
