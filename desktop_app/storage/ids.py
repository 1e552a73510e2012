"""Short random ids that sort by the time of their making: 12 hex digits of milliseconds, 8 of chance."""

from __future__ import annotations

import secrets
import threading

from desktop_app.ports import Clock

_TIME_MASK = (1 << 48) - 1


def made_at(id_: str) -> float:
    """When this id was made, in seconds since the epoch."""
    return int(id_[:12], 16) / 1000


class Ids:
    """Makes ids that never sort before an earlier one of the same maker, even when the clock goes back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = -1
        self._lock = threading.Lock()

    def new(self) -> str:
        """20 characters, hexadecimal."""
        with self._lock:
            self._last = max(self._last + 1, int(self._clock.now() * 1000))
            return f"{self._last & _TIME_MASK:012x}{secrets.token_hex(4)}"
