"""When words from a short encoder window may stay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_app.domain.hearing import HeardSegment
from desktop_app.engines.whisper_window import is_sound, loops

GOOD = HeardSegment(text="How do bees make honey?", no_speech=0.05, likelihood=-0.3, repetition=0.8, loudness_db=-20.0)


def test_a_likely_sentence_stays() -> None:
    assert is_sound(GOOD, 1.5)


@pytest.mark.parametrize(
    "doubt",
    [
        {"text": ""},
        {"text": "..."},
        {"likelihood": -0.9},
        {"repetition": 2.5},
        {"no_speech": 0.7},
        {"text": "Thank you."},
        {"text": "No, no, no, no."},
        {"text": "one two three four five six seven eight nine ten eleven twelve"},
    ],
)
def test_what_is_doubtful_gets_a_second_look(doubt: dict[str, object]) -> None:
    assert not is_sound(replace(GOOD, **doubt), 1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "again"),
    [
        ("yes i am yes i am yes i", True),
        ("can you say that again can you say that again can you say", True),
        ("how do i boil an egg how do i", True),
        ("how do i boil an egg", False),
        ("tell me what you told me yesterday", False),
        ("no", False),
        ("", False),
    ],
)
def test_saying_it_again_is_a_loop(said: str, again: bool) -> None:
    assert loops(said.split()) is again
