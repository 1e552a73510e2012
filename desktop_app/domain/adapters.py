"""Adapters as they are kept: where each came from, and which state may follow which. Pure values and rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desktop_app.errors import Bug, UserCanFix

AdapterState = Literal["candidate", "rejected", "offered", "active", "resting", "stale", "removed"]
Origin = Literal["trained", "imported"]

NEXT: dict[AdapterState, frozenset[AdapterState]] = {
    "candidate": frozenset({"rejected", "offered", "stale", "removed"}),
    "rejected": frozenset({"stale", "removed"}),
    "offered": frozenset({"active", "resting", "stale", "removed"}),
    "active": frozenset({"resting", "stale", "removed"}),
    "resting": frozenset({"active", "stale", "removed"}),
    "stale": frozenset({"removed"}),
    "removed": frozenset(),
}
"""candidate: not judged yet. offered: passed the gate. resting: was offered or in use, can be used again.
stale: learned from feedback that was taken back. removed: its file is gone, its line in the timeline stays."""

USABLE: frozenset[AdapterState] = frozenset({"offered", "active", "resting"})
KEPT = 5
"""How many usable adapters of one model are kept, newest first; the one in use always is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What an adapter was made from. `learned_from` and `judged_on` are feedback ids."""

    base_sha256: str
    base_name: str = ""
    recipe: str = ""
    seed: int = 0
    code_version: str = ""
    parent_id: str = ""
    origin: Origin = "trained"
    learned_from: tuple[str, ...] = ()
    judged_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """One adapter in the registry. `sha256` is that of its GGUF, "" before there is one; times in epoch seconds."""

    id: str
    state: AdapterState
    lineage: Lineage
    created_at: float
    changed_at: float
    sha256: str = ""
    strength: float = 1.0

    @property
    def usable(self) -> bool:
        return self.state in USABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterEvent:
    """One line of the timeline. `reason` is a stable word: passed, failed, chosen, off, replaced, withdrawn..."""

    adapter_id: str
    before: str
    after: AdapterState
    at: float
    reason: str


def check_transition(before: AdapterState, after: AdapterState) -> None:
    """Raises Bug("adapters.transition") for a step that is not in `NEXT`."""
    if after not in NEXT[before]:
        raise Bug(
            "adapters.transition",
            "This adapter cannot be put into that state.",
            remedy="Look at its state with: stonechat adapters list",
            detail=f"{before} -> {after}",
        )


def check_usable(adapter: Adapter, base_sha256: str) -> None:
    """Raises UserCanFix when this adapter may not be put in front of the model `base_sha256`."""
    if adapter.state not in USABLE:
        why = {
            "candidate": "This adapter has not been judged yet.",
            "rejected": "This adapter did not pass its checks.",
            "stale": "This adapter learned from feedback that was taken back.",
            "removed": "This adapter was removed.",
        }[adapter.state]
        raise UserCanFix("adapters.not_usable", why, remedy="Choose another one, or personalize again.")
    if adapter.lineage.base_sha256 != base_sha256:
        raise UserCanFix(
            "adapters.other_model",
            "This adapter was made for another model.",
            remedy=f"Choose the model it was made for ({adapter.lineage.base_name or 'unknown'}), or another adapter.",
        )


def surplus(adapters: tuple[Adapter, ...], base_sha256: str, kept: int = KEPT) -> tuple[Adapter, ...]:
    """Usable adapters of this model beyond the newest `kept`; the one in use is never among them."""
    usable = [each for each in adapters if each.usable and each.lineage.base_sha256 == base_sha256]
    usable.sort(key=lambda each: (each.state == "active", each.created_at, each.id), reverse=True)
    return tuple(usable[kept:])
