"""What an echo canceller promises, in made-up rooms: the echo goes, the person stays. Floors are generous."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from desktop_app.domain.audio import HEARING_RATE, Audio, decibels
from desktop_app.domain.echo_gate import LINEAR, EchoGate
from desktop_app.domain.resampling import resampled
from desktop_app.engines.echo_canceller import Stages, WebRtcEchoCanceller
from desktop_app.engines.live_ear import EchoFreeEar
from desktop_app.engines.silero import SileroDetector
from desktop_app.engines.sound_arrays import hearing_floats
from desktop_app.errors import EnvironmentProblem
from desktop_app.paths import resources
from desktop_app.services.wav import read_wav
from tests.fakes.rooms import (
    Room,
    Scene,
    Sound,
    another_voice,
    at_level,
    floats,
    loudness_db,
    ms,
    pcm,
    placed,
    scene,
)

pytestmark = pytest.mark.slow

SETTLED_MS = 1_500
ASKED_AT_S = 5.0
BLOCK_MS = 40
ROOMS = [
    Room(delay_ms=delay, decay_ms=decay, gain_db=gain)
    for delay, decay in ((20, 60), (150, 150))
    for gain in (-20.0, -10.0, -3.0)
] + [Room(delay_ms=300, drift_ppm=50.0)]


class NoCanceller:
    """What the floors are worth: this must not pass them."""

    def process(self, microphone: bytes, played: bytes) -> Stages:
        return Stages(linear=microphone, finished=microphone, echo=bytes(len(microphone)))


@pytest.fixture(scope="module")
def voice() -> Sound:
    return hearing_floats(read_wav(resources() / "samples" / "capital_of_france.wav"))


@pytest.fixture(scope="module")
def played(voice: Sound) -> Sound:
    """About eight seconds of the assistant's voice."""
    pause = np.zeros(ms(150), dtype=np.float32)
    pieces = [part for pace in (1.0, 0.9, 1.1, 0.95) for part in (another_voice(voice, pace), pause)]
    return at_level(np.concatenate(pieces), -20.0)


@pytest.fixture(scope="module")
def asked(voice: Sound, played: Sound) -> Sound:
    """The person says something over it."""
    return placed((at_level(another_voice(voice, 1.2), -26.0), ASKED_AT_S), seconds=played.size / 16_000)


def cleaned(canceller: Any, heard: Scene, block_ms: int = BLOCK_MS) -> Sound:
    return floats(b"".join(canceller.process(*block).finished for block in heard.blocks(block_ms)))


def speech(sound: Sound) -> Sound:
    """True where speech is."""
    marked = np.zeros(sound.size, dtype=bool)
    for span in SileroDetector().speech(Audio(pcm=pcm(sound))):
        marked[ms(span.start_ms) : ms(span.end_ms)] = True
    return marked


def trusted(sound: Sound, played: Sound) -> Sound:
    """True where the gate trusts."""
    gate, step = EchoGate(block_ms=BLOCK_MS), ms(BLOCK_MS)
    pairs = ((pcm(sound[at : at + step]), pcm(played[at : at + step])) for at in range(0, sound.size, step))
    return np.repeat([gate.trusts(decibels(rest), decibels(loud)) for rest, loud in pairs], step)[: sound.size]


def removed_db(heard: Scene, out: Sound) -> float:
    """Echo return loss enhancement where the echo is audible, once settled."""
    steps = range(ms(SETTLED_MS), out.size - ms(10), ms(10))
    loud = [at for at in steps if loudness_db(heard.echo[at : at + ms(10)]) > -50]
    both = (np.concatenate([sound[at : at + ms(10)] for at in loud]) for sound in (heard.microphone, out))
    before, after = map(loudness_db, both)
    return before - after


def check_echo_goes(canceller: Any, heard: Scene) -> None:
    out = cleaned(canceller, heard)
    assert removed_db(heard, out) > 10
    mistaken = speech(out) & trusted(out, heard.played)
    assert mistaken.sum() < ms(250)


def check_person_stays(canceller: Any, heard: Scene, *, share: float = 0.75, within_db: float = 6.0) -> None:
    out = cleaned(canceller, heard)
    wanted = speech(heard.near)[: out.size]
    kept = speech(out) & trusted(out, heard.played) & wanted
    assert kept.sum() > share * wanted.sum()
    assert np.flatnonzero(kept)[0] - np.flatnonzero(wanted)[0] < ms(200)
    assert abs(loudness_db(out[wanted]) - loudness_db(heard.near[: out.size][wanted])) < within_db


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_the_echo_goes(room: Room, played: Sound) -> None:
    check_echo_goes(WebRtcEchoCanceller(), scene(room, played))


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_a_person_who_talks_over_it_stays(room: Room, played: Sound, asked: Sound) -> None:
    check_person_stays(WebRtcEchoCanceller(), scene(room, played, asked))


def test_a_person_stays_in_a_loud_room_with_rapid_speech(voice: Sound, asked: Sound) -> None:
    """WebRTC alone mutes the whole question here, by 16 dB."""
    rapid = np.concatenate([another_voice(voice, pace) for pace in (1.0, 1.2, 1.1, 1.3, 1.15)])
    room = Room(delay_ms=150, decay_ms=150, gain_db=-3.0)
    check_person_stays(WebRtcEchoCanceller(), scene(room, at_level(rapid, -20.0), asked), share=0.5, within_db=8.0)


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_without_a_canceller_the_echo_would_be_found(room: Room, played: Sound) -> None:
    with pytest.raises(AssertionError):
        check_echo_goes(NoCanceller(), scene(room, played))


def test_a_person_alone_is_left_as_they_are(played: Sound, asked: Sound) -> None:
    out = cleaned(WebRtcEchoCanceller(), scene(Room(), np.zeros_like(played), asked))
    wanted = speech(asked)[: out.size]
    assert abs(loudness_db(out[wanted]) - loudness_db(asked[: out.size][wanted])) < 2
    assert (speech(out) & wanted).sum() > 0.9 * wanted.sum()


def test_a_long_silence_does_not_make_it_forget_the_room(played: Sound) -> None:
    half = ms(4_000)
    quiet = np.zeros(ms(30_000), dtype=np.float32)
    heard = scene(Room(), np.concatenate([played[:half], quiet, played[half:]]))
    out = cleaned(WebRtcEchoCanceller(), heard)
    first_second = slice(half + quiet.size, half + quiet.size + ms(1_000))
    assert loudness_db(heard.microphone[first_second]) - loudness_db(out[first_second]) > 10


def test_the_length_of_the_blocks_does_not_matter(played: Sound) -> None:
    heard = scene(Room(), played[: ms(2_000)])
    assert np.array_equal(*(cleaned(WebRtcEchoCanceller(), heard, block_ms) for block_ms in (10, 40)))


def test_after_a_reset_it_is_as_new(played: Sound) -> None:
    heard = scene(Room(), played[: ms(2_000)])
    canceller = WebRtcEchoCanceller()
    first = cleaned(canceller, heard)
    canceller.reset()
    assert np.array_equal(cleaned(canceller, heard), first)


@pytest.mark.parametrize("extreme", [b"\x00\x80", b"\xff\x7f", b"\xff\x7f\x00\x80"])
def test_the_loudest_sounds_do_it_no_harm(extreme: bytes, played: Sound) -> None:
    canceller = WebRtcEchoCanceller()
    block = extreme * (1_280 // len(extreme))
    for _ in range(50):
        assert len(canceller.process(block, block).finished) == 1_280
    assert decibels(canceller.process(bytes(12_800), bytes(12_800)).finished[-1_280:]) < -80
    heard = scene(Room(), played)
    assert removed_db(heard, cleaned(canceller, heard)) > 10


def test_nothing_in_nothing_out() -> None:
    assert WebRtcEchoCanceller().process(b"", b"") == Stages(linear=b"", finished=b"", echo=b"")


@pytest.mark.parametrize(("microphone", "loud"), [(1_280, 640), (1_281, 1_281), (100, 100), (320, 0)])
def test_blocks_that_do_not_fit_are_refused(microphone: int, loud: int) -> None:
    with pytest.raises(ValueError, match="10 ms"):
        WebRtcEchoCanceller().process(bytes(microphone), bytes(loud))


def test_without_the_library_there_is_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc", None)
    with pytest.raises(EnvironmentProblem) as caught:
        WebRtcEchoCanceller().process(bytes(320), bytes(320))
    assert caught.value.code == "audio.no_echo_canceller"


def test_on_headphones_the_first_word_over_the_answer_is_kept() -> None:
    """No echo at all, and a microphone that is digitally silent until the person speaks."""
    answer = resampled(read_wav(resources() / "samples" / "capital_of_france.wav"), HEARING_RATE).pcm.strip(b"\0")
    block = 2 * HEARING_RATE * 40 // 1000
    played = (answer[: len(answer) // 2 * 2] * 9)[: block * 200]
    person = bytes(block * 150) + answer[: block * 40].ljust(block * 50, b"\0")
    ear = EchoFreeEar()
    heard = [ear.hear(person[at : at + block], played[at : at + block]) for at in range(0, block * 200, block)]
    ear.close()
    assert max(each.speech for each in heard[:150]) < 0.5
    for number in range(150, 162):
        said = person[number * block : (number + 1) * block]
        if decibels(said) > -30:
            assert decibels(heard[number].pcm) > decibels(said) - 12, number


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_in_the_linear_stage_the_person_is_found_soon_and_our_own_voice_is_not(
    room: Room, played: Sound, asked: Sound
) -> None:
    """What interruptions are taken from; `domain.turn_taking` asks for two blocks of it."""
    alone, both = (marks_in_the_linear_stage(scene(room, played, near)) for near in (None, asked))
    first = round(ASKED_AT_S * 1000) // BLOCK_MS  # the sample begins with 0.3 s of silence
    assert both[first : first + 14].sum() >= 2
    assert alone.sum() < (5 if not room.drift_ppm else 20)


def marks_in_the_linear_stage(heard: Scene) -> Sound:
    """True for every block that is taken for the person's voice, once the filter has settled."""
    ear, gate = EchoFreeEar(), EchoGate(LINEAR)
    marks = []
    for microphone, played in heard.blocks(BLOCK_MS):
        block = ear.hear(microphone, played)
        assert block.clear_pcm is not None
        trusted = gate.trusts(decibels(block.clear_pcm), block.echo_db, playing=True)
        marks.append(trusted and block.clear_speech >= 0.5)
    return np.array([mark and number * BLOCK_MS >= SETTLED_MS for number, mark in enumerate(marks)])
