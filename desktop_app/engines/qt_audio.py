"""Microphone and speaker through QtMultimedia.

Each recording and each sound gets a Qt thread with an event loop, whose audio objects are made and ended in it; so
both work from the window's thread and from any other, and nothing runs on when they are done. A QCoreApplication
must exist: the window's, or the one that `qt_devices.application` makes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtCore import QObject
from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSource, QMediaDevices, QtAudio

from desktop_app.domain.audio import BLOCK_MS, HEARING_RATE, Audio
from desktop_app.domain.resampling import Resampler
from desktop_app.domain.samples import from_mono_16_bit, mono_16_bit
from desktop_app.engines.qt_devices import (
    KINDS,
    NO_DATA_S,
    WATCH_MS,
    AudioThread,
    chosen,
    failed,
    format_for,
    inputs,
    listed,
    opened_sink,
    outputs,
    permission_denied,
    server_lost,
    speaker_for,
    timer,
)
from desktop_app.errors import EnvironmentProblem
from desktop_app.ports import CancelToken

SPEAKER_BUFFER_MS = 200
MICROPHONE_BUFFER_MS = 1_000
"""Sound that waits for us at most, and is lost beyond that: with 40 ms, a busy machine lost nearly half of it. It comes
as soon as ever."""


class QtMicrophone:
    """One recording at a time. `stop` may be called from `on_block` and `on_lost`, and must be called in the end."""

    def __init__(self) -> None:
        self._thread: AudioThread | None = None

    def devices(self) -> tuple[tuple[str, str], ...]:
        return listed(inputs())

    def start(self, on_block: Callable[[bytes], None], on_lost: Callable[[], None], device_id: str = "") -> None:
        self.stop()
        if permission_denied():
            raise EnvironmentProblem(
                "audio.microphone_denied",
                "The system does not allow Stonechat to use the microphone.",
                remedy="Allow it in the system's privacy settings, under Microphone, and start Stonechat again.",
            )
        device = chosen(inputs(), device_id)
        if device is None:
            raise server_lost() or EnvironmentProblem(
                "audio.no_microphone",
                "No microphone was found.",
                remedy="Connect one, or allow this application to use it in the system's privacy settings.",
            )
        self._thread = AudioThread(lambda _leave: _Capture(device, on_block, on_lost))
        try:
            self._thread.open()
        except EnvironmentProblem:
            self.stop()
            raise

    def stop(self) -> None:
        """After this, no block comes any more."""
        if self._thread is not None and self._thread.leave():
            self._thread = None


class QtSpeaker:
    """Plays one sound after another."""

    def devices(self) -> tuple[tuple[str, str], ...]:
        return listed(outputs())

    def play(self, audio: Audio, cancel: CancelToken, device_id: str = "") -> bool:
        device = speaker_for(device_id)
        if cancel.cancelled or not audio.samples:
            return not cancel.cancelled
        ended: Future[bool] = Future()
        thread = AudioThread(lambda leave: _Playback(device, audio, ended, leave))
        thread.open()
        with cancel.calling(thread.quit):
            thread.wait()
        return ended.result(0)


class _Capture(QObject):
    """A running microphone. Lives in its thread."""

    def __init__(self, device: QAudioDevice, on_block: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        super().__init__()
        self._on_block, self._on_lost = on_block, on_lost
        self._id = device.id()
        self._format = format_for(device, HEARING_RATE)
        self._kind = KINDS[self._format.sampleFormat()]
        self._resampler = Resampler(self._format.sampleRate(), HEARING_RATE)
        self._raw, self._pcm = b"", b""
        self._source = QAudioSource(device, self._format, self)
        self._source.setBufferSize(self._format.bytesForDuration(MICROPHONE_BUFFER_MS * 1000))
        self._stream = self._source.start()
        if self._stream is None or failed(self._source):
            raise EnvironmentProblem(
                "audio.microphone_busy",
                "The microphone could not be opened.",
                remedy="Close other programs that use it, or choose another one under Settings, Voice.",
                detail=f"{device.description()}: {self._source.error()}",
            )
        self._heard_at = time.monotonic()
        self._stream.readyRead.connect(self._read)
        self._source.stateChanged.connect(self._check)
        self._devices = QMediaDevices(self)
        self._devices.audioInputsChanged.connect(self._check)
        self._watch = timer(self, WATCH_MS, self._check)

    def close(self) -> None:
        if self._watch.isActive():
            self._read()
            self._end()
            if self._pcm:
                self._on_block(self._pcm)

    def _read(self) -> None:
        data = self._raw + self._stream.readAll().data()
        whole = len(data) - len(data) % self._format.bytesPerFrame()
        self._raw = data[whole:]
        if whole:
            self._heard_at = time.monotonic()
        mono = mono_16_bit(data[:whole], self._kind, self._format.channelCount())
        self._pcm += self._resampler.feed(mono)
        size = 2 * HEARING_RATE * BLOCK_MS // 1000
        while len(self._pcm) >= size and self._watch.isActive():
            block, self._pcm = self._pcm[:size], self._pcm[size:]
            self._on_block(block)

    def _check(self) -> None:
        """The device went away: its stream failed, it left the list, or it fell silent altogether."""
        present = any(device.id() == self._id for device in inputs())
        silent = time.monotonic() - self._heard_at > NO_DATA_S
        if self._watch.isActive() and (failed(self._source) or not present or silent):
            self._end()
            self._on_lost()

    def _end(self) -> None:
        self._watch.stop()
        self._source.stop()


class _Playback(QObject):
    """A sound on its way to the speaker, a block at a time. Lives in its thread; `ended` gets how it went."""

    def __init__(self, device: QAudioDevice, audio: Audio, ended: Future[bool], leave: Callable[[], None]) -> None:
        super().__init__()
        self._ended, self._leave = ended, leave
        self._format = format_for(device, audio.rate)
        self._data = memoryview(_as_device_wants(audio, self._format))
        self._block = self._format.bytesForDuration(BLOCK_MS * 1000)
        self._sink, self._stream = opened_sink(self, device, self._format, SPEAKER_BUFFER_MS)
        self._moved_at = time.monotonic()
        self._sink.stateChanged.connect(self._fill)
        self._clock = timer(self, BLOCK_MS // 4, self._fill)
        self._fill()

    def close(self) -> None:
        """What was not heard yet is dropped."""
        self._clock.stop()
        if not self._ended.done():
            self._ended.set_result(False)
        self._sink.reset()

    def _fill(self) -> None:
        if self._ended.done():
            return
        while self._data and self._sink.bytesFree() >= min(self._block, len(self._data)):
            written = self._stream.write(bytes(self._data[: self._block]))
            if written <= 0:
                break
            self._data = self._data[written:]
            self._moved_at = time.monotonic()
        stuck = time.monotonic() - self._moved_at > NO_DATA_S
        if not self._data and (stuck or self._sink.state() == QtAudio.State.IdleState):
            self._finish()
        elif stuck or failed(self._sink):
            self._finish(_speaker_lost())

    def _finish(self, error: EnvironmentProblem | None = None) -> None:
        if error is None:
            self._ended.set_result(True)
        else:
            self._ended.set_exception(error)
        self._leave()


def _speaker_lost() -> EnvironmentProblem:
    return EnvironmentProblem(
        "audio.speaker_lost",
        "The loudspeaker was disconnected.",
        remedy="Connect it again, or choose another one under Settings, Voice.",
    )


def _as_device_wants(audio: Audio, wanted: QAudioFormat) -> bytes:
    resampler = Resampler(audio.rate, wanted.sampleRate())
    pcm = resampler.feed(audio.pcm) + resampler.flush()
    return from_mono_16_bit(pcm, KINDS[wanted.sampleFormat()], wanted.channelCount())
