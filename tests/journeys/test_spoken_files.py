"""Spoken files of every kind, through the real detector and recogniser."""

from __future__ import annotations

import json
import wave
from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from desktop_app.domain.audio import Audio, silence
from desktop_app.domain.resampling import Resampler
from desktop_app.domain.samples import WIDTHS, SampleKind, from_mono_16_bit
from desktop_app.engines.silero import SileroDetector
from desktop_app.engines.whisper import WhisperRecognizer
from desktop_app.errors import UserCanFix
from desktop_app.paths import resources
from desktop_app.ports import CancelToken
from desktop_app.services.voice import VoiceService
from desktop_app.services.wav import read_wav, write_wav
from desktop_app.settings import Settings
from tests.fakes.audio import FakeMicrophone, FakeSpeaker, FakeSynthesizer
from tests.journeys.test_command_line import SAMPLES, stonechat

pytestmark = [pytest.mark.models, pytest.mark.slow]


@pytest.fixture(scope="module")
def voice(model_store: Path) -> VoiceService:
    recognizer = WhisperRecognizer(str(model_store / "whisper-tiny-en"))
    return VoiceService(
        recognizer, SileroDetector(), FakeSynthesizer(), FakeMicrophone(), FakeSpeaker(), lambda: Settings()
    )


@pytest.fixture(scope="module")
def question() -> Audio:
    return read_wav(resources() / "samples" / "capital_of_france.wav")


@pytest.mark.parametrize(
    ("kind", "channels", "rate"), [("u8", 1, 16_000), ("s16", 2, 44_100), ("s24", 2, 96_000), ("s32", 1, 8_000)]
)
def test_a_question_is_understood_however_it_was_recorded(
    voice: VoiceService, question: Audio, tmp_path: Path, kind: SampleKind, channels: int, rate: int
) -> None:
    resampler = Resampler(question.rate, rate)
    pcm = resampler.feed(question.pcm) + resampler.flush()
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((channels, WIDTHS[kind], rate, 0, "NONE", "not compressed"))
        file.writeframes(from_mono_16_bit(pcm, kind, channels))
    heard = voice.words_in(read_wav(tmp_path / "a.wav"), CancelToken())
    assert heard.text == "What is the capital of France?"


def test_silence_is_told_and_not_filled_with_words(voice: VoiceService, tmp_path: Path) -> None:
    write_wav(tmp_path / "silent.wav", silence(20, 44_100))
    with pytest.raises(UserCanFix) as caught:
        voice.words_in(read_wav(tmp_path / "silent.wav"), CancelToken())
    assert caught.value.code == "audio.nothing_heard"


def test_a_question_inside_a_minute_of_silence_is_found(voice: VoiceService, question: Audio) -> None:
    quiet = array("h", bytes(2 * 30 * question.rate)).tobytes()
    heard = voice.words_in(Audio(pcm=quiet + question.pcm + quiet, rate=question.rate), CancelToken())
    assert heard.text == "What is the capital of France?"


def test_listening_tells_what_was_heard_as_an_event(tmp_path: Path, model_store: Path) -> None:
    done = stonechat(tmp_path, model_store, "listen", str(SAMPLES / "capital_of_france.wav"), "--json")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events[:2]] == ["TurnStarted", "SpeechTranscribed"]
    assert "capital of france" in events[1]["text"].lower()
    assert len({event["turn_id"] for event in events}) == 1
    assert all(earlier["t"] <= later["t"] for earlier, later in pairwise(events))
