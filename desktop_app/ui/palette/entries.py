"""What the palette offers, and which of it fits what was typed. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from desktop_app.ui.palette.fuzzy import fit

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the palette. `group` says what kind of thing it is."""

    title: str
    run: Callable[[], None]
    group: str = ""
    keys: str = ""
    icon: str = ""


def fitting(entries: Iterable[Entry], typed: str) -> tuple[Entry, ...]:
    """The best fits first; where two fit alike the given order stays. Only the title counts."""
    scored = [(score, entry) for entry in entries if (score := fit(typed, entry.title)) is not None]
    return tuple(entry for _, entry in sorted(scored, key=lambda pair: -pair[0])[:MOST])
