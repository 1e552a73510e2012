"""A hands-free conversation with scripted ears, voice and model, in a room where time waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from desktop_app.app import SystemClock
from desktop_app.domain.audio import HEARING_RATE, Audio, EarBlock, Transcript, decibels, joined, silence
from desktop_app.domain.events import Event, SentencePlayed, SpeechTranscribed
from desktop_app.domain.generation import GenerationEvent, ModelRequest
from desktop_app.domain.pictures import Evidence
from desktop_app.engines.scripted import ScriptedModel
from desktop_app.engines.wav_room import WavRoom
from desktop_app.errors import AppError, EngineCrashed, EnvironmentProblem
from desktop_app.paths import Places
from desktop_app.ports import CancelToken, LiveEar, SpeechSynthesizer
from desktop_app.services.chat import ChatService
from desktop_app.services.history import History
from desktop_app.services.preferences import Preferences
from desktop_app.services.talk import TalkService
from desktop_app.settings import SettingsFile
from desktop_app.storage import open_database
from tests.fakes.audio import FakeMicrophone, FakeSynthesizer, tone

pytestmark = pytest.mark.slow
LONG = tuple(f"This is sentence number {number} of the answer. " for number in range(12))


class LoudEar:
    """Takes what is loud for speech, and takes out no echo."""

    def hear(self, microphone: bytes, played: bytes) -> EarBlock:
        return EarBlock(pcm=microphone, speech=1.0 if decibels(microphone) > -40 else 0.0)

    def reset(self) -> None:
        return

    def close(self) -> None:
        return


class FailingEar(LoudEar):
    """Dead for the blocks between two numbers."""

    def __init__(self, *, from_block: int, to_block: int) -> None:
        self._dead, self._count = range(from_block, to_block), 0

    def hear(self, microphone: bytes, played: bytes) -> EarBlock:
        self._count += 1
        if self._count in self._dead:
            raise EngineCrashed("engine.crashed", "It stopped.", remedy="Wait.")
        return super().hear(microphone, played)


class FailingVoice(FakeSynthesizer):
    """Dies at the sentences of these numbers; the first one is the trial of the voice at the start."""

    def __init__(self, *, fail_at: tuple[int, ...]) -> None:
        super().__init__()
        self._fails = fail_at

    def speak(self, text: str, cancel: CancelToken, *, speed: float = 1.0) -> Iterator[Audio]:
        if len(self.asked) in self._fails:
            self.asked.append(text)
            raise EngineCrashed("engine.crashed", "It stopped.", remedy="Wait.")
        yield from super().speak(text, cancel, speed=speed)


class ScriptedRecognizer:
    """Gives the texts in turn, the last one again and again; an error is raised."""

    def __init__(self) -> None:
        self.texts: list[str | AppError] = ["Hello there."]
        self.asked: list[float] = []

    def transcribe(self, audio: Audio, cancel: CancelToken) -> Transcript:
        cancel.raise_if_cancelled()
        if decibels(audio.pcm) < -60:
            return Transcript(text="")
        self.asked.append(audio.seconds)
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        if isinstance(text, AppError):
            raise text
        return Transcript(text=text)

    def close(self) -> None:
        return


class NoPictures:
    def evidence(self, picture: object, cancel: CancelToken) -> Evidence:
        raise AssertionError("there are none")

    def file(self, sha256: str) -> Path:
        raise AssertionError("there are none")


class OneModel:
    def __init__(self) -> None:
        self.scripted = ScriptedModel()

    def model(self, model_id: str) -> ScriptedModel:
        return self.scripted

    def restart(self) -> None:
        return


class SlowFirst(ScriptedModel):
    """Thinks about the first question until it is taken back."""

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        if request.sampling.max_tokens and not self.requests:
            cancel.wait(20)
        return super().stream(request, cancel)


class Stage:
    def __init__(self, places: Places) -> None:
        clock = SystemClock()
        self.history = History(open_database(places, clock), clock)
        self.models = OneModel()
        self.recognizer = ScriptedRecognizer()
        self.preferences = Preferences(SettingsFile(places.settings))
        self.talk = self.with_engines()
        self.events: list[Event] = []
        self.ended: list[AppError | None] = []

    def with_engines(self, *, ear: LiveEar | None = None, synthesizer: SpeechSynthesizer | None = None) -> TalkService:
        return TalkService(
            ear=ear or LoudEar(),
            recognizer=self.recognizer,
            synthesizer=synthesizer or FakeSynthesizer(),
            microphone=FakeMicrophone(missing=True),
            speaker=WavRoom(Audio(pcm=b"")).speaker(),
            chat=ChatService(self.history, self.models, NoPictures(), self.preferences),
            history=self.history,
            preferences=self.preferences,
        )

    def play(self, *sounds: Audio, muted: bool = False, thinking_takes_time: bool = False) -> None:
        def waits() -> bool:
            session = talk.session
            if session is not None and thinking_takes_time:
                return bool(session._waiting) or session._transcriber.busy
            return session is not None and session.working

        room = WavRoom(
            joined(sounds),
            waits=waits,
            quiet=lambda: talk.session is None or talk.session.quiet,
        )
        talk = self.talk.elsewhere(room.microphone(), room.speaker())
        talk.start(self.events.append, self.ended.append)
        if muted:
            talk.mute(True)
        assert room.closed.wait(200)
        talk.leave()

    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.events]

    def heard(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, SpeechTranscribed)]

    def said(self) -> list[str]:
        (conversation,) = self.history.conversations()
        return [message.text for message in self.history.path(conversation.id)]


@pytest.fixture
def stage(places: Places) -> Iterator[Stage]:
    made = Stage(places)
    yield made
    made.history.close()


def speech(seconds: float) -> Audio:
    return tone(seconds, height=12_000)


def pause(seconds: float) -> Audio:
    return silence(seconds, HEARING_RATE)


def test_a_turn_is_heard_answered_and_spoken(stage: Stage) -> None:
    stage.models.scripted.enqueue("Good day. ", "How are you?")
    stage.play(pause(0.5), speech(1.0), pause(4))
    assert stage.said() == ["Hello there.", "Good day. How are you?"]
    names = stage.names()
    for earlier, later in pairwise(
        (
            "SpeechStarted",
            "SpeechEnded",
            "TurnStarted",
            "SpeechTranscribed",
            "FirstToken",
            "FirstAudio",
            "SentencePlayed",
        )
    ):
        assert names.index(earlier) < names.index(later)
    assert stage.ended == [None]
    assert stage.recognizer.asked[-1] >= 1.0 + 0.3  # with the pre-roll


def test_an_interruption_keeps_what_was_heard_and_is_the_next_turn(stage: Stage) -> None:
    stage.models.scripted.enqueue(*LONG)
    stage.models.scripted.enqueue("Rome.")
    stage.recognizer.texts = ["Tell me.", "Tell me.", "What about Italy?"]
    stage.play(pause(0.5), speech(0.5), pause(3.0), speech(1.5), pause(4))
    assert stage.heard() == ["Tell me.", "What about Italy?"]
    question, answer, second, rome = stage.said()
    assert (question, second, rome) == ("Tell me.", "What about Italy?", "Rome.")
    assert answer.startswith("This is sentence number 0") and "number 9" not in answer
    assert "Interrupted" in stage.names()


@pytest.mark.parametrize("said", ["", "mhm", "Yeah."])
def test_a_cough_or_a_nod_goes_on_with_the_sentence(stage: Stage, said: str) -> None:
    stage.models.scripted.enqueue(*LONG[:4])
    stage.recognizer.texts = ["Tell me.", said]
    stage.play(pause(0.5), speech(0.4), pause(3.0), speech(0.4), pause(4))
    assert stage.said() == ["Tell me.", "".join(LONG[:4])]
    assert "FalseInterruption" in stage.names() and "Interrupted" not in stage.names()


def test_who_goes_on_before_the_answer_asks_one_question(stage: Stage) -> None:
    """The half question stays in the conversation as a branch; the shown path has the whole one."""
    stage.recognizer.texts = ["I want to know.", "What a bird eats."]
    stage.models.scripted = SlowFirst(says=("Seeds.",))
    stage.models.scripted.enqueue("Seeds and insects.")
    stage.play(pause(0.5), speech(0.5), pause(1.2), speech(0.5), pause(4), thinking_takes_time=True)
    assert stage.heard() == ["I want to know.", "I want to know. What a bird eats."]
    assert stage.said() == ["I want to know. What a bird eats.", "Seeds and insects."]
    assert "Interrupted" not in stage.names()


def test_an_answer_of_code_alone_is_silent_and_the_talk_goes_on(stage: Stage) -> None:
    stage.models.scripted.enqueue("```python\nprint(1)\n```\n")
    stage.play(pause(0.5), speech(0.5), pause(4), speech(0.5), pause(4))
    assert stage.heard() == ["Hello there.", "Hello there."]


def test_an_empty_answer_does_not_get_stuck(stage: Stage) -> None:
    stage.models.scripted.enqueue("")
    stage.play(pause(0.5), speech(0.5), pause(3), speech(0.5), pause(3))
    assert len(stage.heard()) == 2


def test_a_failing_model_is_told_and_the_next_turn_works(stage: Stage) -> None:
    stage.models.scripted.enqueue_error(EngineCrashed("engine.crashed", "It stopped.", remedy="Wait."))
    stage.models.scripted.enqueue("Here I am.")
    stage.play(pause(0.5), speech(0.5), pause(3), speech(0.5), pause(4))
    assert "TurnFailed" in stage.names()
    assert stage.said()[-1] == "Here I am."


def test_a_recogniser_that_dies_once_loses_no_word(stage: Stage) -> None:
    stage.recognizer.texts = [EngineCrashed("engine.crashed", "It stopped.", remedy="Wait."), "Hello there."]
    stage.play(pause(0.5), speech(0.4), pause(4))
    assert stage.heard() == ["Hello there."]


def test_a_recogniser_that_stays_dead_is_told_and_the_next_turn_works(stage: Stage) -> None:
    dead = EngineCrashed("engine.crashed", "It stopped.", remedy="Wait.")
    stage.recognizer.texts = [dead, dead, "Hello there."]
    stage.play(pause(0.5), speech(0.4), pause(3), speech(0.4), pause(4))
    assert "TurnFailed" in stage.names()
    assert stage.heard() == ["Hello there."]


def test_a_recogniser_that_hears_no_words_makes_no_turn(stage: Stage) -> None:
    stage.recognizer.texts = ["", "Hello there."]
    stage.play(pause(0.5), speech(0.4), pause(3), speech(0.4), pause(4))
    assert stage.heard() == ["Hello there."]
    assert stage.names().count("TurnStarted") == 1


def test_an_ear_that_dies_is_told_once_and_the_talk_goes_on(stage: Stage) -> None:
    ear = FailingEar(from_block=5, to_block=9)
    stage.talk = stage.with_engines(ear=ear)
    stage.play(pause(1), speech(0.5), pause(4))
    assert stage.names().count("TurnFailed") == 1
    assert stage.heard() == ["Hello there."]


def test_a_voice_that_dies_is_told_and_the_next_answer_is_spoken(stage: Stage) -> None:
    stage.models.scripted.enqueue("One. ", "Two. ", "Three.")
    stage.models.scripted.enqueue("Here I am.")
    stage.talk = stage.with_engines(synthesizer=FailingVoice(fail_at=(2,)))
    stage.play(pause(0.5), speech(0.5), pause(4), speech(0.5), pause(4))
    assert "TurnFailed" in stage.names()
    assert len(stage.heard()) == 2
    assert "Here I am." in [event.text for event in stage.events if isinstance(event, SentencePlayed)]


def test_a_minute_and_more_without_a_pause_is_one_turn_heard_in_parts(stage: Stage) -> None:
    stage.recognizer.texts = ["One"]
    stage.play(pause(0.5), speech(64), pause(2))
    (heard,) = stage.heard()
    assert heard.split() == ["One"] * 2
    assert max(stage.recognizer.asked) < 62


def test_who_is_muted_begins_no_turn(stage: Stage) -> None:
    stage.play(pause(0.5), speech(1.0), pause(2), muted=True)
    assert stage.heard() == [] and "SpeechStarted" not in stage.names()


def test_without_a_microphone_nothing_stays_open(stage: Stage) -> None:
    with pytest.raises(EnvironmentProblem) as failed:
        stage.talk.start(stage.events.append, stage.ended.append)
    assert failed.value.code == "audio.no_microphone"
    assert not stage.talk.active
    assert stage.ended == []


def test_the_waits_are_the_persons(stage: Stage) -> None:
    stage.preferences.change(talk_least_wait_s=2.0, talk_most_wait_s=2.0)
    stage.play(pause(0.5), speech(0.5), pause(1.5), speech(0.5), pause(4))
    assert len(stage.heard()) == 1
