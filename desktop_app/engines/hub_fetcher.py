"""Brings files of the model hub: a child fetches, here is counted, checked and put in place.

What has arrived stays in the cache when a download is paused, cancelled or cut off; the next one goes on from there.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from desktop_app.domain.model_specs import FetchStep, HubSource, ModelFile, ModelSpec
from desktop_app.engines.processes import running
from desktop_app.errors import AppError, EnvironmentProblem, UserCanFix
from desktop_app.files import disk_errors, disk_full, sha256_of, sync_file, sync_folder
from desktop_app.frozen import part_command
from desktop_app.ports import CancelToken

CHILD = part_command("desktop_app.engines.hub_child")
ATTEMPTS_WITHOUT_PROGRESS = 5
PAUSE_S = 0.5


class HubFetcher:
    """Fetches the files of a spec that come from the hub; `cache` keeps what is not whole yet."""

    def __init__(self, cache: Path, child: Sequence[str] = CHILD) -> None:
        self.cache = cache
        self._child = tuple(child)

    def fetch(self, spec: ModelSpec, folder: Path, cancel: CancelToken) -> Iterator[FetchStep]:
        """See `ModelFetcher.fetch`."""
        done = 0
        for file in spec.hub_files:
            target = folder / file.name
            if not _there(file, target, cancel):
                for here in self._file(file, target, cancel):
                    yield FetchStep(stage="fetching", done=done + min(here, file.bytes))
            done += file.bytes
            yield FetchStep(stage="checking", done=done)

    def space_needed(self, spec: ModelSpec) -> int:
        """Bytes of the downloads, without what is here already."""
        return sum(max(0, file.bytes - self._waiting(file)) for file in spec.hub_files)

    def _file(self, file: ModelFile, target: Path, cancel: CancelToken) -> Iterator[int]:
        """Bytes that have arrived. Raises AppError, Cancelled."""
        assert file.hub is not None
        scratch = self._scratch(file.hub)
        with disk_errors(self.cache):
            scratch.mkdir(parents=True, exist_ok=True)
            ended: dict[str, Any] = {}
            for event in self._until_done(file, scratch, cancel):
                if event["event"] == "progress":
                    yield int(event["done"])
                ended = event
            arrived = Path(ended["path"])
            found = sha256_of(arrived, lambda _done: cancel.raise_if_cancelled())
            if found != (file.sha256 or ended["sha256"] or found):
                shutil.rmtree(scratch, ignore_errors=True)
                raise mismatch(f"{file.hub.repo} {file.hub.path}: {found}")
            sync_file(arrived)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(arrived, target)
            sync_folder(target.parent)
        shutil.rmtree(scratch, ignore_errors=True)

    def _until_done(self, file: ModelFile, scratch: Path, cancel: CancelToken) -> Iterator[dict[str, Any]]:
        """The child's events; a broken connection is tried again for as long as something new arrives."""
        fruitless, most = 0, self._waiting(file)
        while True:
            event: dict[str, Any] = {"event": "failed", "kind": "network", "detail": "the download ended early"}
            for event in self._events(file, scratch, cancel):
                yield event
            cancel.raise_if_cancelled()
            if event["event"] == "done":
                return
            if event.get("kind", "network") != "network":
                if event["kind"] == "mismatch":
                    shutil.rmtree(scratch, ignore_errors=True)
                raise _explain(event)
            here = self._waiting(file)
            fruitless, most = (0, here) if here > most else (fruitless + 1, most)
            if fruitless >= ATTEMPTS_WITHOUT_PROGRESS:
                raise _explain(event)
            cancel.wait(PAUSE_S * fruitless)

    def _events(self, file: ModelFile, scratch: Path, cancel: CancelToken) -> Iterator[dict[str, Any]]:
        assert file.hub is not None
        wish = {"repo": file.hub.repo, "path": file.hub.path, "revision": file.hub.revision, "sha256": file.sha256}
        command = [*self._child, str(scratch)]
        with running(command, scratch, stdin=subprocess.PIPE) as child, cancel.calling(child.terminate):
            assert child.stdin is not None and child.stdout is not None
            child.stdin.write(json.dumps(wish) + "\n")
            child.stdin.close()
            for line in child.stdout:
                if line.startswith("{"):
                    yield json.loads(line)

    def _scratch(self, source: HubSource) -> Path:
        return self.cache / re.sub(r"[^A-Za-z0-9._-]+", "-", f"{source.repo}@{source.revision}/{source.path}")

    def _waiting(self, file: ModelFile) -> int:
        """Bytes of this file that earlier attempts left."""
        assert file.hub is not None
        return max((path.stat().st_size for path in self._scratch(file.hub).rglob("*.incomplete")), default=0)


def _there(file: ModelFile, target: Path, cancel: CancelToken) -> bool:
    if not file.sha256 or not target.is_file():
        return False
    return sha256_of(target, lambda _done: cancel.raise_if_cancelled()) == file.sha256


def mismatch(detail: str) -> AppError:
    """For a file that arrived and is another one."""
    return EnvironmentProblem(
        "models.hash_mismatch",
        "The download is not the file this application expects, so it was thrown away.",
        remedy="Start again; if it happens twice, the source has changed: do not use it.",
        detail=detail,
    )


def _explain(event: dict[str, Any]) -> AppError:
    kind, detail = event["kind"], event.get("detail", "")
    if kind == "mismatch":
        return mismatch(detail)
    if kind == "full":
        return disk_full(detail)
    if kind == "gone":
        return EnvironmentProblem(
            "models.gone",
            "The model hub no longer has this file under its name.",
            remedy="Choose another model, or add the file yourself if you have it.",
            detail=detail,
        )
    if kind == "closed":
        return UserCanFix(
            "models.closed",
            "The model hub gives this file only to people who have accepted its terms.",
            remedy="Accept them on the model's page and add the downloaded file, or choose another model.",
            detail=detail,
        )
    return EnvironmentProblem(
        "models.offline",
        "The model hub could not be reached.",
        remedy="Check the internet connection (and its proxy settings) and start again; what is here is kept.",
        detail=detail,
    )
