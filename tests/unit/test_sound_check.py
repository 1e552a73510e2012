"""The sound check: what is made of what a microphone hears of the tone."""

from __future__ import annotations

import random
import threading
from array import array

import pytest

from desktop_app.domain.audio import HEARING_RATE, Audio, joined, silence
from desktop_app.domain.resampling import resampled
from desktop_app.errors import Cancelled, EnvironmentProblem
from desktop_app.ports import CancelToken
from desktop_app.services import sound_check
from desktop_app.services.sound_check import ROOM_S, check_sound, report, tone
from desktop_app.services.voice import VoiceService
from desktop_app.settings import Settings
from tests.fakes.audio import BLOCK, FakeDetector, FakeMicrophone, FakeRecognizer, FakeSpeaker, FakeSynthesizer


def hiss(seconds: float, height: int = 30) -> Audio:
    draw = random.Random(1)
    samples = array("h", (draw.randint(-height, height) for _ in range(round(seconds * HEARING_RATE))))
    return Audio(pcm=samples.tobytes())


def quieter(sound: Audio, by: int) -> Audio:
    return Audio(pcm=array("h", (sample // by for sample in array("h", sound.pcm))).tobytes(), rate=sound.rate)


TONE = resampled(tone(), HEARING_RATE)


@pytest.mark.parametrize("by", [1, 10, 60])
def test_a_tone_is_heard_at_any_volume(by: int) -> None:
    found = report(joined([hiss(ROOM_S), quieter(TONE, by), hiss(0.5)]))
    assert found.heard_tone and found.room_db < -55
    assert found.tone_db > -60


@pytest.mark.parametrize(
    "after",
    [hiss(1.3), hiss(1.3, height=8_000), silence(1.3, HEARING_RATE), joined([Audio(pcm=b"\0\x40" * 200), hiss(1.2)])],
    ids=["quiet", "noise", "silence", "click"],
)
def test_what_is_no_tone_is_not_taken_for_one(after: Audio) -> None:
    assert not report(joined([hiss(ROOM_S), after])).heard_tone


class Talking(FakeMicrophone):
    """Hears hiss (or nothing but zeros) from its opening on."""

    def __init__(self, *, dead: bool = False) -> None:
        super().__init__()
        self.dead = dead
        self._over = threading.Event()

    def start(self, on_block, on_lost, device_id=""):  # type: ignore[no-untyped-def]
        super().start(on_block, on_lost, device_id)
        self._over.clear()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        block = bytes(BLOCK) if self.dead else hiss(0.04).pcm
        while not self._over.wait(0.002):
            self.hear(Audio(pcm=block))

    def stop(self) -> None:
        self._over.set()
        super().stop()


def voice(microphone: FakeMicrophone, speaker: FakeSpeaker) -> VoiceService:
    return VoiceService(FakeRecognizer(), FakeDetector(), FakeSynthesizer(), microphone, speaker, Settings)


def test_a_microphone_that_gives_nothing_says_so() -> None:
    microphone = Talking(dead=True)
    with pytest.raises(EnvironmentProblem) as failed:
        check_sound(voice(microphone, FakeSpeaker()), CancelToken())
    assert failed.value.code == "audio.microphone_silent" and failed.value.remedy
    assert not microphone.open


def test_headphones_are_no_error() -> None:
    microphone = Talking()
    found = check_sound(voice(microphone, FakeSpeaker()), CancelToken())
    assert not found.heard_tone and found.loudest_db > -80


def test_without_a_microphone_the_reason_is_told() -> None:
    with pytest.raises(EnvironmentProblem) as failed:
        check_sound(voice(FakeMicrophone(missing=True), FakeSpeaker()), CancelToken())
    assert failed.value.code == "audio.no_microphone"


def test_a_check_can_be_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_check, "PATIENCE_S", 30.0)
    microphone, cancel = FakeMicrophone(), CancelToken()
    threading.Timer(0.05, cancel.cancel).start()
    with pytest.raises(Cancelled):
        check_sound(voice(microphone, FakeSpeaker()), cancel)
    assert not microphone.open


def test_a_microphone_that_is_unplugged_is_told() -> None:
    microphone = FakeMicrophone()

    def unplug() -> None:
        while not microphone.open:
            pass
        microphone.unplug()

    threading.Thread(target=unplug, daemon=True).start()
    with pytest.raises(EnvironmentProblem) as failed:
        check_sound(voice(microphone, FakeSpeaker()), CancelToken())
    assert failed.value.code == "audio.microphone_lost"
