"""A room made of sound files: what is in one is heard by the microphone, what is said goes into the other.

What is said can come back into the microphone, quieter and later, as on loudspeakers. In real time, or as fast as the
engines allow: then time stands still while somebody thinks.
"""

from __future__ import annotations

import threading
import time
from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from desktop_app.domain.audio import BLOCK_MS, HEARING_RATE, Audio
from desktop_app.domain.resampling import Resampler

BLOCK = HEARING_RATE * BLOCK_MS // 1000
AFTER_S = 1.5
"""Quiet after the last word of all before the room closes."""
LONGEST_AFTER_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """When a sound begins and ends in the room's time; in a room in real time it is over `over_at`, of
    `time.monotonic`."""

    from_s: float
    to_s: float
    over_at: float


class WavRoom:
    """A microphone and a live loudspeaker at once. `audio` must be 16 kHz.

    `echo_db`: how much quieter what is said comes back, `echo_delay_ms` later; None for headphones. `waits` says
    whether time stands still; None is real time. `quiet` says that nothing more is to come after the last sound;
    a room that `stays_open` waits for `speak` until it is closed; one that does not `keep` forgets what is over.
    `closed` is set when all is over.
    """

    def __init__(
        self,
        audio: Audio,
        *,
        echo_db: float | None = None,
        echo_delay_ms: int = 0,
        waits: Callable[[], bool] | None = None,
        quiet: Callable[[], bool] = lambda: True,
        stays_open: bool = False,
        keep: bool = True,
    ) -> None:
        self._keep, self._forgotten = keep, 0
        self._heard = array("h", audio.pcm)
        self._gain = 10 ** (echo_db / 20) if echo_db is not None else 0.0
        self._waits, self._quiet, self._stays_open = waits, quiet, stays_open
        self._echo: deque[int] = deque([0] * (HEARING_RATE * echo_delay_ms // 1000))
        self._on_block: Callable[[bytes], None] | None = None
        self._next_block: Callable[[], bytes] | None = None
        self._rate = HEARING_RATE
        self._said = bytearray()
        self._number = self._until = 0
        self._opened_at = 0.0
        self._ticking = threading.Lock()
        self._over = threading.Event()
        self.closed = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def said(self) -> Audio:
        """All that the loudspeaker was given, silence included."""
        return Audio(pcm=bytes(self._said), rate=self._rate)

    @property
    def now_s(self) -> float:
        """The room's own time; in real time, seconds since the microphone was opened."""
        return self._number * BLOCK_MS / 1000

    @property
    def idle(self) -> bool:
        """Whether everything that was to be heard has been heard."""
        return self._number * BLOCK >= self._until

    def speak(self, sound: Audio, *, at_s: float = 0.0) -> Spoken:
        """Mix 16 kHz `sound` into what is heard, from `at_s` of the room's time on, or from now on if that is later."""
        with self._ticking:
            start = max(round(at_s * HEARING_RATE), self._number * BLOCK)
            place = start - self._forgotten
            self._heard.extend([0] * (place + sound.samples - len(self._heard)))
            for at, sample in enumerate(array("h", sound.pcm), place):
                self._heard[at] = max(-32768, min(32767, self._heard[at] + sample))
            self._until = start + sound.samples
        from_s, to_s = start / HEARING_RATE, self._until / HEARING_RATE
        return Spoken(from_s=from_s, to_s=to_s, over_at=self._opened_at + to_s)

    def microphone(self) -> WavMicrophone:
        return WavMicrophone(self)

    def speaker(self) -> WavSpeaker:
        return WavSpeaker(self)

    def open_speaker(self, next_block: Callable[[], bytes], rate: int) -> None:
        self._next_block, self._rate = next_block, rate
        self._to_hearing = Resampler(rate, HEARING_RATE)

    def open_microphone(self, on_block: Callable[[bytes], None]) -> None:
        """Time begins with the first opening."""
        self._on_block = on_block
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._run, name="wav-room", daemon=True)
        self._thread.start()

    def close_microphone(self) -> None:
        self._on_block = None

    def close(self) -> None:
        self._over.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        self._opened_at, quiet_s, after_s = time.monotonic(), 0.0, 0.0
        while not self._over.is_set() and (self._stays_open or (quiet_s < AFTER_S and after_s < LONGEST_AFTER_S)):
            self._hold(self._opened_at + self._number * BLOCK_MS / 1000)
            if self._number * BLOCK >= self._forgotten + len(self._heard):
                after_s += BLOCK_MS / 1000
                quiet_s = quiet_s + BLOCK_MS / 1000 if self._quiet() else 0.0
            with self._ticking:
                self._tick(self._number)
                self._number += 1
        self.closed.set()

    def _hold(self, due: float) -> None:
        if self._waits is None:
            self._over.wait(max(0.0, due - time.monotonic()))
            return
        while self._waits() and not self._over.wait(0.002):
            pass

    def _tick(self, number: int) -> None:
        if self._next_block is not None:
            block = self._next_block()
            if self._keep:
                self._said += block
            self._echo.extend(array("h", self._to_hearing.feed(block)))
        place = number * BLOCK - self._forgotten
        near = self._heard[place : place + BLOCK]
        near.extend([0] * (BLOCK - len(near)))
        far = [self._echo.popleft() if self._echo else 0 for _ in range(BLOCK)]
        mixed = array("h", (max(-32768, min(32767, round(a + self._gain * b))) for a, b in zip(near, far, strict=True)))
        if not self._keep:
            self._forgotten += len(self._heard[: place + BLOCK])
            del self._heard[: place + BLOCK]
        on_block = self._on_block
        if on_block is not None:
            on_block(mixed.tobytes())


class WavMicrophone:
    def __init__(self, room: WavRoom) -> None:
        self._room = room

    def devices(self) -> tuple[tuple[str, str], ...]:
        return (("wav", "A sound file"),)

    def start(self, on_block: Callable[[bytes], None], *_: object) -> None:
        self._room.open_microphone(on_block)

    def stop(self) -> None:
        self._room.close_microphone()


class WavSpeaker:
    def __init__(self, room: WavRoom) -> None:
        self._room = room

    def start(self, next_block: Callable[[], bytes], *_: object, rate: int, **__: object) -> None:
        self._room.open_speaker(next_block, rate)

    def stop(self) -> None:
        self._room.close()
