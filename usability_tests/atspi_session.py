"""A session of its own for a screen reader: a display, the accessibility bus, the window; then a task done through it.

`dbus-run-session -- python -m usability_tests.atspi_session FOLDER` prints what was found as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from usability_tests.atspi import ENABLED, FOCUSABLE, SHOWING, Desktop, Node, wait_for

LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
QUESTION = "Who reads this?"
PRESSED = ("push button", "button", "check box", "radio button", "toggle button")


def available() -> bool:
    """Whether this system has what a session needs."""
    programs = all(shutil.which(program) for program in ("Xvfb", "dbus-run-session"))
    return programs and _launcher() is not None


def run(folder: Path) -> dict[str, Any]:
    """The whole session in a process of its own. Raises CalledProcessError with what it said."""
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-m", "usability_tests.atspi_session", str(folder)],
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:] or done.stdout)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(folder: Path) -> int:
    with display() as screen, _bus(), _window(folder, screen):
        print(json.dumps(_visit()))
    return 0


def _visit() -> dict[str, Any]:
    """Read the tree, look at its rules, then ask a question with nothing but the accessibility bus."""
    desktop = Desktop()
    try:
        application = _find_application(desktop)

        def node(name: str, role: str = "") -> Node:
            def look() -> Node | None:
                here = desktop.tree(application)
                return next((one for one in here if one.name.startswith(name) and role in one.role), None)

            return wait_for(look, f"“{name}”")

        node("Message")
        began = time.perf_counter()
        tree = tuple(desktop.tree(application))
        read_ms = (time.perf_counter() - began) * 1000
        desktop.write(node("Message"), QUESTION)
        wait_for(lambda: _able(node("Send")), "Send to be enabled")
        desktop.press(node("Send"))
        answer = node("Stonechat, AI: By somebody else.")
        return {
            "nodes": len(tree),
            "read_ms": round(read_ms, 1),
            "names": sorted({one.name for one in tree if one.name}),
            "roles": sorted({one.role for one in tree}),
            "nameless": [one.role for one in tree if one.has(FOCUSABLE) and one.has(SHOWING) and not one.name],
            "cannot": [one.name for one in tree if _is_button(one) and not desktop.actions(one)],
            "answer": answer.name,
        }
    finally:
        desktop.close()


def _find_application(desktop: Desktop) -> tuple[str, str]:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if (found := desktop.application("stonechat")) is not None:
            return found
        time.sleep(0.2)
    raise RuntimeError("the window never came to the accessibility bus")


def _able(node: Node) -> Node | None:
    return node if node.has(ENABLED) else None


def _is_button(node: Node) -> bool:
    return node.role in PRESSED and node.has(SHOWING) and node.has(ENABLED)


@contextmanager
def display() -> Iterator[str]:
    """A screen without a monitor. Gives its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="ascii") as told:
            yield f":{told.readline().strip()}"
    finally:
        _end(server)


@contextmanager
def _bus() -> Iterator[None]:
    launcher = subprocess.Popen(
        [str(_launcher()), "--launch-immediately"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        _end(launcher)


@contextmanager
def _window(folder: Path, display: str) -> Iterator[None]:
    settings = {
        **os.environ,
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "XDG_RUNTIME_DIR": str(folder),
    }
    window = subprocess.Popen([sys.executable, "-m", "usability_tests.window", str(folder / "data")], env=settings)
    try:
        yield
    finally:
        _end(window)


def _launcher() -> str | None:
    return next((path for path in LAUNCHERS if Path(path).is_file()), None)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
