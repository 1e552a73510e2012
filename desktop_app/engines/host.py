"""A child process that runs one engine: started when first needed, cancelled politely, killed if it must be.

`EngineHost` is generic; `hosted.py` puts the ports in front of it. A child that dies ends the running call with
`EngineCrashed`; the next call starts a new child.
"""

from __future__ import annotations

import itertools
import multiprocessing
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import msgspec

from desktop_app import errors
from desktop_app.engines import host_child, protocol
from desktop_app.errors import AppError, Bug, Cancelled, EngineCrashed
from desktop_app.ports import CancelToken

GRACE_S = 1.0
_KINDS: dict[str, type[AppError]] = {
    kind.__name__: kind
    for kind in (errors.UserCanFix, errors.EnvironmentProblem, errors.EngineCrashed, errors.Bug, errors.AppError)
}


class EngineHost:
    """One engine behind a pipe. Calls from several threads queue up; each is answered in full before the next.

    `factory` is `module:callable`, called in the child with `options`. `idle_s` gives the child's memory back
    after that long without a call (0: never). `polite` runs it at a lower priority.
    """

    def __init__(
        self, title: str, factory: str, options: dict[str, Any], *, idle_s: float = 0, polite: bool = False
    ) -> None:
        self.title = title
        self.idle_s = idle_s
        self._factory = factory
        self._options = options
        self._polite = polite
        self._ids = itertools.count(1)
        self._turn = threading.RLock()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._idle_timer: threading.Timer | None = None
        self._on_stop: list[Callable[[], None]] = []

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.is_alive()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def when_stopped(self, callback: Callable[[], None]) -> None:
        """Call back whenever the child has ended, for whatever reason."""
        self._on_stop.append(callback)

    def configure(self, options: dict[str, Any]) -> None:
        """New options for the next child; a child running with other options is stopped."""
        with self._turn:
            if options != self._options:
                self.stop()
                self._options = options

    def call(self, method: str, *args: Any, cancel: CancelToken | None = None, **options: Any) -> Any:
        """What the method returns. Raises AppError, `Cancelled`."""
        stream = self.stream(method, *args, cancel=cancel, **options)
        while True:
            try:
                next(stream)
            except StopIteration as ended:
                return ended.value

    def stream(
        self, method: str, *args: Any, cancel: CancelToken | None = None, **options: Any
    ) -> Generator[Any, None, Any]:
        """The items the method yields. Leaving the loop early cancels the call. Raises AppError, `Cancelled`."""
        with self._turn:
            self._stop_idle_timer()
            pipe = self._started()
            call_id = next(self._ids)
            sent = {**options, "cancellable": True} if cancel is not None else options
            frame = protocol.Call(
                call_id,
                method,
                [protocol.pack(arg) for arg in args],
                {name: protocol.pack(value) for name, value in sent.items()},
            )
            token = cancel or CancelToken()
            ended = False
            try:
                if token.cancelled:  # the child must hear it before it can be done with the call
                    self._cancel(call_id)
                self._write(pipe, frame)
                with token.calling(lambda: self._cancel(call_id)):
                    while True:
                        answer = self._read(pipe)
                        if isinstance(answer, protocol.Item):
                            yield protocol.unpack(answer.value)
                        else:
                            ended = True
                            return _outcome(answer)
            except (msgspec.DecodeError, KeyError) as error:
                self.stop()
                raise _crashed(self.title, f"broken frame: {error}") from error
            finally:
                if not ended and self.running:
                    self._drain(pipe, call_id)
                self._start_idle_timer()

    def start(self) -> None:
        """Start the child now, to save the time later. Raises EngineCrashed."""
        with self._turn:
            self._started()

    def tell(self, method: str) -> None:
        """Run `method` (one of `host_child.ASIDES`) in a running child at once, beside its call; else nothing."""
        self._send_beside(protocol.Aside(method))

    def kill(self) -> None:
        """End a running child at once, from any thread; its call ends with EngineCrashed."""
        process = self._process
        if process is not None:
            with suppress(ValueError):  # it has ended meanwhile
                process.kill()

    def stop(self) -> None:
        """Close the pipe, wait, terminate, wait, kill. Safe at any time, from any thread."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        self._stop_idle_timer()
        if pipe is not None:
            pipe.close()
        if process is None:
            return
        process.join(GRACE_S)
        for end in (process.terminate, process.kill):
            if process.is_alive():
                end()
                process.join(GRACE_S)
        with suppress(ValueError):  # it was killed, but a busy system has not reaped it yet
            process.close()
        for callback in self._on_stop:
            callback()

    def _started(self) -> Connection:
        if self._pipe is not None and self.running:
            return self._pipe
        self.stop()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(
            target=host_child.serve,
            args=(theirs, self._factory, self._options),
            kwargs={"polite": self._polite},
            name=f"stonechat {self.title}",
            daemon=True,
        )
        self._process.start()
        theirs.close()
        self._pipe = ours
        return ours

    def _write(self, pipe: Connection, frame: protocol.Frame) -> None:
        try:
            pipe.send_bytes(protocol.encode(frame))
        except OSError as error:
            raise self._died() from error

    def _read(self, pipe: Connection) -> protocol.Frame:
        try:
            return protocol.decode(pipe.recv_bytes())
        except (EOFError, OSError, TypeError) as error:  # TypeError: the pipe was closed while it was read
            raise self._died() from error

    def _cancel(self, call_id: int) -> None:
        self._send_beside(protocol.Cancel(call_id))

    def _send_beside(self, frame: protocol.Frame) -> None:
        pipe = self._pipe
        if pipe is not None:
            try:
                pipe.send_bytes(protocol.encode(frame))
            except OSError:
                return  # the child is gone; the reader notices and says so

    def _drain(self, pipe: Connection, call_id: int) -> None:
        """After an early exit: cancel, then read up to the call's end; a child that will not stop is killed."""
        self._cancel(call_id)
        deadline = time.monotonic() + GRACE_S
        try:
            while pipe.poll(max(0.0, deadline - time.monotonic())):
                answer = protocol.decode(pipe.recv_bytes())
                if isinstance(answer, protocol.Ended | protocol.Failed):
                    return
        except (EOFError, OSError, msgspec.DecodeError):
            pass
        self.stop()

    def _died(self) -> EngineCrashed:
        process = self._process
        code = None
        if process is not None:
            process.join(GRACE_S)
            code = process.exitcode
        self.stop()
        return _crashed(self.title, f"exit code {code}")

    def _start_idle_timer(self) -> None:
        if self.idle_s > 0 and self.running:
            self._idle_timer = threading.Timer(self.idle_s, self._stop_if_idle)
            self._idle_timer.daemon = True
            self._idle_timer.start()

    def _stop_idle_timer(self) -> None:
        timer, self._idle_timer = self._idle_timer, None
        if timer is not None:
            timer.cancel()

    def _stop_if_idle(self) -> None:
        if self._turn.acquire(blocking=False):
            try:
                if threading.current_thread() is self._idle_timer:
                    self.stop()
            finally:
                self._turn.release()


def _outcome(answer: protocol.Frame) -> Any:
    if isinstance(answer, protocol.Ended):
        return protocol.unpack(answer.value)
    if isinstance(answer, protocol.Failed):
        if answer.kind == "Cancelled":
            raise Cancelled
        kind = _KINDS.get(answer.kind, Bug)
        raise kind(answer.code, answer.message, remedy=answer.remedy, detail=answer.detail)
    raise msgspec.DecodeError(f"unexpected frame {type(answer).__name__}")


def _crashed(title: str, detail: str) -> EngineCrashed:
    return EngineCrashed(
        "engine.crashed",
        f"The {title} stopped unexpectedly. Your conversation is safe.",
        remedy="Press Restart to start it again; if it keeps happening, choose a smaller model.",
        detail=detail,
    )
