"""What runs inside an engine child: one engine, one call at a time, a reader that hears "cancel" meanwhile.

The child ends when the pipe does, so a killed application leaves nothing running.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import queue
import signal
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from desktop_app.engines import protocol
from desktop_app.errors import AppError, Bug, Cancelled
from desktop_app.ports import CancelToken

log = logging.getLogger(__name__)
ASIDES = ("pause", "resume")
"""What may be called beside a running call: methods that only set a flag."""


def serve(pipe: Connection, factory: str, options: dict[str, Any], *, polite: bool = False) -> None:
    """Build `module:callable(**options)` and answer calls until the pipe closes. Entry point of the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    _no_core_dumps()
    if polite and hasattr(os, "nice"):
        os.nice(10)
    module, _, name = factory.partition(":")
    engine = getattr(importlib.import_module(module), name)(**options)
    _Child(pipe, engine).run()


def _no_core_dumps() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class _Child:
    def __init__(self, pipe: Connection, engine: Any) -> None:
        self._pipe = pipe
        self._engine = engine
        self._calls: queue.SimpleQueue[protocol.Call] = queue.SimpleQueue()
        self._tokens: dict[int, CancelToken] = {}
        self._lock = threading.Lock()

    def run(self) -> None:
        threading.Thread(target=self._read, name="pipe-reader", daemon=True).start()
        while True:
            self._answer(self._calls.get())

    def _read(self) -> None:
        """Queue calls, and cancel the named one at once, even while the engine is busy in C."""
        while True:
            try:
                frame = protocol.decode(self._pipe.recv_bytes())
            except (EOFError, OSError):
                os._exit(0)
            if isinstance(frame, protocol.Call):
                self._token(frame.id)
                self._calls.put(frame)
            elif isinstance(frame, protocol.Cancel):
                self._token(frame.id).cancel()
            elif isinstance(frame, protocol.Aside) and frame.method in ASIDES and hasattr(self._engine, frame.method):
                getattr(self._engine, frame.method)()

    def _token(self, call_id: int) -> CancelToken:
        with self._lock:
            return self._tokens.setdefault(call_id, CancelToken())

    def _answer(self, call: protocol.Call) -> None:
        token = self._token(call.id)
        try:
            result = self._run(call, token)
            self._send(protocol.Ended(call.id, protocol.pack(result)))
        except Cancelled:
            self._send(protocol.Failed(call.id, "Cancelled"))
        except AppError as error:
            self._fail(call.id, error)
        except Exception as error:  # boundary: whatever an engine throws becomes a typed failure
            log.exception("engine call %s failed", call.method)
            self._fail(call.id, _unexpected(call.method, error))
        finally:
            with self._lock:
                self._tokens.pop(call.id, None)

    def _run(self, call: protocol.Call, token: CancelToken) -> Any:
        """The method's result. Items of an iterator are sent as they come; its result is then None."""
        if call.method.startswith("_"):
            raise TypeError(f"{call.method} is not for callers")
        options = {name: protocol.unpack(value) for name, value in call.options.items()}
        if options.pop("cancellable", False):
            options["cancel"] = token
        result = getattr(self._engine, call.method)(*map(protocol.unpack, call.args), **options)
        if not isinstance(result, Iterator):
            return result
        for item in result:
            self._send(protocol.Item(call.id, protocol.pack(item)))
        return None

    def _fail(self, call_id: int, error: AppError) -> None:
        self._send(
            protocol.Failed(call_id, type(error).__name__, error.code, error.message, error.remedy, error.detail)
        )

    def _send(self, frame: protocol.Frame) -> None:
        try:
            self._pipe.send_bytes(protocol.encode(frame))
        except OSError:
            os._exit(0)


def _unexpected(method: str, error: Exception) -> Bug:
    return Bug(
        "engine.unexpected",
        "An engine failed in a way we did not expect.",
        remedy="Try again; if it happens again, please report it with the log.",
        detail=f"{method}: {type(error).__name__}: {error}",
    )
