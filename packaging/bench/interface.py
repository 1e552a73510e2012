"""The window, offscreen: how soon it can be used, what it weighs, whether it stays alive while text streams in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from figures import Figure, at_most, plain

ROOT = Path(__file__).resolve().parents[2]
STARTS = 10
PIECES = {0: "\n\n## Part\n\n", 20: "\n\n- one\n- two\n\n", 40: "\n```python\n", 55: "\nx = 1\n```\n\n"}

USABLE = """
import json, os, sys, time
import psutil
from pathlib import Path
from desktop_app.app import build
from desktop_app.paths import places
from desktop_app.ui.application import application, build_window
services = build(places(Path(sys.argv[1])).create())
services.preferences.change(first_run_done=True)
app = application()
window = build_window(services)
window.show()
window.start()
def told():
    process = psutil.Process()
    heavy = {"llama_cpp", "numpy", "onnxruntime", "faster_whisper", "PIL", "sqlite_utils"} & set(sys.modules)
    found = {"s": time.time() - float(sys.argv[-1]), "mb": process.memory_info().rss / 1e6, "heavy": len(heavy)}
    print(json.dumps(found))
    sys.stdout.flush()
    os._exit(0)
from PySide6.QtCore import QTimer
QTimer.singleShot(0, lambda: QTimer.singleShot(0, told))
app.exec()
"""

EMPTY = """
import json, os, sys, time, psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.show()
def told():
    process = psutil.Process()
    print(json.dumps({"s": time.time() - float(sys.argv[-1]), "mb": process.memory_info().rss / 1e6}), flush=True)
    os._exit(0)
QTimer.singleShot(0, told)
app.exec()
"""


def run(code: str, *words: str) -> dict:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, *words, str(time.time())],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def window() -> Iterator[Figure]:
    """Process start to the first idle moment of the window on real services, beside an empty QMainWindow."""
    with tempfile.TemporaryDirectory() as folder:
        run(USABLE, folder)  # makes the database and warms the disk
        pairs = [(run(USABLE, folder), run(EMPTY)) for _ in range(STARTS)]
    yield plain("an empty QMainWindow: start", [empty["s"] for _, empty in pairs], "s")
    yield at_most("window usable after process start", [ours["s"] for ours, _ in pairs], 1.0, "s")
    yield plain("an empty QMainWindow: resident", [empty["mb"] for _, empty in pairs], "MB")
    yield at_most("window: resident", [ours["mb"] for ours, _ in pairs], 150, "MB")
    yield at_most("heavy libraries in the window's process", [ours["heavy"] for ours, _ in pairs], 0, "", max)


def stall() -> Iterator[Figure]:
    """The longest the event loop was not there while 100 tokens a second stream into a long answer."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from dataclasses import replace

    from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer

    from desktop_app.app import build
    from desktop_app.domain.generation import GenerationEnded, PromptProgress, TextDelta
    from desktop_app.engines.scripted import ScriptedModel
    from desktop_app.paths import places
    from desktop_app.services.chat import ChatService
    from desktop_app.ui.application import application, build_window

    class Steady(ScriptedModel):
        """600 words at 100 a second, with headings, lists and code, as answers have."""

        def stream(self, *_):
            yield PromptProgress(done=1, total=1, reused=0)
            started = time.monotonic()
            for number in range(600):
                time.sleep(max(0.0, started + number / 100 - time.monotonic()))
                yield TextDelta(text=PIECES.get(number % 80, "word "))
            yield GenerationEnded(
                stopped_by="end", prompt_tokens=1, reused_tokens=0, tokens=600, first_token_ms=1, total_ms=6000
            )

    class Models:
        def model(self, _):
            return Steady()

        def restart(self):
            return

    with tempfile.TemporaryDirectory() as folder:
        services = build(places(Path(folder)).create())
        services.preferences.change(first_run_done=True)
        services = replace(
            services, chat=ChatService(services.history, Models(), services.attachments, services.preferences)
        )
        app = application()
        shown = build_window(services)
        shown.show()
        shown.start()
        chat = shown.workspace.chat
        clock, gaps, loop = QElapsedTimer(), [], QEventLoop()

        def beat() -> None:
            if clock.isValid():
                gaps.append(clock.nsecsElapsed() / 1e6)
            clock.start()

        def watch() -> None:
            kept = services.history.conversations()
            last = services.history.page(kept[0].id).messages[-1] if kept else None
            if last is not None and last.role == "assistant" and last.status == "done":
                loop.quit()

        timer, watcher = QTimer(), QTimer()
        timer.timeout.connect(beat)
        watcher.timeout.connect(watch)
        chat.composer.text.setPlainText("Go")
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        QTest.keyClick(chat.composer.text, Qt.Key.Key_Return)
        timer.start(1)
        watcher.start(500)
        loop.exec()
        timer.stop()
        watcher.stop()
        shown.discard()
        services.close()
        app.processEvents()
    yield at_most("longest gap of the event loop at 100 tokens/s", gaps, 50, "ms", max)
