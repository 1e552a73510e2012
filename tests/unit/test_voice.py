"""The voice service: recordings are kept, silence is not turned into words, devices come from the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from desktop_app.domain.audio import MAX_TURN_SECONDS, Audio, joined, silence
from desktop_app.errors import AppError, Cancelled, EnvironmentProblem, UserCanFix
from desktop_app.ports import CancelToken
from desktop_app.services.voice import HELLO, VoiceService
from desktop_app.settings import Settings
from tests.fakes.audio import FakeDetector, FakeMicrophone, FakeRecognizer, FakeSpeaker, FakeSynthesizer, tone

SETTINGS = replace(Settings(), microphone="mic", speaker="speaker", voice_speed=1.5)


class Bench:
    """A voice service on stand-ins."""

    def __init__(
        self,
        *,
        spans: tuple[tuple[int, int], ...] = ((0, 1000),),
        missing: bool = False,
        current: Callable[[], Settings] = lambda: SETTINGS,
    ) -> None:
        self.microphone = FakeMicrophone(missing=missing)
        self.speaker = FakeSpeaker()
        self.synthesizer = FakeSynthesizer()
        self.recognizer = FakeRecognizer()
        self.voice = VoiceService(
            self.recognizer, FakeDetector(*spans), self.synthesizer, self.microphone, self.speaker, current
        )
        self.levels: list[tuple[float, float]] = []
        self.lost: list[AppError] = []

    def record(self) -> None:
        self.voice.start_recording(lambda level, seconds: self.levels.append((level, seconds)), self.lost.append)


def test_what_the_microphone_heard_is_what_stop_gives() -> None:
    bench = Bench()
    bench.record()
    assert bench.voice.recording
    assert bench.microphone.device_id == "mic"
    bench.microphone.hear(tone(1.0))
    assert bench.voice.stop_recording() == tone(1.0)
    assert not bench.voice.recording
    assert not bench.microphone.open


def test_levels_come_about_25_times_a_second() -> None:
    bench = Bench()
    bench.record()
    bench.microphone.hear(joined([silence(0.4, 16_000), tone(0.6)]))
    assert len(bench.levels) == 25
    assert bench.levels[0][0] == 0.0
    assert 0.5 < bench.levels[-1][0] <= 1.0
    assert bench.levels[-1][1] == pytest.approx(1.0)


def test_a_lost_microphone_keeps_what_was_recorded() -> None:
    bench = Bench()
    bench.record()
    bench.microphone.hear(tone(0.5))
    bench.microphone.unplug()
    assert [error.code for error in bench.lost] == ["audio.microphone_lost"]
    assert isinstance(bench.lost[0], EnvironmentProblem)
    assert not bench.microphone.open
    assert bench.voice.stop_recording() == tone(0.5)


def test_a_recording_ends_at_the_longest_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.services.recording.MOST_BYTES", 32_000)
    bench = Bench()
    bench.record()
    bench.microphone.hear(tone(3.0))
    assert [error.code for error in bench.lost] == ["audio.too_long"]
    assert not bench.microphone.open
    assert bench.voice.stop_recording().seconds == 1.0


def test_without_a_microphone_there_is_a_remedy_and_no_recording() -> None:
    bench = Bench(missing=True)
    with pytest.raises(EnvironmentProblem) as caught:
        bench.record()
    assert caught.value.code == "audio.no_microphone"
    assert not bench.voice.recording


def test_one_recording_at_a_time() -> None:
    bench = Bench()
    bench.record()
    with pytest.raises(UserCanFix) as caught:
        bench.record()
    assert caught.value.code == "audio.already_recording"
    bench.voice.discard_recording()
    bench.record()
    assert bench.voice.stop_recording().samples == 0


def test_stopping_twice_gives_nothing() -> None:
    assert Bench().voice.stop_recording() == Audio(pcm=b"")


def test_silence_is_cut_off_but_300_ms_stay_on_both_sides() -> None:
    bench = Bench(spans=((2000, 3000), (8000, 9000)))
    audio = tone(10.0)
    heard = bench.voice.transcribe(audio, CancelToken())
    assert heard.text == "Hello."
    assert heard.seconds == 10.0
    assert bench.recognizer.asked[0].seconds == pytest.approx(2 * 1.6)


def test_without_speech_the_recogniser_is_not_asked() -> None:
    bench = Bench(spans=())
    heard = bench.voice.transcribe(silence(3.0, 16_000), CancelToken())
    assert (heard.text, heard.no_speech) == ("", 1.0)
    assert not bench.recognizer.asked
    with pytest.raises(UserCanFix) as caught:
        bench.voice.words_in(silence(3.0, 16_000), CancelToken())
    assert caught.value.code == "audio.nothing_heard"


def test_words_that_cannot_be_trusted_count_as_none() -> None:
    bench = Bench()
    assert bench.voice.words_in(tone(1.0), CancelToken()).text == "Hello."
    bench.recognizer.text = ""
    with pytest.raises(UserCanFix):
        bench.voice.words_in(tone(1.0), CancelToken())


def test_a_cancelled_transcription_says_so() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        Bench().voice.transcribe(tone(1.0), cancel)


def test_a_sound_longer_than_a_turn_is_refused() -> None:
    long = Audio(pcm=bytes(int(MAX_TURN_SECONDS + 2) * 200), rate=100)
    with pytest.raises(UserCanFix) as caught:
        Bench().voice.transcribe(long, CancelToken())
    assert caught.value.code == "audio.too_long"


def test_an_answer_becomes_sound_sentence_by_sentence() -> None:
    bench = Bench()
    sounds = list(bench.voice.synthesize("One two. Three.\n```\ncode\n```\nFour five six.", CancelToken()))
    assert bench.synthesizer.asked == ["One two.", "Three.", "Four five six."]
    assert bench.synthesizer.speeds == [1.5] * 3
    assert [sound.seconds for sound in sounds] == pytest.approx([0.2, 0.1, 0.3], abs=0.001)


def test_cancelling_ends_the_sound_early() -> None:
    bench, cancel = Bench(), CancelToken()
    sounds = bench.voice.synthesize("One. Two. Three.", cancel)
    next(sounds)
    cancel.cancel()
    assert list(sounds) == []


def test_hello_is_spoken_through_the_chosen_speaker() -> None:
    bench = Bench()
    assert bench.voice.say_hello(CancelToken())
    assert " ".join(bench.synthesizer.asked) == HELLO
    assert bench.speaker.device_id == "speaker"


def test_the_microphone_check_gives_the_loudest_level() -> None:
    bench = Bench()
    start = bench.microphone.start

    def start_and_hear(on_block: Callable[[bytes], None], on_lost: Callable[[], None], device_id: str = "") -> None:
        start(on_block, on_lost, device_id)
        bench.microphone.hear(joined([silence(0.2, 16_000), tone(0.2)]))

    bench.microphone.start = start_and_hear  # type: ignore[method-assign]
    assert 0.5 < bench.voice.check_microphone(CancelToken(), seconds=0.4) <= 1.0
    assert not bench.voice.recording


def test_devices_are_listed() -> None:
    voice = Bench().voice
    assert voice.microphones() == (("mic", "A microphone"),)
    assert voice.speakers() == (("speaker", "A speaker"),)


def test_closing_ends_recording_and_reading() -> None:
    bench, cancel = Bench(), CancelToken()
    bench.record()
    narrator = bench.voice.narrator("turn", cancel, lambda _event: None)
    bench.voice.close()
    assert not bench.microphone.open
    assert cancel.cancelled
    assert narrator.wait() is False
