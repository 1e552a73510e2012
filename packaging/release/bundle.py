"""Freezes the application into one folder and makes that folder the same each time: `frozen()`.

llama.cpp is compiled for it apart from the environment's own: for every processor with AVX2, not for this one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from release.places import BUILD, FROZEN, ROOT, Stop, epoch, run

PORTABLE = BUILD / "portable"
MANIFEST = "MANIFEST.sha256"
_WITH_DEBUG_INFORMATION = ("ctranslate2*/*.so*", "libpython*")


def frozen() -> Path:
    """The folder of the program, made anew from the tree. Raises Stop."""
    _portable_llama()
    spec = Path(__file__).with_name("stonechat.spec")
    places = ["--distpath", FROZEN.parent, "--workpath", BUILD / "work"]
    tool = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", *places, spec]
    run(tool, SOURCE_DATE_EPOCH=str(epoch()), PYTHONHASHSEED="1", PYTHONPATH=str(ROOT))
    if sys.platform == "linux":
        _without_debug_information(FROZEN)
        link_doubles(FROZEN)
        _without_loose_links(FROZEN)
    _without_modes(FROZEN)
    write_manifest(FROZEN)
    return FROZEN


def data_of(wanted: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """(file, folder in the bundle) of the data files that packages need, by patterns within each package."""
    found = []
    for package, patterns in wanted.items():
        folder = _folder_of(package)
        files = [file for pattern in patterns for file in folder.glob(pattern) if file.is_file()]
        if not files:
            raise Stop(f"{package} has none of {', '.join(patterns)} any more.")
        found += [(str(file), str(Path(package) / file.parent.relative_to(folder))) for file in files]
    return found


def portable_libraries() -> list[tuple[str, str, str]]:
    """llama.cpp's libraries as PyInstaller lists binaries: (place in the bundle, file, kind)."""
    folder = PORTABLE / "llama_cpp" / "lib"
    files = [file for file in folder.iterdir() if ".so" in file.name or file.suffix in (".dll", ".dylib")]
    return [(f"llama_cpp/lib/{file.name}", str(file), "BINARY") for file in files]


def write_manifest(folder: Path) -> Path:
    """The sum of every file of the folder, sorted by name, in `folder/MANIFEST.sha256`; `sha256sum -c` checks it."""
    manifest = folder / MANIFEST
    manifest.unlink(missing_ok=True)
    lines = [f"{sha256(file)}  {file.relative_to(folder).as_posix()}\n" for file in files_of(folder)]
    manifest.write_text("".join(lines), encoding="utf-8")
    return manifest


def files_of(folder: Path) -> Iterator[Path]:
    """Every file below the folder, sorted by name, without links."""
    yield from sorted(file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def link_doubles(folder: Path) -> None:
    """Files with the same bytes become links to the first of them: wheels carry libraries under several names."""
    first: dict[str, Path] = {}
    for file in files_of(folder):
        if file.stat().st_size < 4096:
            continue
        same = first.setdefault(sha256(file), file)
        if same is not file:
            file.unlink()
            file.symlink_to(os.path.relpath(same, file.parent))


def sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _portable_llama() -> None:
    from importlib.metadata import version

    wanted = f"llama-cpp-python=={version('llama-cpp-python')}"
    mark = PORTABLE / "made-for"
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(PORTABLE, ignore_errors=True)
    how = ["--no-cache-dir", "--no-deps", "--no-binary", "llama-cpp-python", "--target", PORTABLE]
    run([sys.executable, "-m", "pip", "install", *how, wanted], CMAKE_ARGS="-DGGML_NATIVE=OFF")
    mark.write_text(wanted, encoding="utf-8")


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Stop(f"{package} is not installed: run make setup.")
    return Path(next(iter(spec.submodule_search_locations)))


def _without_debug_information(folder: Path) -> None:
    for pattern in _WITH_DEBUG_INFORMATION:
        for library in (folder / "_internal").glob(pattern):
            subprocess.run(["strip", "--strip-debug", str(library)], check=True)


def _without_loose_links(folder: Path) -> None:
    for link in folder.rglob("*"):
        if link.is_symlink() and not link.exists():
            link.unlink()


def _without_modes(folder: Path) -> None:
    """Readable by everybody, and a program only where one is."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path == folder / "stonechat" else 0o644)
