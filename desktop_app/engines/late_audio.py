"""The sound devices, brought up at their first use: importing QtMultimedia costs 18 MB and 50 ms."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from desktop_app.domain.audio import Audio
from desktop_app.ports import CancelToken, LiveSpeaker, Microphone, Speaker


class LateMicrophone:
    @cached_property
    def _real(self) -> Microphone:
        from desktop_app.engines.qt_audio import QtMicrophone
        from desktop_app.engines.qt_devices import application

        application()
        return QtMicrophone()

    def devices(self) -> tuple[tuple[str, str], ...]:
        return self._real.devices()

    def start(self, on_block: Callable[[bytes], None], on_lost: Callable[[], None], device_id: str = "") -> None:
        self._real.start(on_block, on_lost, device_id)

    def stop(self) -> None:
        if "_real" in self.__dict__:
            self._real.stop()


class LateSpeaker:
    @cached_property
    def _real(self) -> Speaker:
        from desktop_app.engines.qt_audio import QtSpeaker
        from desktop_app.engines.qt_devices import application

        application()
        return QtSpeaker()

    def devices(self) -> tuple[tuple[str, str], ...]:
        return self._real.devices()

    def play(self, audio: Audio, cancel: CancelToken, device_id: str = "") -> bool:
        return self._real.play(audio, cancel, device_id)


class LateLiveSpeaker:
    @cached_property
    def _real(self) -> LiveSpeaker:
        from desktop_app.engines.qt_devices import application
        from desktop_app.engines.qt_live_speaker import QtLiveSpeaker

        application()
        return QtLiveSpeaker()

    def start(
        self, next_block: Callable[[], bytes], on_lost: Callable[[], None], *, rate: int, device_id: str = ""
    ) -> None:
        self._real.start(next_block, on_lost, rate=rate, device_id=device_id)

    def stop(self) -> None:
        if "_real" in self.__dict__:
            self._real.stop()
