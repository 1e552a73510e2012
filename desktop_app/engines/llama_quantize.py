"""Makes a smaller GGUF of a larger one with llama.cpp, in a child of its own that can be ended at any moment."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

from desktop_app.errors import UserCanFix
from desktop_app.ports import CancelToken

POLL_S = 0.2


class LlamaQuantizer:
    """`kind` is a name of llama.cpp's file types without its prefix, as "Q4_K_M"."""

    def quantize(self, source: str, target: str, kind: str, cancel: CancelToken) -> Iterator[int]:
        """Bytes written so far; `target` is whole when it ends. Cannot be cancelled but by ending the child.

        Raises UserCanFix("models.not_quantized").
        """
        import llama_cpp

        from desktop_app.engines import llama_log

        llama_cpp.llama_log_set(llama_log.silent(), None)
        wish = llama_cpp.llama_model_quantize_default_params()
        wish.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{kind}")
        wish.allow_requantize = True
        wish.nthread = max(1, (os.cpu_count() or 2) - 1)
        status: list[int] = []

        def work() -> None:
            status.append(llama_cpp.llama_model_quantize(source.encode(), target.encode(), wish))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(POLL_S)
            yield Path(target).stat().st_size if Path(target).exists() else 0
            cancel.raise_if_cancelled()
        if status != [0]:
            raise UserCanFix(
                "models.not_quantized",
                "llama.cpp could not make a smaller form of this model.",
                remedy="Choose another form, or fetch the size you want.",
                detail=f"status {status}",
            )

    def close(self) -> None:
        return
