"""What the captions show of what is said."""

from __future__ import annotations

from desktop_app.domain.events import (
    FalseInterruption,
    Interrupted,
    PartialTranscript,
    SentencePlayed,
    SentenceSpoken,
    SpeechEnded,
    SpeechStarted,
    SpeechTranscribed,
    TurnStarted,
)
from desktop_app.ui.talk.captions import Captions

STARTED = TurnStarted(turn_id="t1", conversation_id="c", question_id="q", answer_id="a")


def spoken(text: str, turn: str = "t1") -> SentenceSpoken:
    return SentenceSpoken(turn_id=turn, text=text, seconds=1.0)


def played(text: str) -> SentencePlayed:
    return SentencePlayed(turn_id="t1", text=text)


def partial(text: str) -> PartialTranscript:
    return PartialTranscript(turn_id="t", text=text)


def after(*events: object) -> tuple[str, str]:
    captions = Captions()
    for event in events:
        captions.take(event)
    return captions.you, captions.it


def test_what_is_understood_grows_and_stays_over_a_pause() -> None:
    events = (SpeechStarted(turn_id="t"), partial("I would"), SpeechEnded(turn_id="t"), SpeechStarted(turn_id="t"))
    assert after(*events) == ("I would", "")
    assert after(*events, partial(" I would like tea ")) == ("I would like tea", "")
    assert after(*events, partial("")) == ("I would", "")


def heard(text: str) -> SpeechTranscribed:
    return SpeechTranscribed(turn_id="t1", text=text, language="en", transcribe_ms=1.0)


def test_the_next_words_push_the_last_question_aside() -> None:
    asked = (partial("What"), STARTED, heard("What is it?"))
    assert after(*asked) == ("What is it?", "")
    assert after(*asked, SpeechStarted(turn_id="t2")) == ("What is it?", "")
    assert after(*asked, SpeechStarted(turn_id="t2"), partial("And")) == ("And", "")
    assert after(*asked, heard("")) == ("What is it?", "")


def test_the_sentence_that_is_heard_is_shown_not_the_one_that_is_made() -> None:
    assert after(STARTED, spoken("One."), spoken("Two.")) == ("", "One.")
    assert after(STARTED, spoken("One."), spoken("Two."), played("One.")) == ("", "Two.")
    assert after(STARTED, spoken("One."), played("One.")) == ("", "One.")
    assert after(STARTED, spoken("One."), played("One."), spoken("Two.")) == ("", "Two.")


def test_a_sentence_that_nobody_knows_ends_the_waiting() -> None:
    assert after(STARTED, spoken("One."), spoken("Two."), played("Other."), spoken("Three.")) == ("", "Three.")


def test_another_answer_does_not_wait_for_the_last_one() -> None:
    assert after(STARTED, spoken("One."), spoken("Two."), spoken("New.", "t2")) == ("", "New.")
    interrupted = Interrupted(turn_id="t1", spoken="One.")
    assert after(STARTED, spoken("One."), interrupted, spoken("Again."), partial("No")) == ("No", "Again.")


def test_after_a_cough_the_question_stands_there_again() -> None:
    asked = (STARTED, heard("What is it?"), spoken("One."), partial("mhm"))
    assert after(*asked, FalseInterruption(turn_id="t1")) == ("What is it?", "One.")


def test_it_says_whether_something_shows() -> None:
    captions = Captions()
    assert captions.take(partial("Hello"))
    assert not captions.take(partial("Hello"))
    assert not captions.take(SpeechEnded(turn_id="t"))
