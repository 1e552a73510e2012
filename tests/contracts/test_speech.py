"""What ears and voice promise, kept by the real engines, in this process and behind a pipe."""

from __future__ import annotations

import random
import re
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.audio import Audio, joined, silence
from desktop_app.domain.resampling import Resampler
from desktop_app.engines.host import EngineHost
from desktop_app.engines.hosted import HostedDetector, HostedRecognizer, HostedSynthesizer
from desktop_app.engines.piper import PiperSynthesizer
from desktop_app.engines.silero import SileroDetector
from desktop_app.engines.whisper import WhisperRecognizer
from desktop_app.errors import Cancelled, UserCanFix
from desktop_app.paths import resources
from desktop_app.ports import CancelToken, SpeechRecognizer, SpeechSynthesizer, VoiceDetector
from desktop_app.services.wav import read_wav

pytestmark = [pytest.mark.models, pytest.mark.slow]

QUESTION = "what is the capital of france"
ENGINES = "desktop_app.engines"


def words(text: str) -> list[str]:
    return re.sub(r"[^\w\s]", "", text.casefold()).split()


def word_errors(said: str, heard: str) -> int:
    """Words to insert, delete or replace (Levenshtein distance over words)."""
    row = list(range(len(words(heard)) + 1))
    for i, wanted in enumerate(words(said), 1):
        last, row[0] = row[0], i
        for j, got in enumerate(words(heard), 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (wanted != got))
    return row[-1]


def at_rate(audio: Audio, rate: int) -> Audio:
    resampler = Resampler(audio.rate, rate)
    return Audio(pcm=resampler.feed(audio.pcm) + resampler.flush(), rate=rate)


def noise(seconds: float, height: int) -> Audio:
    chance = random.Random(7)
    return Audio(pcm=array("h", (chance.randint(-height, height) for _ in range(int(seconds * 16_000)))).tobytes())


def hiss_and_clicks(seconds: float) -> Audio:
    samples = array("h", noise(seconds, 20).pcm)
    for start in range(1_000, len(samples) - 40, 4_000):
        samples[start : start + 40] = array("h", noise(0.0025, 12_000).pcm)
    return Audio(pcm=samples.tobytes())


@pytest.fixture(scope="module")
def question() -> Audio:
    return read_wav(resources() / "samples" / "capital_of_france.wav")


@pytest.fixture(scope="module", params=["here", "in a child"])
def recognizer(request: pytest.FixtureRequest, model_store: Path) -> Iterator[SpeechRecognizer]:
    folder = str(model_store / "whisper-tiny-en")
    if request.param == "here":
        engine: SpeechRecognizer = WhisperRecognizer(folder)
    else:
        engine = HostedRecognizer(EngineHost("listener", f"{ENGINES}.whisper:WhisperRecognizer", {"model_dir": folder}))
    yield engine
    engine.close()


@pytest.fixture(scope="module", params=["here", "in a child"])
def detector(request: pytest.FixtureRequest) -> Iterator[VoiceDetector]:
    if request.param == "here":
        yield SileroDetector()
        return
    hosted = HostedDetector(EngineHost("detector", f"{ENGINES}.silero:SileroDetector", {}))
    yield hosted
    hosted.close()


@pytest.fixture(scope="module", params=["here", "in a child"])
def synthesizer(request: pytest.FixtureRequest, model_store: Path) -> Iterator[SpeechSynthesizer]:
    path = str(model_store / "piper-joe-en" / "en_US-joe-medium.onnx")
    if request.param == "here":
        engine: SpeechSynthesizer = PiperSynthesizer(path)
    else:
        engine = HostedSynthesizer(EngineHost("voice", f"{ENGINES}.piper:PiperSynthesizer", {"model_path": path}))
    yield engine
    engine.close()


class TestRecognizer:
    def test_the_spoken_question_is_understood_word_for_word(
        self, recognizer: SpeechRecognizer, question: Audio
    ) -> None:
        heard = recognizer.transcribe(question, CancelToken())
        assert word_errors(QUESTION, heard.text) == 0
        assert heard.language == "en"
        assert heard.no_speech < 0.5
        assert heard.seconds == pytest.approx(question.seconds)

    @pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 96_000])
    def test_sound_of_any_rate_is_understood(self, recognizer: SpeechRecognizer, question: Audio, rate: int) -> None:
        assert word_errors(QUESTION, recognizer.transcribe(at_rate(question, rate), CancelToken()).text) == 0

    @pytest.mark.parametrize(("gain", "hiss"), [(0.02, 0), (12.0, 0), (1.0, 120)], ids=["quiet", "clipping", "noisy"])
    def test_a_bad_microphone_is_understood(
        self, recognizer: SpeechRecognizer, question: Audio, gain: float, hiss: int
    ) -> None:
        chance = random.Random(5)
        heard = (round(sample * gain) + chance.randint(-hiss, hiss) for sample in array("h", question.pcm))
        sound = Audio(pcm=array("h", (max(-32768, min(32767, each)) for each in heard)).tobytes(), rate=question.rate)
        assert word_errors(QUESTION, recognizer.transcribe(sound, CancelToken()).text) <= 1

    @pytest.mark.parametrize(
        "sound",
        [
            silence(0, 16_000),
            silence(0.1, 16_000),
            silence(6, 16_000),
            noise(3, 30),
            noise(3, 3_000),
            hiss_and_clicks(3),
        ],
        ids=["nothing", "a moment", "silence", "hiss", "loud noise", "clicks"],
    )
    def test_no_words_are_invented(self, recognizer: SpeechRecognizer, sound: Audio) -> None:
        assert recognizer.transcribe(sound, CancelToken()).text == ""

    def test_the_same_sound_gives_the_same_words(self, recognizer: SpeechRecognizer, question: Audio) -> None:
        said = joined([question, question])
        assert recognizer.transcribe(said, CancelToken()) == recognizer.transcribe(said, CancelToken())

    def test_cancelled_it_says_so_and_works_again(self, recognizer: SpeechRecognizer, question: Audio) -> None:
        cancel = CancelToken()
        cancel.cancel()
        with pytest.raises(Cancelled):
            recognizer.transcribe(question, cancel)
        assert recognizer.transcribe(question, CancelToken()).text


class TestDetector:
    def test_speech_is_found_where_it_is(self, detector: VoiceDetector, question: Audio) -> None:
        later = joined([silence(2, question.rate), question, silence(2, question.rate)])
        spans = detector.speech(later)
        assert len(spans) == 1
        assert 2_200 < spans[0].start_ms < 2_700
        assert 3_800 < spans[0].end_ms < 4_700

    def test_a_pause_parts_two_stretches(self, detector: VoiceDetector, question: Audio) -> None:
        first, second = detector.speech(joined([question, question], pause_ms=1_000))
        assert first.end_ms < second.start_ms

    @pytest.mark.parametrize(
        "sound",
        [silence(0, 16_000), silence(3, 16_000), noise(3, 3_000), hiss_and_clicks(3)],
        ids=["nothing", "silence", "noise", "clicks"],
    )
    def test_other_sounds_are_not_speech(self, detector: VoiceDetector, sound: Audio) -> None:
        assert detector.speech(sound) == ()


class TestSynthesizer:
    def test_what_it_says_is_understood(
        self, synthesizer: SpeechSynthesizer, model_store: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        said = "The small bird stays at home. It sings in the garden every morning."
        sounds = list(synthesizer.speak(said, CancelToken()))
        assert len(sounds) == 2
        assert capfd.readouterr() == ("", "")
        heard = WhisperRecognizer(str(model_store / "whisper-tiny-en")).transcribe(joined(sounds), CancelToken())
        assert word_errors(said, heard.text) <= 2

    def test_faster_is_shorter(self, synthesizer: SpeechSynthesizer) -> None:
        text = "The stonechat is a small bird that stays at home."
        slow, fast = (joined(synthesizer.speak(text, CancelToken(), speed=speed)).seconds for speed in (0.5, 2.0))
        assert slow > 2 * fast

    @pytest.mark.parametrize("text", ["", "   ", "🎉", "...", "\0\1"])
    def test_what_has_no_words_has_no_sound(self, synthesizer: SpeechSynthesizer, text: str) -> None:
        assert list(synthesizer.speak(text, CancelToken())) == []

    @pytest.mark.parametrize(
        "text", ["[[ raw ]] phonemes", "a\0b\x1b[31m", "[[[[[[", "日本語 x", "1" * 500, "\ud800 x"]
    )
    def test_odd_text_does_no_harm(self, synthesizer: SpeechSynthesizer, text: str) -> None:
        assert all(
            sound.samples for sound in synthesizer.speak(text.encode("utf-8", "replace").decode(), CancelToken())
        )

    def test_cancelled_it_ends_early(self, synthesizer: SpeechSynthesizer) -> None:
        cancel = CancelToken()
        sounds = synthesizer.speak("One sentence. " * 30, cancel)
        assert next(sounds).samples
        cancel.cancel()
        assert len(list(sounds)) < 29


class TestDamagedModels:
    def test_a_missing_or_damaged_hearing_model_is_named(
        self, model_store: Path, tmp_path: Path, question: Audio
    ) -> None:
        with pytest.raises(UserCanFix, match="hearing model"):
            WhisperRecognizer(str(tmp_path)).transcribe(question, CancelToken())
        for file in (model_store / "whisper-tiny-en").iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes()[:100_000])
        with pytest.raises(UserCanFix, match="hearing model") as caught:
            WhisperRecognizer(str(tmp_path)).transcribe(question, CancelToken())
        assert caught.value.code == "speech.hearing_unreadable"

    def test_a_missing_or_damaged_voice_is_named(self, model_store: Path, tmp_path: Path) -> None:
        path = tmp_path / "voice.onnx"
        with pytest.raises(UserCanFix, match="voice"):
            list(PiperSynthesizer(str(path)).speak("Hello.", CancelToken()))
        settings = model_store / "piper-joe-en" / "en_US-joe-medium.onnx.json"
        (tmp_path / "voice.onnx.json").write_bytes(settings.read_bytes())
        path.write_bytes(b"not a model")
        with pytest.raises(UserCanFix, match="voice") as caught:
            list(PiperSynthesizer(str(path)).speak("Hello.", CancelToken()))
        assert caught.value.code == "speech.voice_unreadable"
