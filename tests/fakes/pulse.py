"""A private PulseAudio server with a virtual loudspeaker and a virtual microphone, for tests of real devices.

`speaker` is a sink whose monitor hears what the application plays; what is played into `micsink` is what the
microphone `vmic` hears.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

START_S = 10.0
NAMES = ("pulseaudio", "pactl", "paplay", "parec")
MODULES = (
    "module-native-protocol-unix",
    "module-null-sink sink_name=speaker",
    "module-null-sink sink_name=micsink",
    "module-remap-source source_name=vmic master=micsink.monitor",
)


class CannotStart(Exception):
    """Why there is no server."""


class PulseServer:
    """Start it with `running()`. `env` is the environment in which programs find it."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o700)
        hidden = ("PULSE_SERVER", "PULSE_SINK", "PULSE_SOURCE", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
        self._own = {name: value for name, value in os.environ.items() if name not in hidden}
        self._own |= {"XDG_RUNTIME_DIR": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
        self.env = {**self._own, "PULSE_SERVER": f"unix:{folder}/pulse/native", "QT_QPA_PLATFORM": "offscreen"}
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Raises CannotStart."""
        missing = [name for name in NAMES if shutil.which(name) is None]
        if missing:
            raise CannotStart(f"not installed: {', '.join(missing)}")
        loads = [f"--load={module}" for module in MODULES]
        command = ["pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "-n", *loads]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, env=self._own, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_S
        while "vmic" not in self._ask("list", "short", "sources"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(self._log.read_text(errors="replace")[-2_000:])

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def unplug_microphone(self) -> None:
        self._ask("unload-module", "module-remap-source")

    def _ask(self, *words: str) -> str:
        answer = subprocess.run(["pactl", *words], env=self.env, capture_output=True, text=True, timeout=10)
        return answer.stdout


@contextlib.contextmanager
def running() -> Iterator[PulseServer]:
    """A server of its own in a short path (sockets allow about 100 characters). Raises CannotStart."""
    folder = Path(tempfile.mkdtemp(prefix="pulse-"))
    server = PulseServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
