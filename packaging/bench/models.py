"""The model library: memory as foretold, bad connections and bad files without harm, a page that opens at once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from figures import Figure, at_most, plain

ROOT = Path(__file__).resolve().parents[2]
CONTEXTS = (2048, 4096, 8192)
BYTES = int(os.environ.get("BYTES", 1_000_000_000))
DROPS = 20
CORRUPT = int(os.environ.get("CORRUPT", 200))
ENTRIES = 300
OPENINGS = 9

RUNS = """
import sys
from desktop_app.domain.generation import ModelRequest, Sampling
from desktop_app.domain.messages import said
from desktop_app.engines.llama import LlamaModel
from desktop_app.ports import CancelToken
model = LlamaModel(sys.argv[1], context_tokens=int(sys.argv[2]))
request = ModelRequest(messages=(said("user", "word " * 1200),), sampling=Sampling(temperature=0, max_tokens=4))
for _ in model.stream(request, CancelToken()):
    pass
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def fit() -> Iterator[Figure]:
    """What the page foretells beside the peak of a process that runs the model (Linux)."""
    from desktop_app.app import build
    from desktop_app.paths import Places, places

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        kept = Places(data=home, cache=home / "cache", logs=home / "logs", models=places().models).create()
        services = build(kept)
        worst = []
        for model in services.library.installed("language"):
            for context in CONTEXTS:
                foretold = services.fits.of(model.id, context_tokens=context).needed / 1e6
                command = [sys.executable, "-c", RUNS, model.path, str(context)]
                told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
                measured = int(told) * 1024 / 1e6
                yield plain(f"{model.id}, {context} tokens: measured", [measured], "MB")
                yield plain(f"{model.id}, {context} tokens: foretold", [foretold], "MB")
                worst.append(abs(foretold - measured) - max(0.1 * measured, 100))
        services.close()
    yield at_most("worst distance beyond 10 % or 100 MB", worst, 0, "MB", max)


def downloads() -> Iterator[Figure]:
    """A connection that breaks again and again, and files that are not what they should be."""
    from desktop_app.domain.model_specs import HubSource, ModelFile, ModelSpec
    from desktop_app.engines.hub_fetcher import HubFetcher
    from desktop_app.errors import AppError
    from desktop_app.ports import CancelToken
    from tests.fakes.hub import hub_with

    whole = random.Random(1).randbytes(BYTES)
    small = whole[:200_000]

    def spec(name: str, data: bytes) -> ModelSpec:
        source = HubSource(repo="some/model", path=name)
        file = ModelFile(name=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), hub=source)
        return ModelSpec(
            id="m", role="language", title="", family="", licence="", origin="", files=(file,), ram_bytes=1
        )

    with tempfile.TemporaryDirectory() as folder, hub_with({"some/model/a": whole, "some/model/b": small}) as hub:
        os.environ["HF_ENDPOINT"] = hub.address
        place = Path(folder)
        hub.drop_after = max(1, BYTES // DROPS)
        started = time.perf_counter()
        for _ in HubFetcher(place / "cache").fetch(spec("a", whole), place, CancelToken()):
            pass
        yield plain(
            f"{BYTES / 1e6:.0f} MB over a line that breaks {DROPS} times or more", [time.perf_counter() - started], "s"
        )
        yield at_most("bytes sent beyond the file", [100 * (hub.sent / BYTES - 1)], 2, "%")
        hub.drop_after, hub.damage, missed = 0, True, 0
        for _ in range(CORRUPT):
            try:
                for _ in HubFetcher(place / "cache").fetch(spec("b", small), place, CancelToken()):
                    pass
                missed += 1
            except AppError as error:
                missed += error.code != "models.hash_mismatch" or (place / "b").exists()
        yield at_most(f"of {CORRUPT} corrupt downloads not caught", [missed], 0, "")


def page() -> Iterator[Figure]:
    """The page of models with many entries, until the window answers again."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    command = [sys.executable, str(Path(__file__).resolve()), "page"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    yield at_most(f"the page opens with {ENTRIES} entries", json.loads(told.splitlines()[-1]), 200, "ms")


def _page() -> None:
    sys.path.insert(0, str(ROOT))
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    from desktop_app.app import build
    from desktop_app.paths import places
    from desktop_app.ui.application import application, build_window
    from desktop_app.ui.library.view import LibraryPage

    with tempfile.TemporaryDirectory() as folder:
        services = build(places(Path(folder)).create())
        library = services.library
        library._catalog = tuple(
            dataclasses.replace(library.catalog()[place % len(library.catalog())], id=f"m{place}", series="")
            for place in range(ENTRIES)
        )
        services.preferences.change(first_run_done=True)
        application()
        window = build_window(services)
        window.show()
        window.start()
        while window.lanes.running:
            QApplication.processEvents()
        taken = []
        for _ in range(OPENINGS):
            for old in window.findChildren(LibraryPage):
                for card in old.cards.values():  # as at the first time: every card that is seen is made anew
                    card.deleteLater()
                old.cards.clear()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            started = time.perf_counter()
            window.actions_registry.run("page.models")
            page = window.findChild(LibraryPage)
            assert page is not None
            while window.lanes.running or not page.cards:
                QApplication.processEvents()
            QApplication.processEvents()
            taken.append((time.perf_counter() - started) * 1000)
            page.closed.emit()
            QApplication.processEvents()
        print(json.dumps(taken), flush=True)
        window.discard()
        services.close()


if __name__ == "__main__":
    _page()
