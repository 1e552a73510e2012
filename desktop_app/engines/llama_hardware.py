"""What llama.cpp can compute on here: whether it was built for graphics cards, and what the first one has free.

Runs in children only: the window's process loads no llama.cpp.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from desktop_app.domain.model_fit import KvType, Machine, ModelShape, language_fit, layers_on_gpu
from desktop_app.engines.gguf_header import read_header

_GPU_TYPES = (1, 2)
"""ggml's numbers of a graphics card, and of one that shares the computer's memory."""
_NAMES = {"nt": ("ggml-base.dll", "ggml.dll"), "posix": ("libggml-base", "libggml")}


class LlamaHardware:
    def look(self) -> tuple[bool, str, int, int]:
        """(can use a graphics card, its name, its free bytes, physical cores). Names and bytes are empty without."""
        import llama_cpp
        import psutil

        cores = psutil.cpu_count(logical=False) or 2
        if not llama_cpp.llama_supports_gpu_offload():
            return False, "", 0, cores
        name, free = gpu()
        return True, name, free, cores

    def close(self) -> None:
        return


def layers_that_fit(model: Path, projector: str, context_tokens: int, kv_type: KvType) -> int:
    """Blocks that the first graphics card's free memory holds beside the context. Raises UserCanFix."""
    head = read_header(model)
    shape = ModelShape(
        blocks=head.block_count, kv_length=head.kv_length, width=head.embedding_length, words=head.vocab_size
    )
    fit = language_fit(
        shape,
        weights=model.stat().st_size,
        projector=Path(projector).stat().st_size if projector else 0,
        context_tokens=context_tokens,
        kv_type=kv_type,
        machine=Machine(free=0, gpu_free=gpu()[1]),
    )
    return layers_on_gpu(fit, head.block_count)


def gpu() -> tuple[str, int]:
    """Name and free bytes of the first graphics card that ggml lists; ("", 0) for none, or where it cannot be asked."""
    with suppress(OSError, AttributeError):
        base, all_devices = _libraries()
        for place in range(all_devices.ggml_backend_dev_count()):
            device = ctypes.c_void_p(all_devices.ggml_backend_dev_get(place))
            if base.ggml_backend_dev_type(device) in _GPU_TYPES:
                free, total = ctypes.c_size_t(), ctypes.c_size_t()
                base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
                return base.ggml_backend_dev_description(device).decode(errors="replace"), free.value
    return "", 0


def _libraries() -> tuple[Any, Any]:
    """The two libraries of ggml that llama-cpp-python has loaded. Raises OSError."""
    import llama_cpp

    folder = Path(llama_cpp.__file__).parent / "lib"
    found = []
    for stem in _NAMES[os.name]:
        files = sorted(each for each in folder.iterdir() if each.name in (stem, f"{stem}.so", f"{stem}.dylib"))
        if not files:
            raise OSError(f"no {stem} in {folder}")
        found.append(ctypes.CDLL(str(files[0])))
    base, devices = found
    devices.ggml_backend_dev_count.restype = ctypes.c_size_t
    devices.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    devices.ggml_backend_dev_get.restype = ctypes.c_void_p
    base.ggml_backend_dev_description.restype = ctypes.c_char_p
    return base, devices
