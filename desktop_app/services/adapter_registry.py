"""Which adapters there are and what became of them: database and folder kept in step, across crashes.

`ROOT/ID/` holds `adapter.gguf`, `report.json`, `card.md`, `manifest.json`. The database decides; what lies in the
folder without a row there, or against it, is cleared away by `settle`.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from desktop_app.domain.adapters import Adapter, AdapterEvent, AdapterState, Lineage, surplus
from desktop_app.domain.blind_comparison import Vote
from desktop_app.domain.gate import Verdict
from desktop_app.domain.personalizing import Run
from desktop_app.errors import EnvironmentProblem
from desktop_app.files import disk_errors, sha256_of
from desktop_app.ports import Clock
from desktop_app.services.adapter_card import card, manifest, report_json
from desktop_app.storage import Database, adapters, trainings
from desktop_app.storage.ids import Ids

GGUF, REPORT, CARD, MANIFEST = "adapter.gguf", "report.json", "card.md", "manifest.json"
_KEEPS_FILES: frozenset[AdapterState] = frozenset({"candidate", "offered", "active", "resting"})
_log = logging.getLogger(__name__)


class AdapterRegistry:
    """Callable from any thread. `root` is the folder of adapters."""

    def __init__(self, database: Database, root: Path, clock: Clock) -> None:
        self._database = database
        self.root = root
        self._clock = clock
        self._ids = Ids(clock)

    # asking

    def list(self) -> tuple[Adapter, ...]:
        """Newest first, the removed ones too."""
        with self._database.read() as connection:
            return adapters.listing(connection)

    def find(self, adapter_id: str) -> Adapter:
        """Raises UserCanFix("adapters.not_found")."""
        with self._database.read() as connection:
            return adapters.find(connection, adapter_id)

    def active(self, base_sha256: str) -> Adapter | None:
        with self._database.read() as connection:
            return adapters.active(connection, base_sha256)

    def report(self, adapter_id: str) -> Verdict | None:
        with self._database.read() as connection:
            return adapters.report(connection, adapter_id)

    def timeline(self) -> tuple[AdapterEvent, ...]:
        with self._database.read() as connection:
            return adapters.timeline(connection)

    def in_use_since(self, adapter_id: str) -> float | None:
        with self._database.read() as connection:
            return adapters.in_use_since(connection, adapter_id)

    def votes(self, adapter_id: str) -> tuple[Vote, ...]:
        with self._database.read() as connection:
            return adapters.votes(connection, adapter_id)

    def learned_from(self, feedback_ids: Iterable[str]) -> tuple[Adapter, ...]:
        with self._database.read() as connection:
            return adapters.learned_from(connection, feedback_ids)

    def unfinished(self) -> tuple[Run, ...]:
        with self._database.read() as connection:
            return trainings.unfinished(connection)

    def last_ended(self) -> tuple[str, float] | None:
        with self._database.read() as connection:
            return trainings.last_ended(connection)

    def file(self, adapter_id: str) -> Path:
        return self.folder(adapter_id) / GGUF

    def folder(self, adapter_id: str) -> Path:
        return self.root / adapter_id

    # changing

    def add(self, lineage: Lineage, run: Run | None = None) -> Adapter:
        """A new candidate; with `run`, the line of the journal in the same transaction."""
        now = self._clock.now()
        adapter = Adapter(id=self._ids.new(), state="candidate", lineage=lineage, created_at=now, changed_at=now)
        with self._database.write() as connection:
            adapters.add(connection, adapter, "begun" if run else "imported")
            if run is not None:
                trainings.begin(connection, replace(run, adapter_id=adapter.id, started_at=now))
        return adapter

    def set_stage(self, adapter_id: str, stage: str) -> None:
        with self._database.write() as connection:
            trainings.set_stage(connection, adapter_id, stage)

    def take_over(self, adapter_id: str) -> None:
        with self._database.write() as connection:
            trainings.take_over(connection, adapter_id)

    def made(self, adapter_id: str) -> None:
        """The file is there: note its sum, and that it waits for the gate."""
        digest = sha256_of(self.file(adapter_id))
        with self._database.write() as connection:
            adapters.set_sha256(connection, adapter_id, digest)
            trainings.set_stage(connection, adapter_id, "gate")

    def judged(self, adapter_id: str, verdict: Verdict) -> Adapter:
        """Keep the verdict: beside the adapter, then with its new state in one transaction."""
        adapter = self.find(adapter_id)
        if verdict.passed:
            self._describe(adapter, verdict)
        now = self._clock.now()
        outcome: AdapterState = "offered" if verdict.passed else "rejected"
        with self._database.write() as connection:
            adapters.set_report(connection, adapter_id, verdict)
            moved = adapters.move(connection, adapter_id, outcome, "passed" if verdict.passed else "failed", now)
            trainings.end(connection, adapter_id, verdict.outcome, now)
            for each in surplus(adapters.listing(connection), moved.lineage.base_sha256):
                adapters.move(connection, each.id, "removed", "more than five", now)
        self._sweep()
        return moved

    def move(self, adapter_id: str, after: AdapterState, reason: str) -> Adapter:
        with self._database.write() as connection:
            moved = adapters.move(connection, adapter_id, after, reason, self._clock.now())
        if after not in _KEEPS_FILES:
            self._sweep()
        return moved

    def activate(self, adapter_id: str, strength: float, reason: str) -> Adapter:
        """Put it in front of its model; what was there rests. One transaction."""
        now = self._clock.now()
        with self._database.write() as connection:
            wanted = adapters.find(connection, adapter_id)
            before = adapters.active(connection, wanted.lineage.base_sha256)
            if before is not None and before.id != wanted.id:
                adapters.move(connection, before.id, "resting", "replaced", now)
            adapters.set_strength(connection, wanted.id, strength)
            if wanted.state != "active":
                adapters.move(connection, wanted.id, "active", reason, now)
            return adapters.find(connection, wanted.id)

    def set_strength(self, adapter_id: str, strength: float) -> None:
        with self._database.write() as connection:
            adapters.set_strength(connection, adapter_id, strength)

    def vote(self, adapter_id: str, vote: Vote) -> None:
        with self._database.write() as connection:
            adapters.add_vote(connection, adapter_id, vote, self._clock.now())

    def withdraw(self, feedback_ids: Iterable[str]) -> tuple[Adapter, ...]:
        """Everything that learned from these is stale, out of use, and its file gone. Returns what it was."""
        now = self._clock.now()
        with self._database.write() as connection:
            found = adapters.learned_from(connection, feedback_ids)
            for each in found:
                adapters.move(connection, each.id, "stale", "withdrawn", now)
                trainings.end(connection, each.id, "withdrawn", now)
        if found:
            self._sweep()
        return found

    def give_up(self, adapter_id: str, reason: str) -> None:
        """A training that will not be finished leaves only its line in the timeline."""
        now = self._clock.now()
        with self._database.write() as connection:
            trainings.end(connection, adapter_id, reason, now)
            if adapters.find(connection, adapter_id).state in ("candidate", "rejected", "stale"):
                adapters.move(connection, adapter_id, "removed", reason, now)
        self._sweep()

    # order

    def alone(self) -> FileLock:
        """Held while something is trained or judged: one at a time for a data folder. Raises EnvironmentProblem."""
        with disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(self.root / ".lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise EnvironmentProblem(
                "personalize.running",
                "A personalization is running already.",
                remedy="Wait until it has ended, or cancel it in the window where it runs.",
            ) from error
        return lock

    def settle(self) -> None:
        """At the start: bring registry and folder into step. Left alone while a personalization runs elsewhere."""
        try:
            lock = self.alone()
        except EnvironmentProblem:
            return
        try:
            going_on = {run.adapter_id for run in self.unfinished()}
            for each in self.list():
                if each.state == "candidate" and each.id not in going_on:
                    self.move(each.id, "removed", "not finished")
                elif each.usable and not self.file(each.id).is_file():
                    self.move(each.id, "removed", "file missing")
            self._sweep()
        finally:
            lock.release()

    def _sweep(self) -> None:
        """Remove folders, and the files in them, that no row stands for."""
        if not self.root.is_dir():
            return
        kept = {each.id for each in self.list() if each.state in _KEEPS_FILES}
        for folder in self.root.iterdir():
            if folder.is_dir() and not folder.is_symlink() and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
                if folder.exists():
                    _log.warning("a removed adapter's folder is still there: %s", folder.name)

    def _describe(self, adapter: Adapter, verdict: Verdict) -> None:
        folder = self.folder(adapter.id)
        texts = {REPORT: report_json(verdict), CARD: card(adapter, verdict), MANIFEST: manifest(adapter)}
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name, text in texts.items():
                part = folder / f"{name}.part"
                part.write_text(text, encoding="utf-8")
                part.replace(folder / name)
