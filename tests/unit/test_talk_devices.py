"""The devices of a conversation: closed while muted, waited for when they go away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from desktop_app.domain.audio import HEARING_RATE
from desktop_app.domain.events import DevicesChanged
from desktop_app.errors import EnvironmentProblem
from desktop_app.services import talk_devices
from desktop_app.services.talk_devices import Listener, TalkDevices
from desktop_app.settings import Settings
from tests.fakes.audio import FakeLiveSpeaker, FakeMicrophone, tone


class Desk:
    def __init__(self) -> None:
        self.microphone, self.speaker = FakeMicrophone(), FakeLiveSpeaker()
        self.heard: list[bytes] = []
        self.levels: list[float] = []
        self.told: list[DevicesChanged] = []
        self.passed = self.anew = 0
        listener = Listener(
            hear=self.heard.append,
            next_block=lambda: b"",
            pass_time=self._pass,
            hear_anew=self._anew,
            on_level=self.levels.append,
            on_change=self.told.append,
        )
        self.devices = TalkDevices(self.microphone, self.speaker, Settings, listener)

    def _pass(self) -> None:
        self.passed += 1

    def _anew(self) -> None:
        self.anew += 1

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(state.microphone, state.speaker) for state in self.told]


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(talk_devices, "RETRY_S", 0.02)
    made = Desk()
    made.devices.open()
    yield made
    made.devices.close()
    assert not made.microphone.open and not made.speaker.open
    assert "talk-devices" not in [thread.name for thread in threading.enumerate()]


def test_muting_closes_the_microphone_and_time_goes_on(desk: Desk) -> None:
    desk.microphone.hear(tone(0.04, rate=HEARING_RATE))
    assert len(desk.heard) == 1 and desk.levels[-1] > 0.5 and desk.passed == 0
    desk.devices.mute(True)
    until(lambda: not desk.microphone.open and desk.passed > 2)
    assert desk.speaker.open and desk.levels[-1] == 0
    desk.devices.mute(False)
    until(lambda: desk.shown == [("open", "open"), ("muted", "open"), ("open", "open")])
    assert desk.microphone.open and desk.anew == 0


def test_a_microphone_that_went_away_is_waited_for(desk: Desk) -> None:
    desk.microphone.missing = True
    desk.microphone.unplug()
    until(lambda: desk.told[-1].microphone == "gone" and desk.told[-1].message)
    assert desk.told[-1].remedy and desk.speaker.open
    until(lambda: desk.passed > 2)
    desk.microphone.missing = False
    until(lambda: desk.shown[-1] == ("open", "open"))
    assert desk.microphone.open and desk.anew == 1


def test_an_error_that_nobody_expected_is_only_another_try(desk: Desk) -> None:
    desk.speaker.error = RuntimeError("who knows")
    desk.speaker.unplug()
    until(lambda: desk.shown[-1] == ("gone", "gone"))
    desk.speaker.error = None
    until(lambda: desk.shown[-1] == ("open", "open"))


def test_without_a_loudspeaker_nobody_is_listened_to(desk: Desk) -> None:
    desk.speaker.error = EnvironmentProblem("audio.no_speaker", "No loudspeaker was found.", remedy="Connect one.")
    desk.speaker.unplug()
    until(lambda: desk.shown[-1] == ("gone", "gone"))
    assert not desk.microphone.open and desk.told[-1].message == "No loudspeaker was found."
    desk.speaker.error = None
    until(lambda: desk.shown[-1] == ("open", "open"))
    assert desk.anew == 1


def test_another_device_that_is_there_at_once_goes_on(desk: Desk) -> None:
    desk.microphone.unplug()
    until(lambda: desk.anew == 1)
    assert desk.shown == [("open", "open")] and desk.microphone.open


def test_who_is_muted_stays_muted_when_devices_come_back(desk: Desk) -> None:
    desk.devices.mute(True)
    until(lambda: desk.shown[-1] == ("muted", "open"))
    desk.speaker.unplug()
    until(lambda: desk.speaker.opened == 2)
    desk.devices.mute(False)
    until(lambda: desk.microphone.open)


def test_a_late_report_of_an_older_device_changes_nothing(desk: Desk) -> None:
    stale = desk.microphone.lost
    desk.devices.mute(True)
    until(lambda: not desk.microphone.open)
    desk.devices.mute(False)
    until(lambda: desk.microphone.open)
    before = desk.microphone.stops
    assert stale is not None
    stale()
    desk.devices.mute(True)
    until(lambda: not desk.microphone.open)
    assert desk.microphone.stops == before + 1 and desk.anew == 0


def test_nothing_stays_open_when_the_microphone_cannot_be_opened() -> None:
    made = Desk()
    made.microphone.missing = True
    with pytest.raises(EnvironmentProblem):
        made.devices.open()
    assert not made.speaker.open and made.told == []
    made.devices.close()
