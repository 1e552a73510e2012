"""Fetches one file of the model hub in a process of its own, which can be ended at any moment: `hub_child FOLDER`.

The request is a line of JSON on standard input (`repo`, `path`, `revision`, `sha256`); progress and the end are lines
of JSON on standard output. Only `hub_fetcher.py` starts it. huggingface_hub resumes what is there, heeds proxies,
certificates and HF_ENDPOINT.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from typing import Any

SAY_EVERY_S = 0.1
BLOCK_BYTES = 8 * 1024
"""What a broken connection loses at most; huggingface_hub's own 10 MB would lose all of a slow, unsteady line."""


def main() -> int:
    folder, request = sys.argv[1], json.loads(sys.stdin.readline())
    os.environ.update(
        HF_HUB_OFFLINE="0",  # engines beside us forbid themselves the hub; this process is started to ask it
        HF_HUB_DISABLE_XET="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_DISABLE_IMPLICIT_TOKEN="1",
    )
    try:
        say(event="done", **fetched(request, folder))
    except Exception as error:  # noqa: BLE001 - the boundary: the parent tells the person
        say(event="failed", kind=kind_of(error), detail=f"{type(error).__name__}: {error}")
        return 1
    return 0


def fetched(request: dict[str, str], folder: str) -> dict[str, Any]:
    """Path, sum and commit of the file, once it is here. Raises what huggingface_hub raises, ValueError."""
    import huggingface_hub as hub
    from huggingface_hub import constants

    constants.DOWNLOAD_CHUNK_SIZE = BLOCK_BYTES
    repo, name = request["repo"], request["path"]
    facts = hub.get_hf_file_metadata(hub.hf_hub_url(repo, name, revision=request["revision"]))
    told = facts.etag if re.fullmatch(r"[0-9a-f]{64}", facts.etag or "") else ""
    if request["sha256"] and told and told != request["sha256"]:
        raise ValueError(f"the hub names {told} instead of {request['sha256']}")
    say(event="size", bytes=facts.size or 0)
    commit = facts.commit_hash or request["revision"]
    path = hub.hf_hub_download(repo, name, revision=commit, local_dir=folder, tqdm_class=told_bar())
    return {"path": path, "sha256": told, "commit": facts.commit_hash or ""}


def told_bar() -> Any:
    """A progress bar that speaks JSON."""
    from tqdm import tqdm

    class Told(tqdm):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **named: Any) -> None:
            named.pop("name", None)
            super().__init__(*arguments, **{**named, "disable": True})
            self.here, self.said = int(named.get("initial") or 0), 0.0

        def update(self, n: float | None = 1) -> Any:
            self.here += int(n or 0)
            if time.monotonic() - self.said > SAY_EVERY_S:
                self.said = time.monotonic()
                say(event="progress", done=self.here)
            return super().update(n)

    return Told


def kind_of(error: Exception) -> str:
    """What went wrong, in the words of `hub_fetcher.py`."""
    name = type(error).__name__
    if isinstance(error, ValueError) and "the hub names" in str(error):
        return "mismatch"
    if name in ("RepositoryNotFoundError", "RemoteEntryNotFoundError", "EntryNotFoundError", "RevisionNotFoundError"):
        return "gone"
    if name in ("GatedRepoError", "DisabledRepoError"):
        return "closed"
    if isinstance(error, OSError) and error.errno in (28, 122):
        return "full"
    if "Consistency check failed" in str(error):
        return "mismatch"
    return "network"


def say(**event: Any) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
