"""What the tests of the record of use share: a clock that is set by hand, and a service on a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desktop_app.domain.consent import Level
from desktop_app.domain.metrics import Registry
from desktop_app.services.metrics_file import registry as shipped
from desktop_app.services.telemetry import UsageService
from desktop_app.storage.usage_file import UsageFile

DAY_S = 86_400.0
NOON = 1_800_014_400.0  # a day's middle, wherever the machine thinks it is


class SetClock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.wall = NOON
        self.mono = 100.0

    def now(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.mono


@contextmanager
def recording(
    folder: Path, level: Level | None = "events", clock: SetClock | None = None, registry: Registry | None = None
) -> Iterator[tuple[UsageService, SetClock]]:
    """A service on `folder`/usage.db; `level` None: nobody was asked."""
    clock = clock or SetClock()
    made = UsageService(
        UsageFile(folder / "usage.db"),
        clock,
        version="1.2.3",
        registry=lambda: registry or shipped(),
        monotonic=clock.monotonic,
        write_every_s=3600,  # the tests say when
    )
    if level is not None:
        made.agree(level, "May I?")
    made.start()
    try:
        yield made, clock
    finally:
        made.close()


def lines(usage: UsageService, record: str = "event") -> list[dict[str, Any]]:
    """The export's objects of one kind."""
    import json

    found = [json.loads(line) for line in usage.export().decode().splitlines()]
    return [each for each in found if each["record"] == record]


def on_disk(folder: Path) -> bytes:
    """Every byte of every file that belongs to the record."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("usage.db*")))
