"""Adapters in use: put in front of the model between turns, taken away with one call, or by themselves when needed.

An adapter is put on for the first time under a mark on the disk. When the application died before it was ready, the
next start finds the mark and begins without that adapter.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from desktop_app.domain.adapters import Adapter, AdapterEvent, check_usable
from desktop_app.domain.blind_comparison import turned_against, wilson
from desktop_app.domain.feedback import Rating
from desktop_app.domain.gate import Verdict
from desktop_app.domain.generation import ModelAbilities
from desktop_app.errors import AppError, EngineCrashed, UserCanFix
from desktop_app.files import disk_errors, sha256_of
from desktop_app.ports import LanguageModel
from desktop_app.services.adapter_registry import AdapterRegistry
from desktop_app.storage.writers import runs, this_writer

NONE = "none"
STARTING = "starting.json"
_log = logging.getLogger(__name__)


class AdapterService:
    """Callable from any thread. `ratings` gives all ratings of the person."""

    def __init__(self, registry: AdapterRegistry, ratings: Callable[[], Iterable[Rating]] = tuple) -> None:
        self.registry = registry
        self._ratings = ratings
        self._watchers: list[Callable[[], None]] = []
        self._proven: set[str] = set()  # adapters that have been ready once in this process
        self._checked: set[tuple[str, int, int]] = set()  # (id, size, time) of files whose sum was right
        self._lock = threading.RLock()

    def start(self) -> Adapter | None:
        """To be called once at the start. Gives the adapter that a failed start was blamed on, if any."""
        blamed = self._blamed()
        self.registry.settle()
        return blamed

    # asking

    def list(self, *, all_states: bool = False) -> tuple[Adapter, ...]:
        """Newest first, without the removed ones unless asked."""
        return tuple(each for each in self.registry.list() if all_states or each.state != "removed")

    def find(self, adapter_id: str) -> Adapter:
        return self.registry.find(adapter_id)

    def active(self, base_sha256: str) -> Adapter | None:
        return self.registry.active(base_sha256)

    def report(self, adapter_id: str) -> Verdict:
        """Raises UserCanFix("adapters.no_report")."""
        found = self.registry.report(self.find(adapter_id).id)
        if found is None:
            raise UserCanFix(
                "adapters.no_report",
                "This adapter has not been judged.",
                remedy="Personalize again; a report is made with every adapter.",
            )
        return found

    def timeline(self) -> tuple[AdapterEvent, ...]:
        return self.registry.timeline()

    # using

    def use(self, adapter_id: str, base_sha256: str, *, strength: float = 1.0, reason: str = "chosen") -> Adapter:
        """From the next turn on. Raises UserCanFix when it may not be used, or not with this model."""
        adapter = self.find(adapter_id)
        check_usable(adapter, base_sha256)
        self._check_file(adapter)
        used = self.registry.activate(adapter.id, _bounded(strength), reason)
        self._changed()
        return used

    def set_strength(self, adapter_id: str, strength: float) -> None:
        """0 to 1, from the next turn on."""
        self.registry.set_strength(self.find(adapter_id).id, _bounded(strength))
        self._changed()

    def off(self, base_sha256: str = "", reason: str = "off") -> tuple[Adapter, ...]:
        """Use none from the next turn on, for one model or for all. Gives those that were in use."""
        found = tuple(
            each
            for each in self.registry.list()
            if each.state == "active" and base_sha256 in ("", each.lineage.base_sha256)
        )
        for each in found:
            self.registry.move(each.id, "resting", reason)
        if found:
            self._changed()
        return found

    def rollback(self, base_sha256: str, reason: str = "rolled back") -> Adapter | None:
        """Go back to the adapter that was in use before this one, else to none. Gives what is in use now."""
        current = self.active(base_sha256)
        if current is None:
            return None
        self.off(base_sha256, reason)
        seen = [event.adapter_id for event in self.timeline() if event.after == "active"]
        for adapter_id in dict.fromkeys(seen):
            before = self.find(adapter_id)
            if before.id != current.id and before.usable and before.lineage.base_sha256 == base_sha256:
                return self.use(before.id, base_sha256, strength=before.strength, reason="rolled back to")
        return None

    def remove(self, adapter_id: str) -> None:
        """Out of use, and its file deleted; its line in the timeline stays."""
        adapter = self.find(adapter_id)
        if adapter.state != "removed":
            self.registry.move(adapter.id, "removed", "removed")
            self._changed()

    def put_on(self, model: LanguageModel, abilities: ModelAbilities, wish: str | None = None) -> str:
        """Give a loaded model the adapter to answer with; the id of it, "" for none. To be called before each turn.

        `wish` None takes the one in use, "none" none, else that one. An adapter in use that does not work is put out
        of use and the turn goes on without; one that was asked for raises AppError.
        """
        with self._lock:
            adapter = self._wished(abilities.sha256, wish)
            if adapter is None:
                _take_off(model)
                return ""
            try:
                self._check_file(adapter)
                self._first_time(model, adapter)
            except AppError as error:
                if wish is not None:
                    raise
                self._give_up_on(adapter, error)
                _take_off(model)
                return ""
            return adapter.id

    # watching

    def withdrawn(self, feedback_ids: Iterable[str]) -> tuple[Adapter, ...]:
        """Feedback no longer holds: everything learned from it is out of use at once. Gives what that was."""
        found = self.registry.withdraw(feedback_ids)
        if found:
            self._changed()
        return found

    def look_at_ratings(self, base_sha256: str) -> Adapter | None:
        """Go back when ratings in daily use have turned against the adapter; the one that was put out of use."""
        current = self.active(base_sha256)
        if current is None:
            return None
        now, before = _Ratio(), _Ratio()
        for rating in self._ratings():
            if rating.liked is None or rating.imported or rating.provenance.model_sha256 != base_sha256:
                continue
            (now if rating.provenance.adapter == current.id else before).add(rating.liked)
        if not turned_against(now.liked, now.disliked, before.share):
            return None
        self.rollback(base_sha256, "ratings turned against it")
        return current

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher` after every change, on the thread that made it; returns what ends it."""
        self._watchers.append(watcher)

        def stop() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return stop

    # inside

    def _wished(self, base_sha256: str, wish: str | None) -> Adapter | None:
        if wish is None:
            return self.active(base_sha256)
        if wish == NONE:
            return None
        adapter = self.find(wish)
        check_usable(adapter, base_sha256)
        current = self.active(base_sha256)
        return adapter if current and current.id == adapter.id else replace(adapter, strength=adapter.strength or 1.0)

    def _first_time(self, model: LanguageModel, adapter: Adapter) -> None:
        path = str(self.registry.file(adapter.id))
        if adapter.id in self._proven:
            model.use_adapter(path, adapter.strength)
            return
        mark = self.registry.root / STARTING
        with disk_errors(self.registry.root):
            mark.write_text(json.dumps({"adapter": adapter.id, "writer": this_writer()}), encoding="utf-8")
        try:
            model.use_adapter(path, adapter.strength)
        finally:
            mark.unlink(missing_ok=True)
        self._proven.add(adapter.id)

    def _blamed(self) -> Adapter | None:
        """The adapter that was being put on when a process, now dead, ended; it is put out of use."""
        mark = self.registry.root / STARTING
        try:
            found = json.loads(mark.read_text(encoding="utf-8"))
            if runs(found["writer"]):
                return None
            adapter = self.find(found["adapter"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AppError):
            mark.unlink(missing_ok=True)
            return None
        if adapter.state == "active":
            self.registry.move(adapter.id, "resting", "start failed")
        mark.unlink(missing_ok=True)
        return adapter

    def _check_file(self, adapter: Adapter) -> None:
        """Raises UserCanFix("adapters.damaged") when the file is not the one that was judged."""
        path = self.registry.file(adapter.id)
        try:
            status = path.stat()
            seen = (adapter.id, status.st_size, status.st_mtime_ns)
            if seen in self._checked or sha256_of(path) == adapter.sha256:
                self._checked.add(seen)
                return
        except OSError as error:
            _log.warning("an adapter cannot be read: %s", error)
        raise UserCanFix(
            "adapters.damaged",
            "The file of this adapter is missing or was changed.",
            remedy="Remove it with: stonechat adapters remove, then personalize again.",
            detail=str(path),
        )

    def _give_up_on(self, adapter: Adapter, error: AppError) -> None:
        _log.warning("the adapter %s does not work: %s", adapter.id, error.detail or error.message)
        reason = "crashed" if isinstance(error, EngineCrashed) else "does not work"
        self.registry.move(adapter.id, "resting", reason)
        self._changed()

    def _changed(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()


class _Ratio:
    def __init__(self) -> None:
        self.liked = self.disliked = 0

    def add(self, liked: bool) -> None:
        if liked:
            self.liked += 1
        else:
            self.disliked += 1

    @property
    def share(self) -> float:
        """Of liked answers: at least this much, as far as one can tell; a half while there are none."""
        rated = self.liked + self.disliked
        return wilson(self.liked, rated)[0] if rated else 0.5


def _take_off(model: LanguageModel) -> None:
    model.use_adapter("")


def _bounded(strength: float) -> float:
    if not 0.0 <= strength <= 1.0:
        raise UserCanFix(
            "adapters.strength", "The strength of an adapter is between 0 and 1.", remedy="Choose 1 for all of it."
        )
    return strength


def folder_of(data: Path) -> Path:
    """Where adapters are kept in a data folder."""
    return data / "adapters"
