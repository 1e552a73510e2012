"""The window's process stays light: what a start may not load."""

from __future__ import annotations

import subprocess
import sys

LATE = ("qtawesome", "pygments", "numpy", "sqlite_utils", "PIL", "yaml", "PySide6.QtCharts")
NEVER = ("torch", "llama_cpp", "onnxruntime", "faster_whisper", "piper", "PySide6.QtNetwork", "PySide6.QtSvg")


def test_importing_the_window_loads_nothing_heavy() -> None:
    script = "import sys, desktop_app.ui.application; print('\\n'.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert "desktop_app.ui.main_window" in loaded
    assert not set(loaded) & {*LATE, *NEVER}
