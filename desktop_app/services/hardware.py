"""What this computer can do for language models: memory that is free, a graphics card, speed as it was measured."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.domain.measurements import Measurement
from desktop_app.domain.model_fit import USUAL_BANDWIDTH, Machine
from desktop_app.domain.model_specs import InstalledModel

Look = Callable[[], tuple[bool, str, int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """`gpu`: this build can use graphics cards. `gpu_name` is empty and `gpu_free` 0 where there is none."""

    gpu: bool
    gpu_name: str
    gpu_free: int
    cores: int


class HardwareService:
    """`look` asks llama.cpp in a child, which takes about a second; `machine` only uses what is known already."""

    def __init__(
        self,
        look: Look,
        free_memory: Callable[[], int],
        measured: Callable[[], Mapping[str, Measurement]],
        installed: Callable[[], Sequence[InstalledModel]],
    ) -> None:
        self._look = look
        self._free_memory = free_memory
        self._measured = measured
        self._installed = installed
        self._lock = threading.Lock()
        self._known: Hardware | None = None

    def hardware(self) -> Hardware:
        """Asked once. Raises AppError."""
        with self._lock:
            if self._known is None:
                gpu, name, free, cores = self._look()
                self._known = Hardware(gpu=gpu, gpu_name=name, gpu_free=free, cores=cores)
            return self._known

    def machine(self) -> Machine:
        known = self._known
        return Machine(free=self._free_memory(), gpu_free=known.gpu_free if known else 0, bandwidth=self._bandwidth())

    def _bandwidth(self) -> float:
        """Of the quickest measurement: each token of an answer reads all weights once."""
        results = self._measured()
        if not results:
            return USUAL_BANDWIDTH
        sizes = {model.sha256: _size(model) for model in self._installed() if model.sha256 in results}
        found = [results[sha256].answer_per_s * size for sha256, size in sizes.items()]
        return max(found, default=0.0) or USUAL_BANDWIDTH


def _size(model: InstalledModel) -> int:
    try:
        return Path(model.path).stat().st_size
    except OSError:
        return 0
