"""Microphone and speaker through QtMultimedia.

Each recording and each sound gets a Qt thread with an event loop, whose audio objects are made and ended in it; so
both work from the window's thread and from any other, and nothing runs on when they are done. A QCoreApplication
must exist: the window's, or the one that `application` makes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QObject, QThread, QTimer
from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSink, QAudioSource, QMediaDevices, QtAudio

from desktop_app.domain.audio import BLOCK_MS, HEARING_RATE, Audio
from desktop_app.domain.resampling import Resampler
from desktop_app.domain.samples import SampleKind, from_mono_16_bit, mono_16_bit
from desktop_app.engines.pulse_server import PulseServer
from desktop_app.errors import EnvironmentProblem
from desktop_app.ports import CancelToken

WATCH_MS = 250
NO_DATA_S = 5.0
SPEAKER_BUFFER_MS = 200

_KINDS: dict[QAudioFormat.SampleFormat, SampleKind] = {
    QAudioFormat.SampleFormat.UInt8: "u8",
    QAudioFormat.SampleFormat.Int16: "s16",
    QAudioFormat.SampleFormat.Int32: "s32",
    QAudioFormat.SampleFormat.Float: "f32",
}


@cache
def application() -> QCoreApplication:
    """The application that QtMultimedia needs: the window's, or a bare one where there is no window."""
    return QCoreApplication.instance() or QCoreApplication([])


class QtMicrophone:
    """One recording at a time. `stop` may be called from `on_block` and `on_lost`, and must be called in the end."""

    def __init__(self) -> None:
        self._thread: _AudioThread | None = None

    def devices(self) -> tuple[tuple[str, str], ...]:
        return _listed(_inputs())

    def start(self, on_block: Callable[[bytes], None], on_lost: Callable[[], None], device_id: str = "") -> None:
        self.stop()
        device = _chosen(_inputs(), device_id)
        if device is None:
            raise _server_lost() or EnvironmentProblem(
                "audio.no_microphone",
                "No microphone was found.",
                remedy="Connect one, or allow this application to use it in the system's privacy settings.",
            )
        self._thread = _AudioThread(lambda _leave: _Capture(device, on_block, on_lost))
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
        return _listed(_outputs())

    def play(self, audio: Audio, cancel: CancelToken, device_id: str = "") -> bool:
        device = _chosen(_outputs(), device_id)
        if device is None:
            raise _server_lost() or EnvironmentProblem(
                "audio.no_speaker",
                "No loudspeaker was found.",
                remedy="Connect one, or choose another one under Settings, Voice.",
            )
        if cancel.cancelled or not audio.samples:
            return not cancel.cancelled
        ended: Future[bool] = Future()
        thread = _AudioThread(lambda leave: _Playback(device, audio, ended, leave))
        thread.open()
        with cancel.calling(thread.quit):
            thread.wait()
        return ended.result(0)


class _Session(Protocol):
    def close(self) -> None: ...


class _AudioThread(QThread):
    """`build` makes the session inside the thread, where it is closed too; it gets a function that ends the thread."""

    def __init__(self, build: Callable[[Callable[[], None]], _Session]) -> None:
        super().__init__()
        self._build = build
        self._opened: Future[None] = Future()

    def open(self) -> None:
        """Start, and wait until the session runs. Raises what `build` raised."""
        self.start()
        try:
            self._opened.result()
        except BaseException:
            self.wait()
            raise

    def leave(self) -> bool:
        """End the session and the thread. False when called inside the thread, which ends a moment later."""
        self.quit()
        if self.isCurrentThread():
            return False
        self.wait()
        return True

    def run(self) -> None:
        try:
            session = self._build(self.quit)
        except Exception as error:  # noqa: BLE001 (raised again where it is waited for)
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        self.exec()
        session.close()


class _Capture(QObject):
    """A running microphone. Lives in its thread."""

    def __init__(self, device: QAudioDevice, on_block: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        super().__init__()
        self._on_block, self._on_lost = on_block, on_lost
        self._id = device.id()
        self._format = _format(device, HEARING_RATE)
        self._kind = _KINDS[self._format.sampleFormat()]
        self._resampler = Resampler(self._format.sampleRate(), HEARING_RATE)
        self._raw, self._pcm = b"", b""
        self._source = QAudioSource(device, self._format, self)
        self._source.setBufferSize(self._format.bytesForDuration(BLOCK_MS * 1000))
        self._stream = self._source.start()
        if self._stream is None or _failed(self._source):
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
        self._watch = _timer(self, WATCH_MS, self._check)

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
        present = any(device.id() == self._id for device in _inputs())
        silent = time.monotonic() - self._heard_at > NO_DATA_S
        if self._watch.isActive() and (_failed(self._source) or not present or silent):
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
        self._format = _format(device, audio.rate)
        self._data = memoryview(_as_device_wants(audio, self._format))
        self._block = self._format.bytesForDuration(BLOCK_MS * 1000)
        self._sink = QAudioSink(device, self._format, self)
        self._sink.setBufferSize(self._format.bytesForDuration(SPEAKER_BUFFER_MS * 1000))
        self._stream = self._sink.start()
        if self._stream is None or _failed(self._sink):
            raise EnvironmentProblem(
                "audio.speaker_busy",
                "The loudspeaker could not be opened.",
                remedy="Close other programs that use it, or choose another one under Settings, Voice.",
                detail=f"{device.description()}: {self._sink.error()}",
            )
        self._moved_at = time.monotonic()
        self._sink.stateChanged.connect(self._fill)
        self._clock = _timer(self, BLOCK_MS // 4, self._fill)
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
        elif stuck or _failed(self._sink):
            self._finish(_speaker_lost())

    def _finish(self, error: EnvironmentProblem | None = None) -> None:
        if error is None:
            self._ended.set_result(True)
        else:
            self._ended.set_exception(error)
        self._leave()


def _server_lost() -> EnvironmentProblem | None:
    if not _pulse().lost:
        return None
    return EnvironmentProblem(
        "audio.server_lost",
        "The sound server of this computer stopped.",
        remedy="Start it again (or log in again), then restart Stonechat.",
    )


def _speaker_lost() -> EnvironmentProblem:
    return EnvironmentProblem(
        "audio.speaker_lost",
        "The loudspeaker was disconnected.",
        remedy="Connect it again, or choose another one under Settings, Voice.",
    )


@cache
def _pulse() -> PulseServer:
    return PulseServer()


def _inputs() -> list[QAudioDevice]:
    vanished = _pulse().vanished()
    return [device for device in QMediaDevices.audioInputs() if device.id().data() not in vanished]


def _outputs() -> list[QAudioDevice]:
    _pulse().vanished()
    return [] if _pulse().lost else QMediaDevices.audioOutputs()


def _listed(devices: list[QAudioDevice]) -> tuple[tuple[str, str], ...]:
    ordered = sorted(devices, key=lambda device: not device.isDefault())
    return tuple((_id(device), device.description()) for device in ordered)


def _chosen(devices: list[QAudioDevice], device_id: str) -> QAudioDevice | None:
    """The device with that id, else the system's default, else any."""
    ordered = sorted(devices, key=lambda device: (_id(device) != device_id, not device.isDefault()))
    return ordered[0] if ordered else None


def _id(device: QAudioDevice) -> str:
    return bytes(device.id().data()).decode("utf-8", "backslashreplace")


def _format(device: QAudioDevice, rate: int) -> QAudioFormat:
    """16-bit mono at `rate` where the device takes it, else what the device prefers."""
    ours = QAudioFormat()
    ours.setSampleRate(rate)
    ours.setChannelCount(1)
    ours.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    return ours if device.isFormatSupported(ours) else device.preferredFormat()


def _as_device_wants(audio: Audio, wanted: QAudioFormat) -> bytes:
    resampler = Resampler(audio.rate, wanted.sampleRate())
    pcm = resampler.feed(audio.pcm) + resampler.flush()
    return from_mono_16_bit(pcm, _KINDS[wanted.sampleFormat()], wanted.channelCount())


def _failed(stream: QAudioSource | QAudioSink) -> bool:
    broken = stream.error() in (QtAudio.Error.OpenError, QtAudio.Error.IOError, QtAudio.Error.FatalError)
    return broken or stream.state() == QtAudio.State.StoppedState


def _timer(owner: QObject, interval_ms: int, tick: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setInterval(interval_ms)
    timer.timeout.connect(tick)
    timer.start()
    return timer
