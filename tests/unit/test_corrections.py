"""What is learned from a corrected transcript, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.corrections import MOST_WORDS, corrected_words, with_words


@pytest.mark.parametrize(
    ("heard", "meant", "learned"),
    [
        ("Ask Stone chat about it.", "Ask Stonechat about it.", ("Stonechat",)),
        ("Load the guff file.", "Load the GGUF file.", ("GGUF",)),
        ("Call and jelly car tomorrow.", "Call Angelika tomorrow.", ("Angelika",)),
        ("I live in Lubbock.", "I live in Lübeck.", ("Lübeck",)),
        ("Use quen two.", "Use Qwen2.", ("Qwen2",)),
        ("there house is red", "their house is red", ()),
        ("What is the capital?", "How is the capital?", ()),
        ("Tell me about France.", "Tell me about Piper.", ()),
        ("The same.", "The same.", ()),
        ("", "Angelika", ()),
        ("Hello", "", ()),
        ("Hello there", "Hello there. And tell me everything about the Baltic Sea", ()),
    ],
)
def test_names_that_were_misheard_are_learned(heard: str, meant: str, learned: tuple[str, ...]) -> None:
    assert corrected_words(heard, meant) == learned


def test_the_list_keeps_each_word_once_and_the_newest() -> None:
    assert with_words("", ("Piper",)) == "Piper"
    assert with_words("Piper,  Lübeck ,", ("piper", "Qwen2")) == "Piper, Lübeck, Qwen2"
    full = with_words(", ".join(f"Word{number}" for number in range(MOST_WORDS)), ("New",)).split(", ")
    assert (len(full), full[0], full[-1]) == (MOST_WORDS, "Word1", "New")


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_survived(heard: str, meant: str) -> None:
    for word in corrected_words(heard, meant):
        assert word in meant
