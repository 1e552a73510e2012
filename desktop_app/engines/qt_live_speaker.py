"""A loudspeaker that stays open for a whole conversation and asks for its sound, block by block, when it needs some.

A timer tops up the device's buffer. Qt could pull from a QIODevice instead, but keeps its buffer full to the brim: a
block is then heard some 50 ms later for the same safety from gaps. Beyond our buffer Qt keeps up to 1024
frames for the device (35 ms at 22 kHz, 10 ms at 48 kHz were measured), so a low rate is the safer one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtMultimedia import QAudioDevice

from desktop_app.domain.audio import BLOCK_MS
from desktop_app.domain.resampling import Resampler
from desktop_app.domain.samples import from_mono_16_bit
from desktop_app.engines.qt_devices import (
    KINDS,
    NO_DATA_S,
    WATCH_MS,
    AudioThread,
    failed,
    format_for,
    opened_sink,
    outputs,
    speaker_for,
    timer,
)

AHEAD_MS = 3 * BLOCK_MS
AHEAD_MOST_MS = 4 * BLOCK_MS
"""Sound that waits in the device's buffer at most: at first, and after the buffer has run dry."""
BUFFER_MS = AHEAD_MOST_MS + BLOCK_MS
"""A block of room to spare, for resampled blocks are not all of one length."""

log = logging.getLogger(__name__)


class QtLiveSpeaker:
    """One conversation at a time.

    `stop` may be called from `next_block` and `on_lost`, and must be called in the end, from another thread.
    `next_block` must not wait for a thread that may be in `stop`.
    """

    def __init__(self) -> None:
        self._thread: AudioThread | None = None
        self._stopped = threading.Event()

    def start(
        self, next_block: Callable[[], bytes], on_lost: Callable[[], None], *, rate: int, device_id: str = ""
    ) -> None:
        self.stop()
        device = speaker_for(device_id)
        source = _Source(next_block, rate)
        stopped = self._stopped = threading.Event()
        thread = AudioThread(lambda _leave: _LivePlayback(device, source, on_lost, stopped))
        thread.open()
        self._thread = thread

    def stop(self) -> None:
        """After this, no block is asked for any more, and what was not heard yet is dropped."""
        self._stopped.set()
        thread = self._thread
        if thread is not None and thread.leave():
            self._thread = None


class _Source:
    """Blocks of the right size, whatever the caller's function does."""

    def __init__(self, next_block: Callable[[], bytes], rate: int) -> None:
        self._next_block = next_block
        self.rate = rate
        self._size = 2 * (rate * BLOCK_MS // 1000)
        self._ailing = False

    def block(self) -> bytes:
        try:
            block = self._next_block()
        except Exception:  # noqa: BLE001 (the boundary of the audio thread, which must live on)
            self._complain("raised an error", exc_info=True)
            return bytes(self._size)
        if len(block) == self._size:
            self._ailing = False
        else:
            self._complain(f"gave {len(block)} bytes and not {self._size}")
        return block[: self._size].ljust(self._size, b"\0")

    def _complain(self, what: str, *, exc_info: bool = False) -> None:
        """Once, until it works again: it is asked 25 times a second."""
        if not self._ailing:
            log.error("the source of the conversation's sound %s", what, exc_info=exc_info)
        self._ailing = True


class _LivePlayback(QObject):
    """An open loudspeaker. Lives in its thread."""

    def __init__(
        self, device: QAudioDevice, source: _Source, on_lost: Callable[[], None], stopped: threading.Event
    ) -> None:
        super().__init__()
        self._source, self._on_lost, self._stopped = source, on_lost, stopped
        self._format = format_for(device, source.rate)
        self._kind = KINDS[self._format.sampleFormat()]
        self._resampler = Resampler(source.rate, self._format.sampleRate())
        self._sink, self._stream = opened_sink(self, device, self._format, BUFFER_MS)
        self._ahead_ms = AHEAD_MS
        self._playing = False
        self._moved_at = time.monotonic()
        self._sink.stateChanged.connect(self._check)
        self._clock = timer(self, BLOCK_MS // 4, self._fill)
        self._ticks = timer(self, WATCH_MS, self._check)
        self._gone = threading.Event()
        self._watch = AudioThread(lambda _leave: _Watch(device, self._gone))
        self._watch.open()
        self._fill()

    def close(self) -> None:
        """What was not heard yet is dropped."""
        self._end()
        self._sink.reset()
        self._watch.leave()

    def _fill(self) -> None:
        if not self._clock.isActive():
            return
        if self._playing and not self._waiting_bytes():
            self._ran_dry()
        most = self._format.bytesForDuration((self._ahead_ms - BLOCK_MS) * 1000)
        while self._waiting_bytes() <= most and not self._stopped.is_set():
            block = self._resampler.feed(self._source.block())
            if self._stopped.is_set():
                break
            data = from_mono_16_bit(block, self._kind, self._format.channelCount())
            if self._stream.write(data) <= 0:
                break
            self._playing = True
            self._moved_at = time.monotonic()

    def _waiting_bytes(self) -> int:
        return int(self._sink.bufferSize() - self._sink.bytesFree())

    def _ran_dry(self) -> None:
        """A gap was heard, or nearly. More sound in the buffer makes the next one less likely."""
        self._playing = False
        if self._ahead_ms < AHEAD_MOST_MS:
            self._ahead_ms = AHEAD_MOST_MS
            log.info("the loudspeaker ran dry; from now on it gets sound %d ms ahead", self._ahead_ms)

    def _check(self) -> None:
        """The device went away: its stream failed, it left the list, or it takes nothing any more."""
        if not self._clock.isActive():
            return
        stuck = time.monotonic() - self._moved_at > NO_DATA_S
        if failed(self._sink) or self._gone.is_set() or stuck:
            self._end()
            if not self._stopped.is_set():
                self._on_lost()

    def _end(self) -> None:
        self._clock.stop()
        self._ticks.stop()


class _Watch(QObject):
    """Looks after a loudspeaker in a thread of its own: the answer may take longer than the buffer lasts."""

    def __init__(self, device: QAudioDevice, gone: threading.Event) -> None:
        super().__init__()
        self._id, self._gone = device.id(), gone
        self._ticks = timer(self, WATCH_MS, self._look)

    def close(self) -> None:
        self._ticks.stop()

    def _look(self) -> None:
        if all(device.id() != self._id for device in outputs()):
            self._gone.set()
