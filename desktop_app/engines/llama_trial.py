"""Runs a model file once, in a child that is thrown away: what a stranger's file does wrong, it does there.

The child may take the file's size and a margin of memory, and processor time that grows with the file; it is ended
otherwise. The clock on the wall is only the last resort: a busy computer must not refuse a sound file.
"""

from __future__ import annotations

import math
import os
import threading
from contextlib import suppress
from pathlib import Path

from desktop_app.domain.generation import ModelRequest, Sampling, TextDelta
from desktop_app.domain.messages import said
from desktop_app.engines.host import EngineHost
from desktop_app.engines.llama import LlamaModel
from desktop_app.errors import AppError, EngineCrashed, UserCanFix
from desktop_app.ports import CancelToken

ENGINE = "desktop_app.engines.llama_trial:LlamaTrial"
CONTEXT_TOKENS = 512
ANSWER_TOKENS = 4
MARGIN_BYTES = 6 * 1024**3
"""Address space beside the weights: the libraries, their threads, the words, the context."""
LEAST_S = 1200.0
LEAST_CORE_S = 120.0
BYTES_IN_A_SECOND = 2e6
"""A disk so slow is waited for."""


class LlamaTrial:
    """The engine in the child."""

    def run(self, model: str, projector: str) -> str:
        """What it answers to a greeting. Raises UserCanFix."""
        bytes_ = _bytes(model, projector)
        _limit(bytes_ * 2 + MARGIN_BYTES, LEAST_CORE_S + bytes_ / BYTES_IN_A_SECOND)
        tried = LlamaModel(model, projector_path=projector, context_tokens=CONTEXT_TOKENS)
        request = ModelRequest(
            messages=(said("user", "Hello"),), sampling=Sampling(temperature=0, max_tokens=ANSWER_TOKENS)
        )
        try:
            events = tuple(tried.stream(request, CancelToken()))
            likely = tried.score(ModelRequest(messages=()), "Good morning, how are you today?")
        finally:
            tried.close()
        if not math.isfinite(likely.log_prob):
            raise _failed("its weights give no numbers")
        return "".join(event.text for event in events if isinstance(event, TextDelta))

    def close(self) -> None:
        return


def try_model(
    model: Path, projector: Path | None, cancel: CancelToken, *, least_s: float = LEAST_S, factory: str = ENGINE
) -> None:
    """Raises UserCanFix("models.trial_*", "models.template", ...) when the file does not run here, Cancelled."""
    host = EngineHost("trial", factory, {}, polite=True)
    names = (str(model), str(projector) if projector else "")
    late = threading.Event()

    def end() -> None:
        late.set()
        host.kill()

    clock = threading.Timer(least_s + _bytes(*names) / BYTES_IN_A_SECOND, end)
    clock.start()
    try:
        host.start()
        with cancel.calling(host.kill):
            host.call("run", *names)
    except EngineCrashed as error:
        cancel.raise_if_cancelled()
        raise _failed("it took too long" if late.is_set() else f"the trial ended: {error.detail}") from error
    except AppError as error:
        cancel.raise_if_cancelled()
        if error.code in ("models.template", "models.trial_failed", "models.eyes_not_loaded"):
            raise
        raise _failed(f"{error.code}: {error.detail}") from error
    finally:
        clock.cancel()
        host.stop()


def _bytes(*paths: str) -> int:
    return sum(Path(path).stat().st_size for path in paths if path)


def _failed(detail: str) -> UserCanFix:
    return UserCanFix(
        "models.trial_failed",
        "This model did not run when it was tried, so it has not been added.",
        remedy="The file may be damaged or made for a newer program: get it again, or choose another model.",
        detail=detail,
    )


def _limit(bytes_: int, core_s: float) -> None:
    """Where the system has such limits; the address space only where no graphics card wants it."""
    import llama_cpp

    with suppress(ImportError, ValueError, OSError):
        import resource

        seconds = int(core_s * (os.cpu_count() or 1))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        if not llama_cpp.llama_supports_gpu_offload():
            resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_))
