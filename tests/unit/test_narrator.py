"""Reading aloud: in order, one sentence ahead, stopped at once, ended once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from desktop_app.domain.events import Event, SentencePlayed, SentenceSpoken
from desktop_app.errors import AppError, Bug, EnvironmentProblem
from desktop_app.ports import CancelToken
from desktop_app.services.narrator import Narrator
from tests.fakes.audio import FakeSpeaker, FakeSynthesizer

ANSWER = "One. Two. Three. Four."


@pytest.fixture(autouse=True)
def nothing_runs_on() -> Iterator[None]:
    yield
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("voice-")]


class Reading:
    """A narrator on stand-ins, and what it reported."""

    def __init__(self, synthesizer: FakeSynthesizer | None = None, speaker: FakeSpeaker | None = None) -> None:
        self.synthesizer = synthesizer or FakeSynthesizer()
        self.speaker = speaker or FakeSpeaker()
        self.cancel = CancelToken()
        self.events: list[Event] = []
        self.narrator = Narrator(
            self.synthesizer, self.speaker, turn_id="turn", cancel=self.cancel, on_event=self.events.append
        )

    def read(self, text: str) -> bool:
        self.narrator.feed(text)
        self.narrator.finish()
        return self.narrator.wait()

    @property
    def story(self) -> list[str]:
        names = {SentenceSpoken: "spoken", SentencePlayed: "played"}
        return [f"{names[type(event)]} {event.text}" for event in self.events]  # type: ignore[index, union-attr]


def test_sentences_are_spoken_and_played_in_order() -> None:
    reading = Reading()
    assert reading.read("One two.\n```\ncode.\n```\nThree.") is True
    assert reading.story == ["spoken One two.", "played One two.", "spoken Three.", "played Three."]
    assert {event.turn_id for event in reading.events} == {"turn"}
    assert reading.events[0] == SentenceSpoken(
        turn_id="turn", text="One two.", seconds=reading.speaker.played[0].seconds
    )


def test_sound_begins_before_the_answer_is_written() -> None:
    reading = Reading()
    reading.narrator.feed("It is Paris. And")
    assert reading.speaker.playing.acquire(timeout=5)
    reading.narrator.feed(" more.")
    reading.narrator.finish()
    reading.narrator.finish()
    assert reading.narrator.wait() is True
    assert reading.synthesizer.asked == ["It is Paris.", "And more."]


def test_exactly_one_sentence_is_made_ahead() -> None:
    reading = Reading(speaker=FakeSpeaker(held=True))
    reading.narrator.feed(ANSWER)
    reading.narrator.finish()
    for heard in range(1, 5):
        assert reading.speaker.playing.acquire(timeout=5)
        assert len(reading.synthesizer.asked) <= heard + 1
        reading.speaker.release()
    assert reading.narrator.wait() is True
    assert reading.synthesizer.asked == ["One.", "Two.", "Three.", "Four."]


def test_cancelling_stops_at_once_and_reports_no_more() -> None:
    reading = Reading(speaker=FakeSpeaker(held=True))
    reading.narrator.feed(ANSWER)
    assert reading.speaker.playing.acquire(timeout=5)
    reading.cancel.cancel()
    assert reading.narrator.wait() is False
    assert reading.story == ["spoken One."]
    reading.narrator.feed("Five. Six.")
    reading.narrator.finish()
    assert reading.narrator.wait() is False


def test_cancelled_before_it_began_it_says_nothing() -> None:
    reading = Reading()
    reading.cancel.cancel()
    assert reading.read(ANSWER) is False
    assert not reading.synthesizer.asked


def test_cancelled_while_it_waits_for_text_it_ends() -> None:
    reading = Reading()
    reading.narrator.feed("One. Two")
    assert reading.speaker.playing.acquire(timeout=5)
    reading.cancel.cancel()
    assert reading.narrator.wait() is False


@pytest.mark.parametrize("text", ["", "```\nonly code\n```", "🎉"])
def test_with_nothing_to_say_it_is_done_at_once(text: str) -> None:
    reading = Reading()
    assert reading.read(text) is True
    assert not reading.events


@pytest.mark.parametrize(
    ("error", "raised"),
    [(EnvironmentProblem("engine.crashed", "Gone.", remedy="Restart."), EnvironmentProblem), (ValueError("odd"), Bug)],
)
def test_a_voice_that_fails_ends_the_reading_with_one_error(error: Exception, raised: type[AppError]) -> None:
    reading = Reading(synthesizer=FakeSynthesizer(error=error, fail_at=1))
    with pytest.raises(raised):
        reading.read(ANSWER)
    assert len(reading.synthesizer.asked) == 2


def test_a_speaker_that_fails_ends_the_reading_with_its_error() -> None:
    lost = EnvironmentProblem("audio.speaker_lost", "Gone.", remedy="Connect it.")
    reading = Reading(speaker=FakeSpeaker(error=lost))
    with pytest.raises(EnvironmentProblem) as caught:
        reading.read(ANSWER)
    assert caught.value is lost
    assert len(reading.synthesizer.asked) <= 2
