"""What means "stop" and nothing else, in eight languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.stop_words import is_stop, stop_words


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("Stop.", "en"),
        ("Okay, stop. Stop!", "en"),
        ("No, wait a second, please.", "en-GB"),
        ("That’s enough, thank you.", "en"),
        ("Hör auf, bitte.", "de"),
        ("Moment mal!", "de"),
        ("Arrête, s'il te plaît.", "fr"),
        ("Espera un momento, por favor.", "es"),
        ("Basta così, grazie.", "it"),
        ("Já chega, obrigado.", "pt"),
        ("Wacht even.", "nl"),
        ("Przestań, proszę.", "pl"),
        ("Fermati!", ""),
        ("Fermati!", "ja"),
    ],
)
def test_only_stop_is_stop(said: str, language: str) -> None:
    assert is_stop(said, language)


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("", "en"),
        ("...", "en"),
        ("Please.", "en"),
        ("Stop the music in the kitchen.", "en"),
        ("When does the bus stop?", "en"),
        ("Wait, what about Italy?", "en"),
        ("stop stop stop stop stop stop stop stop stop", "en"),
        ("Basta così", "en"),
        ("Halt die Tür auf", "de"),
    ],
)
def test_what_asks_for_more_is_no_stop(said: str, language: str) -> None:
    assert not is_stop(said, language)


def test_eight_languages_with_their_own_words() -> None:
    known = stop_words()
    assert set(known) == {"en", "de", "fr", "es", "it", "pt", "nl", "pl"}
    for words in known.values():
        assert len(words.phrases) >= 10 and words.fillers
        assert all(word == word.casefold() for phrase in words.phrases for word in phrase)


@given(st.data())
def test_every_phrase_of_a_language_is_heard_however_it_is_written(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(stop_words())))
    phrase = data.draw(st.sampled_from(stop_words()[code].phrases))
    written = " ".join(word.upper() if data.draw(st.booleans()) else word for word in phrase)
    assert is_stop(f"{written}!", code) and is_stop(written, "")
