"""Where an interrupted training goes on: one folder per job, holding what it has reached so far.

The folder is named by what the job is made of, so that another job never takes it for its own, and is removed when the
training has ended: it holds what a person wrote, as token ids.
"""

from __future__ import annotations

import hashlib
import pickle
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from desktop_app.domain.training import TrainingJob
from desktop_app.engines.training_words import Lesson

FORMAT = "1"


class JobFolder:
    """The files of one job. Each is written whole or not at all."""

    def __init__(self, job: TrainingJob) -> None:
        same = replace(
            job, base_path="", adapter_path="", work_folder="", nice=0, time_cap_s=0.0, memory_budget_bytes=0
        )
        key = hashlib.sha256(FORMAT.encode() + msgspec.msgpack.encode(same)).hexdigest()[:32]
        self.path = Path(job.work_folder) / "jobs" / key
        self.cache = self.path / "lessons.safetensors"

    def make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def write_plan(self, plan: Plan) -> None:
        self._write("plan.json", msgspec.json.encode(plan))

    def read_plan(self) -> Plan | None:
        try:
            return msgspec.json.decode((self.path / "plan.json").read_bytes(), type=Plan)
        except (OSError, msgspec.DecodeError):
            return None

    def write_state(self, state: dict[str, Any]) -> None:
        import torch

        part = self.path / "state.part"
        try:
            torch.save(state, part)
        except RuntimeError as error:
            raise OSError(str(error)) from error
        part.replace(self.path / "state.pt")

    def read_state(self) -> dict[str, Any] | None:
        """What was written last; None when there is nothing that can be used."""
        import torch

        try:
            state: dict[str, Any] = torch.load(self.path / "state.pt", weights_only=True)
        except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError):
            return None
        return state

    def _write(self, name: str, data: bytes) -> None:
        part = self.path / f"{name}.part"
        part.write_bytes(data)
        part.replace(self.path / name)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One example: the numbers of its lessons, -1 where it has none.

    `balance` makes liked and disliked ratings weigh the same. `worse` is what the answer was preferred to,
    `worse_rated` says that it was disliked besides. `mismatched` is another answer after this prompt (KTO's drift).
    """

    lesson: int
    liked: bool
    weight: float
    smoothing: float
    balance: float = 1.0
    worse: int = -1
    worse_rated: bool = False
    mismatched: int = -1


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is learned: lessons as token ids, the last `replayed` of them the base's own; and with how many threads."""

    lessons: list[Lesson]
    items: list[Item]
    replayed: int
    threads: int
