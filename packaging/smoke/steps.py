"""Keeps what was proved: one sentence a step, with the exit code of what was run."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any


class Steps:
    """`done` goes into the report; what a step said lies beside it in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done: list[dict[str, Any]] = []

    def check(
        self, name: str, done: subprocess.CompletedProcess[str] | None, holds: bool = True, *, code: int | None = 0
    ) -> bool:
        """A step: it ended with `code` (None: any) and `holds` is true."""
        got = done.returncode if done is not None else 0
        ok = holds and code in (None, got)
        number = len(self.done) + 1
        self.done.append({"name": name, "ok": ok, "exit_code": got, "at": time.strftime("%H:%M:%S")})
        print(f"{'ok ' if ok else 'NO '} {number:2}. {name} (exit code {got})", flush=True)
        if done is not None:
            said = f"{' '.join(map(str, done.args))}\n\n{done.stdout or ''}\n{done.stderr or ''}"
            (self.folder / f"step-{number:02}.txt").write_text(said, encoding="utf-8")
            if not ok:
                print(*[f"       {line}" for line in said.splitlines()[-12:]], sep="\n", flush=True)
        return ok
