"""Which words are believed. The numbers are those that tiny.en gave for real sounds."""

from __future__ import annotations

import pytest

from desktop_app.domain.hearing import HeardSegment, is_often_invented, is_trustworthy


def heard(
    text: str, no_speech: float, likelihood: float, *, repetition: float = 0.8, loudness_db: float = -12.0
) -> HeardSegment:
    return HeardSegment(
        text=text, no_speech=no_speech, likelihood=likelihood, repetition=repetition, loudness_db=loudness_db
    )


@pytest.mark.parametrize(
    "segment",
    [
        heard("What is the capital of France?", 0.01, -0.36),
        heard("What is the capital of France?", 0.02, -0.41, loudness_db=-39),
        heard("Yes.", 0.35, -0.88),
        heard("No.", 0.11, -1.02),
        heard("Okay.", 0.20, -1.05),
        heard("Thank you.", 0.26, -0.87),
        heard("Thank you very much.", 0.07, -0.63),
        heard("Stop.", 0.42, -0.77),
        heard("A long and clear sentence.", 0.70, -0.30),
    ],
)
def test_what_was_said_is_believed(segment: HeardSegment) -> None:
    assert is_trustworthy(segment)


@pytest.mark.parametrize(
    "segment",
    [
        heard("You", 0.95, -0.96, loudness_db=-100),
        heard("You", 0.96, -0.88),
        heard("Thank you for watching!", 0.84, -1.20),
        heard("Thank you.", 0.91, -1.23),
        heard("I'm going to do a little bit.", 0.95, -1.46, repetition=1.75),
        heard(". . . .", 0.10, -0.10),
        heard("[BLANK_AUDIO]", 0.05, -0.20),
        heard("(upbeat music)", 0.05, -0.20),
        heard("♪ ♪", 0.05, -0.20),
        heard("no no no no no no no", 0.05, -0.20, repetition=3.1),
        heard("What is it?", 0.05, -0.30, loudness_db=-70),
        heard("Thanks for watching!", 0.50, -0.40),
    ],
)
def test_what_nobody_said_is_not(segment: HeardSegment) -> None:
    assert not is_trustworthy(segment)


def test_known_inventions_are_recognised_however_they_are_written() -> None:
    assert is_often_invented(" Thank you for WATCHING!! ")
    assert not is_often_invented("Thank you for the bread.")
