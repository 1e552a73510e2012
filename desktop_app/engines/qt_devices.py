"""What all sound through QtMultimedia shares: finding devices, their formats, and the thread that a stream lives in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QIODevice, QMicrophonePermission, QObject, Qt, QThread, QTimer
from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSink, QAudioSource, QMediaDevices, QtAudio

from desktop_app.domain.samples import SampleKind
from desktop_app.engines.pulse_server import PulseServer
from desktop_app.errors import EnvironmentProblem

WATCH_MS = 250
NO_DATA_S = 5.0
"""How often a device is looked after, and how long it may take or give nothing before it counts as gone."""

KINDS: dict[QAudioFormat.SampleFormat, SampleKind] = {
    QAudioFormat.SampleFormat.UInt8: "u8",
    QAudioFormat.SampleFormat.Int16: "s16",
    QAudioFormat.SampleFormat.Int32: "s32",
    QAudioFormat.SampleFormat.Float: "f32",
}


@cache
def application() -> QCoreApplication:
    """The application that QtMultimedia needs: the window's, or a bare one where there is no window."""
    return QCoreApplication.instance() or QCoreApplication([])


class Session(Protocol):
    def close(self) -> None: ...


class AudioThread(QThread):
    """`build` makes the session inside the thread, where it is closed too; it gets a function that ends the thread."""

    def __init__(self, build: Callable[[Callable[[], None]], Session]) -> None:
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


def permission_denied() -> bool:
    """Of the microphone, on the systems that ask the person. Linux and Windows allow, or give silence."""
    application_ = QCoreApplication.instance()
    wanted = QMicrophonePermission()
    return application_ is not None and application_.checkPermission(wanted) == Qt.PermissionStatus.Denied


def server_lost() -> EnvironmentProblem | None:
    if not _pulse().lost:
        return None
    return EnvironmentProblem(
        "audio.server_lost",
        "The sound server of this computer stopped.",
        remedy="Start it again, or log in again.",
    )


@cache
def _pulse() -> PulseServer:
    return PulseServer()


def inputs() -> list[QAudioDevice]:
    vanished = _pulse().vanished()
    return [device for device in QMediaDevices.audioInputs() if device.id().data() not in vanished]


def outputs() -> list[QAudioDevice]:
    """PulseAudio has a source beside each loudspeaker, its monitor, which comes and goes with it."""
    vanished = _pulse().vanished()
    if _pulse().lost:
        return []
    present = QMediaDevices.audioOutputs()
    return [device for device in present if bytes(device.id().data()) + b".monitor" not in vanished]


def speaker_for(device_id: str) -> QAudioDevice:
    """Raises EnvironmentProblem when there is none."""
    device = chosen(outputs(), device_id)
    if device is None:
        raise server_lost() or EnvironmentProblem(
            "audio.no_speaker",
            "No loudspeaker was found.",
            remedy="Connect one, or choose another one under Settings, Voice.",
        )
    return device


def opened_sink(
    owner: QObject, device: QAudioDevice, wanted: QAudioFormat, buffer_ms: int
) -> tuple[QAudioSink, QIODevice]:
    """A running sink and what to write into. Raises EnvironmentProblem."""
    sink = QAudioSink(device, wanted, owner)
    sink.setBufferSize(wanted.bytesForDuration(buffer_ms * 1000))
    stream = sink.start()
    if stream is None or failed(sink):
        raise EnvironmentProblem(
            "audio.speaker_busy",
            "The loudspeaker could not be opened.",
            remedy="Close other programs that use it, or choose another one under Settings, Voice.",
            detail=f"{device.description()}: {sink.error()}",
        )
    return sink, stream


def listed(devices: list[QAudioDevice]) -> tuple[tuple[str, str], ...]:
    ordered = sorted(devices, key=lambda device: not device.isDefault())
    return tuple((_id(device), device.description()) for device in ordered)


def chosen(devices: list[QAudioDevice], device_id: str) -> QAudioDevice | None:
    """The device with that id, else the system's default, else any."""
    ordered = sorted(devices, key=lambda device: (_id(device) != device_id, not device.isDefault()))
    return ordered[0] if ordered else None


def _id(device: QAudioDevice) -> str:
    return bytes(device.id().data()).decode("utf-8", "backslashreplace")


def format_for(device: QAudioDevice, rate: int) -> QAudioFormat:
    """16-bit mono at `rate` where the device takes it, else what the device prefers."""
    ours = QAudioFormat()
    ours.setSampleRate(rate)
    ours.setChannelCount(1)
    ours.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    return ours if device.isFormatSupported(ours) else device.preferredFormat()


def failed(stream: QAudioSource | QAudioSink) -> bool:
    broken = stream.error() in (QtAudio.Error.OpenError, QtAudio.Error.IOError, QtAudio.Error.FatalError)
    return broken or stream.state() == QtAudio.State.StoppedState


def timer(owner: QObject, interval_ms: int, tick: Callable[[], None]) -> QTimer:
    clock = QTimer(owner)
    clock.setInterval(interval_ms)
    clock.timeout.connect(tick)
    clock.start()
    return clock
