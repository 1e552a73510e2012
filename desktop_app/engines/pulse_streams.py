"""Microphone and loudspeaker through PulseAudio's simple interface, for a process whose Qt has lost the sound server.

WORKAROUND for a fault of Qt's PulseAudio backend (6.12): once the server has gone, Qt never connects to it again, and
opening a stream ends the process. Remove this when a restarted server is found again. Each stream has a thread.
"""

from __future__ import annotations

import ctypes
import itertools
import sys
import threading
from collections.abc import Callable
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_size_t, c_uint8, c_uint32, c_void_p
from functools import cache
from typing import Any

from desktop_app.domain.audio import BLOCK_MS, HEARING_RATE, Audio
from desktop_app.engines.pulse_server import source_names
from desktop_app.errors import EnvironmentProblem
from desktop_app.ports import CancelToken

AHEAD_MS = 3 * BLOCK_MS
LOOK_EVERY_BLOCKS = 10
PATIENCE_S = 1.0
"""How long a stream that does not move any more is waited for when it is stopped."""
_PLAYBACK, _RECORD = 1, 2
_S16LE = 3
_USUAL = 0xFFFFFFFF


class _Spec(Structure):
    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class _Buffers(Structure):
    _fields_ = tuple((name, c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize"))


def available() -> bool:
    return _library() is not None


class PulseMicrophone:
    def __init__(self) -> None:
        self._run: _Run | None = None

    def devices(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, name) for name in _inputs())

    def start(self, on_block: Callable[[bytes], None], on_lost: Callable[[], None], device_id: str = "") -> None:
        self.stop()
        names = _inputs()
        if not names and not _outputs():
            raise _lost()
        if not names:
            raise EnvironmentProblem("audio.no_microphone", "No microphone was found.", remedy="Connect one.")
        device = device_id if device_id in names else ""
        stream = _Stream(_RECORD, device, HEARING_RATE)
        size = 2 * HEARING_RATE * BLOCK_MS // 1000

        def read(run: _Run) -> None:
            for number in itertools.count(1):
                block = stream.read(size)
                if run.over.is_set():
                    return
                if block is None or (device and number % LOOK_EVERY_BLOCKS == 0 and device not in _inputs()):
                    on_lost()
                    return
                on_block(block)

        self._run = _Run(read, stream)

    def stop(self) -> None:
        if self._run is not None:
            self._run.stop()
            self._run = None


class PulseLiveSpeaker:
    def __init__(self) -> None:
        self._run: _Run | None = None

    def start(
        self, next_block: Callable[[], bytes], on_lost: Callable[[], None], *, rate: int, device_id: str = ""
    ) -> None:
        self.stop()
        names = _outputs()
        stream = _Stream(_PLAYBACK, device_id if device_id in names else "", rate)

        def write(run: _Run) -> None:
            while not run.over.is_set():
                if not stream.write(next_block()):
                    if not run.over.is_set():
                        on_lost()
                    return

        self._run = _Run(write, stream)

    def stop(self) -> None:
        if self._run is not None:
            self._run.stop()
            self._run = None


class PulseSpeaker:
    def devices(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, name) for name in _outputs())

    def play(self, audio: Audio, cancel: CancelToken, device_id: str = "") -> bool:
        if cancel.cancelled or not audio.samples:
            return not cancel.cancelled
        stream = _Stream(_PLAYBACK, device_id if device_id in _outputs() else "", audio.rate)
        try:
            size = 2 * (audio.rate * BLOCK_MS // 1000)
            for start in range(0, len(audio.pcm), size):
                if cancel.cancelled:
                    return False
                if not stream.write(audio.pcm[start : start + size]):
                    raise _lost()
            stream.drain()
            return not cancel.cancelled
        finally:
            stream.close()


class _Run:
    """A thread that serves a stream and closes it. `over` tells it to end."""

    def __init__(self, serve: Callable[[_Run], None], stream: _Stream) -> None:
        self.over = threading.Event()
        self._serve, self._stream = serve, stream
        self._thread = threading.Thread(target=self._work, name="pulse-stream", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.over.set()
        if self._thread is not threading.current_thread():
            self._thread.join(PATIENCE_S)

    def _work(self) -> None:
        try:
            self._serve(self)
        finally:
            self._stream.close()


class _Stream:
    """Blocking. Raises EnvironmentProblem when it cannot be opened."""

    def __init__(self, direction: int, device: str, rate: int) -> None:
        self._library = _library()
        if self._library is None or not source_names():  # asking it for a stream could start a server of its own
            raise _lost()
        spec = _Spec(_S16LE, rate, 1)
        block, ahead = 2 * (rate * BLOCK_MS // 1000), 2 * (rate * AHEAD_MS // 1000)
        buffers = _Buffers(_USUAL, ahead, _USUAL, _USUAL, block)
        error = c_int()
        made = self._library.pa_simple_new(
            None,
            b"Stonechat",
            direction,
            device.encode() or None,
            b"conversation",
            byref(spec),
            None,
            byref(buffers),
            byref(error),
        )
        if not made:
            raise _lost(f"pa_simple_new: {error.value}")
        self._handle = c_void_p(made)

    def read(self, size: int) -> bytes | None:
        """None when the stream has broken."""
        buffer = ctypes.create_string_buffer(size)
        failed = self._library.pa_simple_read(self._handle, buffer, size, byref(c_int()))
        return None if failed else buffer.raw

    def write(self, block: bytes) -> bool:
        return not self._library.pa_simple_write(self._handle, block, len(block), byref(c_int()))

    def drain(self) -> None:
        self._library.pa_simple_drain(self._handle, byref(c_int()))

    def close(self) -> None:
        """What was not heard yet is dropped."""
        self._library.pa_simple_flush(self._handle, byref(c_int()))
        self._library.pa_simple_free(self._handle)


def _inputs() -> tuple[str, ...]:
    return tuple(name for name in _names() if not name.endswith(".monitor"))


def _outputs() -> tuple[str, ...]:
    """Each loudspeaker has a source beside it, its monitor."""
    return tuple(name.removesuffix(".monitor") for name in _names() if name.endswith(".monitor"))


def _names() -> tuple[str, ...]:
    return tuple(sorted(name.decode("utf-8", "backslashreplace") for name in source_names() or ()))


def _lost(detail: str = "") -> EnvironmentProblem:
    return EnvironmentProblem(
        "audio.server_lost",
        "The sound server of this computer stopped.",
        remedy="Start it again, or log in again.",
        detail=detail,
    )


@cache
def _library() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL("libpulse-simple.so.0")
    except OSError:
        return None
    library.pa_simple_new.restype = c_void_p
    library.pa_simple_new.argtypes = [
        c_char_p,
        c_char_p,
        c_int,
        c_char_p,
        c_char_p,
        POINTER(_Spec),
        c_void_p,
        POINTER(_Buffers),
        POINTER(c_int),
    ]
    for name in ("pa_simple_read", "pa_simple_write"):
        getattr(library, name).argtypes = [c_void_p, c_char_p, c_size_t, POINTER(c_int)]
    for name in ("pa_simple_drain", "pa_simple_flush"):
        getattr(library, name).argtypes = [c_void_p, POINTER(c_int)]
    library.pa_simple_free.argtypes = [c_void_p]
    library.pa_simple_free.restype = None
    return library
