"""What the devices of a conversation do on a virtual sound server, each scene in a process of its own.

`python -m tests.journeys.device_scenes SCENE` prints one JSON object.
"""

from __future__ import annotations

import json
import math
import os
import sys
from array import array
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.audio import BLOCK_MS
from desktop_app.domain.events import DevicesChanged
from desktop_app.engines.late_audio import LateLiveSpeaker, LateMicrophone, LateSpeaker
from desktop_app.ports import CancelToken
from desktop_app.services.mouth import MOUTH_RATE
from desktop_app.services.sound_check import check_sound
from desktop_app.services.talk_devices import Listener, TalkDevices
from desktop_app.services.voice import VoiceService
from desktop_app.settings import Settings
from tests.fakes.audio import FakeDetector, FakeRecognizer, FakeSynthesizer
from tests.fakes.pulse import PulseServer
from tests.journeys.audio_scenes import in_a_worker, no_thread_left, open_room, pactl, wait_for

REMAP = ("module-remap-source", "source_name=vmic", "master=micsink.monitor")


class Talk:
    """Real devices that serve a counter: a tone is spoken all the time, what is heard is counted."""

    def __init__(self) -> None:
        self.heard = self.spoken = self.passed = self.anew = 0
        self.loudest = 0.0
        self.told: list[DevicesChanged] = []
        samples = (
            round(4_000 * math.sin(math.tau * 500 * at / MOUTH_RATE)) for at in range(MOUTH_RATE * BLOCK_MS // 1000)
        )
        self._tone = array("h", samples).tobytes()
        listener = Listener(
            hear=self._hear,
            next_block=self._speak,
            pass_time=self._pass,
            hear_anew=self._anew,
            on_level=self._level,
            on_change=self.told.append,
        )
        settings = Settings(microphone="vmic", speaker="speaker")
        self.devices = TalkDevices(LateMicrophone(), LateLiveSpeaker(), lambda: settings, listener)

    def _hear(self, _block: bytes) -> None:
        self.heard += 1

    def _speak(self) -> bytes:
        self.spoken += 1
        return self._tone

    def _pass(self) -> None:
        self.passed += 1

    def _anew(self) -> None:
        self.anew += 1

    def _level(self, level: float) -> None:
        self.loudest = max(self.loudest, level)

    def goes_on(self) -> bool:
        """Whether it is heard and spoken again."""
        heard, spoken = self.heard, self.spoken
        wait_for(lambda: self.heard > heard + 5 and self.spoken > spoken + 5)
        return True

    @property
    def shown(self) -> list[str]:
        return [f"{state.microphone}/{state.speaker}" for state in self.told]


def recorders() -> int:
    """How many programs listen to the virtual microphone, as the server tells."""
    return sum(line.split("\t")[1:2] != [] for line in pactl("list", "short", "source-outputs").splitlines())


def muting() -> dict[str, Any]:
    """The server itself says whether somebody listens."""
    talk = Talk()
    before = recorders()  # the virtual microphone is itself one that listens to its sink
    talk.devices.open()
    talk.goes_on()
    listening = recorders()
    talk.devices.mute(True)
    wait_for(lambda: talk.shown[-1] == "muted/open" and recorders() == before)
    passed = talk.passed
    wait_for(lambda: talk.passed > passed + 5)
    talk.devices.mute(False)
    talk.goes_on()
    again = recorders()
    talk.devices.close()
    return {"before": before, "listening": listening, "again": again, "after": recorders(), "shown": talk.shown}


def unplugged_and_back() -> dict[str, Any]:
    """The microphone is pulled out of a conversation and put in again."""
    talk = Talk()
    talk.devices.open()
    talk.goes_on()
    pactl("unload-module", "module-remap-source")
    wait_for(lambda: talk.shown[-1] == "gone/open" and bool(talk.told[-1].message))
    spoken, passed = talk.spoken, talk.passed
    wait_for(lambda: talk.spoken > spoken + 5 and talk.passed > passed + 5)
    missing = asdict(talk.told[-1])
    pactl("load-module", *REMAP)
    wait_for(lambda: talk.shown[-1] == "open/open")
    back = talk.goes_on()
    talk.devices.close()
    return {"missing": missing, "back": back, "shown": talk.shown, "anew": talk.anew}


def server_restarted() -> dict[str, Any]:
    """The sound server stops in the middle of a conversation and is started again."""
    talk = Talk()
    talk.devices.open()
    talk.goes_on()
    pactl("exit")
    wait_for(lambda: talk.shown[-1] == "gone/gone")
    passed = talk.passed
    wait_for(lambda: talk.passed > passed + 5)
    missing = asdict(talk.told[-1])
    server = PulseServer(Path(os.environ["XDG_RUNTIME_DIR"]))
    server.start()
    try:
        wait_for(lambda: talk.shown[-1] == "open/open", 60)
        back = talk.goes_on()
        with open_room(echo_db=0):
            talk.loudest = 0.0
            wait_for(lambda: talk.loudest > 0.5)
        talk.devices.mute(True)
        wait_for(lambda: talk.shown[-1] == "muted/open")
        talk.devices.close()
    finally:
        server.stop()
    return {"missing": missing, "back": back, "shown": talk.shown}


def hears_itself() -> dict[str, Any]:
    """The sound check in a room where the microphone hears the loudspeaker, and in one where it does not."""
    settings = Settings(microphone="vmic", speaker="speaker")
    voice = VoiceService(
        FakeRecognizer(), FakeDetector(), FakeSynthesizer(), LateMicrophone(), LateSpeaker(), lambda: settings
    )
    with open_room(echo_db=-10):
        aloud = asdict(check_sound(voice, CancelToken()))
    try:
        check_sound(voice, CancelToken())
        silent = ""
    except Exception as error:
        silent = getattr(error, "code", repr(error))
    return {"aloud": aloud, "silent": silent}


def main() -> None:
    scene = globals()[sys.argv[1]]
    application = QCoreApplication([])
    with no_thread_left():
        result = in_a_worker(lambda _models: scene(), "")
    sys.stdout.write(json.dumps(result))
    del application


if __name__ == "__main__":
    main()
