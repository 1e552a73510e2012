"""Adapters on a live llama.cpp context, by the low-level calls only.

`llama_cpp.Llama(lora_path=...)` takes a bad file without a word and dies at the first token; here every file passes
`adapter_check.py` first and every pointer is looked at. The base's weights are never changed.
"""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desktop_app.engines.adapter_check import check_adapter
from desktop_app.errors import EnvironmentProblem, UserCanFix

KEPT = 3
_File = tuple[str, int, int]
"""Path, size and time of change: another file under the same name is another adapter."""


class LlamaLora:
    """The adapters of one loaded `llama_cpp.Llama`. Close it before the model."""

    def __init__(self, llama: Any, base_path: str, base_sha256: str) -> None:
        import llama_cpp

        self._cpp = llama_cpp
        self._llama = llama
        self._base_path = base_path
        self._base_sha256 = base_sha256
        self._loaded: OrderedDict[_File, Any] = OrderedDict()
        self._current: tuple[_File, float] | None = None

    def use(self, path: str, strength: float) -> bool:
        """Whether anything changed, so that what the context has read is worthless. A failure changes nothing."""
        strength = min(max(strength, 0.0), 1.0)
        wanted = (_file(path), strength) if path and strength > 0 else None
        if wanted == self._current:
            return False
        if wanted is None:
            self._set(None, 0.0)
        else:
            self._set(self._pointer(wanted[0]), strength)
        self._current = wanted
        self._free_oldest()
        return True

    @contextmanager
    def off(self) -> Iterator[bool]:
        """Inside the block no adapter is in use; whether one was."""
        current = self._current
        if current is not None:
            self._set(None, 0.0)
        try:
            yield current is not None
        finally:
            if current is not None:
                self._set(self._loaded[current[0]], current[1])

    def close(self) -> None:
        self._set(None, 0.0)
        self._current = None
        while self._loaded:
            self._cpp.llama_adapter_lora_free(self._loaded.popitem()[1])

    def _pointer(self, file: _File) -> Any:
        if file in self._loaded:
            self._loaded.move_to_end(file)
            return self._loaded[file]
        check_adapter(Path(file[0]), Path(self._base_path), self._base_sha256)
        pointer = self._cpp.llama_adapter_lora_init(self._llama.model, file[0].encode())
        if not pointer:  # NULL is false, but not None
            raise UserCanFix(
                "adapter.not_loaded",
                "This adapter could not be loaded.",
                remedy="Choose another one, or train again.",
                detail=Path(file[0]).name,
            )
        self._loaded[file] = pointer
        return pointer

    def _set(self, pointer: Any, strength: float) -> None:
        count = 0 if pointer is None else 1
        pointers = (self._cpp.llama_adapter_lora_p_ctypes * 1)(pointer) if count else None
        strengths = (ctypes.c_float * 1)(strength) if count else None
        result = self._cpp.llama_set_adapters_lora(self._llama.ctx, pointers, count, strengths)
        if result != 0:
            raise EnvironmentProblem(
                "adapter.not_set",
                "The adapter could not be switched.",
                remedy="Restart the model.",
                detail=f"llama_set_adapters_lora gave {result}",
            )

    def _free_oldest(self) -> None:
        """Only adapters that are not in use are freed."""
        for file in list(self._loaded):
            if len(self._loaded) <= KEPT:
                return
            if self._current is None or file != self._current[0]:
                self._cpp.llama_adapter_lora_free(self._loaded.pop(file))


def _file(path: str) -> _File:
    try:
        state = Path(path).stat()
    except OSError as error:
        raise UserCanFix(
            "adapter.unreadable",
            "The adapter cannot be read.",
            remedy="Check that its file is there, or choose another one.",
            detail=str(error),
        ) from error
    return str(Path(path)), state.st_size, state.st_mtime_ns
