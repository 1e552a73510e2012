"""Asks the PulseAudio server whether it is there and which sound sources it has. Without PulseAudio, no answer.

WORKAROUND for two faults of Qt's PulseAudio backend (6.12, `QPulseAudioContextManager`); remove when they are gone:
it tells nobody of an unplugged source, and goes on listing it, while the server moves the running recording to another
source, even to the loudspeaker's own monitor; and once the server has gone, even for a moment, opening a stream ends
the process: from then on there is `pulse_streams`.
"""

from __future__ import annotations

import ctypes
import sys
import time
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_void_p
from functools import cache
from typing import Any

PATIENCE_S = 0.5

_READY, _FAILED = 4, 5  # pa_context_state_t
_NO_AUTOSPAWN = 1
_ON_SOURCE = CFUNCTYPE(None, c_void_p, c_void_p, c_int, c_void_p)
_RETURNS_POINTERS = (
    "pa_mainloop_new",
    "pa_mainloop_get_api",
    "pa_context_new",
    "pa_context_get_source_info_list",
)


class PulseServer:
    """Remembers what it saw. One for the whole process, as Qt's connection is."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self.lost = False  # it was there once and refused an answer since

    def vanished(self) -> frozenset[bytes]:
        """The sources that were there at an earlier look and are there no more. Takes about a millisecond."""
        names = source_names()
        if names is None:
            return frozenset()
        self.lost = self.lost or bool(self._seen and not names)
        self._seen |= names
        return frozenset(self._seen if self.lost else self._seen - names)


def source_names() -> frozenset[bytes] | None:
    """The names of all sources, empty without a server; None where that cannot be said within `PATIENCE_S`."""
    library = _library()
    if library is None:
        return None
    loop = c_void_p(library.pa_mainloop_new())
    context = c_void_p(library.pa_context_new(c_void_p(library.pa_mainloop_get_api(loop)), b"Stonechat"))
    try:
        return _Question(library, loop, context).ask()
    finally:
        library.pa_context_disconnect(context)
        library.pa_context_unref(context)
        library.pa_mainloop_free(loop)


class _Question:
    def __init__(self, library: Any, loop: c_void_p, context: c_void_p) -> None:
        self._library, self._loop, self._context = library, loop, context
        self._names: set[bytes] = set()
        self._ended = 0

    def ask(self) -> frozenset[bytes] | None:
        if self._library.pa_context_connect(self._context, None, _NO_AUTOSPAWN, None) < 0:
            return frozenset()
        if not self._turn_until(lambda: self._state >= _READY):
            return None
        if self._state >= _FAILED:
            return frozenset()
        callback = _ON_SOURCE(self._take)
        operation = c_void_p(self._library.pa_context_get_source_info_list(self._context, callback, None))
        if not operation:
            return None
        answered = self._turn_until(lambda: bool(self._ended) or self._state >= _FAILED)
        self._library.pa_operation_cancel(operation)
        self._library.pa_operation_unref(operation)
        return frozenset(self._names) if answered and self._ended > 0 else None

    @property
    def _state(self) -> int:
        return int(self._library.pa_context_get_state(self._context))

    def _take(self, _context: int, info: int | None, ended: int, _data: int | None) -> None:
        """`info` points to a `pa_source_info`, whose first member is the name."""
        self._ended = ended
        if info:
            name = ctypes.cast(info, POINTER(c_char_p)).contents.value
            self._names.add(name or b"")

    def _turn_until(self, done: Any) -> bool:
        """Run the loop until `done()`; False when patience ends first."""
        deadline = time.monotonic() + PATIENCE_S
        while not done():
            left_us = int((deadline - time.monotonic()) * 1e6)
            if left_us <= 0 or self._library.pa_mainloop_prepare(self._loop, left_us) < 0:
                return False
            if self._library.pa_mainloop_poll(self._loop) < 0 or self._library.pa_mainloop_dispatch(self._loop) < 0:
                return False
        return True


@cache
def _library() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL("libpulse.so.0")
    except OSError:
        return None
    for name in _RETURNS_POINTERS:
        getattr(library, name).restype = c_void_p
    return library
