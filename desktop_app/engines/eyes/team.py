"""Several processes that train one network: each draws and learns its share of a batch, all take the mean step.

Better than threads on a busy machine: they wait for each other once a step, not in every matrix product. Everything
goes through shared memory; nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PATIENCE_S = 900.0
"""A member that waits longer than this for the others gives up: they are gone."""


@dataclass(slots=True)
class Team:
    """One member's view. `pages` (two, members, numbers) is shared: one page is read while the other is written."""

    rank: int
    size: int
    pages: Any
    barrier: Any
    _turn: int = 0

    def mean(self, numbers: Any) -> Any:
        """The mean of all members' vectors; all call this equally often. Raises BrokenBarrierError."""
        page = self.pages[self._turn % 2]
        self._turn += 1
        page[self.rank].copy_(numbers)
        self.barrier.wait(PATIENCE_S)
        return page.mean(0)


class Helpers:
    """`size` - 1 processes that run `work(team, *arguments)`; the caller is member 0, as `team`.

    `work` must be importable. `close` lets them go.
    """

    def __init__(self, size: int, numbers: int, work: Callable[..., None], *arguments: Any) -> None:
        import torch.multiprocessing as processes
        from torch import zeros

        context = processes.get_context("spawn")
        pages, barrier = zeros(2, size, numbers).share_memory_(), context.Barrier(size)
        self.team = Team(0, size, pages, barrier)
        self._processes = [
            context.Process(target=work, args=(Team(rank, size, pages, barrier), *arguments), daemon=True)
            for rank in range(1, size)
        ]
        for process in self._processes:
            process.start()

    def close(self) -> None:
        self.team.barrier.abort()
        for process in self._processes:
            process.join(10)
            process.kill()
            process.join()
