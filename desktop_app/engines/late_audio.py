"""The sound devices, brought up at their first use: importing QtMultimedia costs 18 MB and 50 ms.

They are Qt's, until Qt has lost the sound server: from then on they are those of `pulse_streams`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from desktop_app.domain.audio import Audio
from desktop_app.ports import CancelToken, LiveSpeaker, Microphone, Speaker


class LateMicrophone:
    def __init__(self) -> None:
        self._open: Microphone | None = None

    @cached_property
    def _usual(self) -> Microphone:
        from desktop_app.engines.qt_audio import QtMicrophone
        from desktop_app.engines.qt_devices import application

        application()
        return QtMicrophone()

    @cached_property
    def _spare(self) -> Microphone:
        from desktop_app.engines.pulse_streams import PulseMicrophone

        return PulseMicrophone()

    def devices(self) -> tuple[tuple[str, str], ...]:
        return self._usual.devices() or (self._spare.devices() if _server_lost() else ())

    def start(self, on_block: Callable[[bytes], None], on_lost: Callable[[], None], device_id: str = "") -> None:
        self._open = self._spare if _server_lost() else self._usual
        self._open.start(on_block, on_lost, device_id)

    def stop(self) -> None:
        if self._open is not None:
            self._open.stop()


class LateSpeaker:
    @cached_property
    def _usual(self) -> Speaker:
        from desktop_app.engines.qt_audio import QtSpeaker
        from desktop_app.engines.qt_devices import application

        application()
        return QtSpeaker()

    @cached_property
    def _spare(self) -> Speaker:
        from desktop_app.engines.pulse_streams import PulseSpeaker

        return PulseSpeaker()

    def devices(self) -> tuple[tuple[str, str], ...]:
        return self._usual.devices() or (self._spare.devices() if _server_lost() else ())

    def play(self, audio: Audio, cancel: CancelToken, device_id: str = "") -> bool:
        return (self._spare if _server_lost() else self._usual).play(audio, cancel, device_id)


class LateLiveSpeaker:
    def __init__(self) -> None:
        self._open: LiveSpeaker | None = None

    @cached_property
    def _usual(self) -> LiveSpeaker:
        from desktop_app.engines.qt_devices import application
        from desktop_app.engines.qt_live_speaker import QtLiveSpeaker

        application()
        return QtLiveSpeaker()

    @cached_property
    def _spare(self) -> LiveSpeaker:
        from desktop_app.engines.pulse_streams import PulseLiveSpeaker

        return PulseLiveSpeaker()

    def start(
        self, next_block: Callable[[], bytes], on_lost: Callable[[], None], *, rate: int, device_id: str = ""
    ) -> None:
        self._open = self._spare if _server_lost() else self._usual
        self._open.start(next_block, on_lost, rate=rate, device_id=device_id)

    def stop(self) -> None:
        if self._open is not None:
            self._open.stop()


def _server_lost() -> bool:
    """Whether Qt must not be asked for sound any more."""
    from desktop_app.engines.pulse_streams import available
    from desktop_app.engines.qt_devices import server_lost

    return server_lost() is not None and available()
