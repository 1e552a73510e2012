"""Sentences to be spoken: cut where a sentence ends and nowhere else, whatever the pieces they arrive in."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.sentences import LONGEST, SentenceSplitter, sentences, speakable


@pytest.mark.parametrize(
    ("markdown", "spoken"),
    [
        ("Hello. How are you? Fine!", ("Hello.", "How are you?", "Fine!")),
        ("Dr. Smith met Mrs. Jones. They talked.", ("Dr. Smith met Mrs. Jones.", "They talked.")),
        ("Use fruit, e.g. Apples are good.", ("Use fruit, e.g. Apples are good.",)),
        ("J. R. R. Tolkien wrote it. Yes.", ("J. R. R. Tolkien wrote it.", "Yes.")),
        ("Pi is 3.14 and more. Really.", ("Pi is 3.14 and more.", "Really.")),
        ("See fig. 3 and no. 5 there. No. It is not.", ("See fig. 3 and no. 5 there.", "No.", "It is not.")),
        ("It cost $29.95 in all. Cheap!", ("It cost 29.95 dollars in all.", "Cheap!")),
        ("They paid £5 million for it. Wow.", ("They paid 5 million pounds for it.", "Wow.")),
        ("Wait... what? Well… Then go.", ("Wait... what?", "Well…", "Then go.")),
        ('He said "Stop." Then he left.', ('He said "Stop."', "Then he left.")),
        ("It began at 5 p.m. on Monday. Late.", ("It began at 5 p.m. on Monday.", "Late.")),
        ("Visit example.org today. Now.", ("Visit example.org today.", "Now.")),
        ("Great! 🎉 Let's go. 👍🏽", ("Great!", "Let's go.")),
        ("日本語です。元気ですか？はい", ("日本語です。", "元気ですか？", "はい")),
        ("One line\nstill the same. Next.", ("One line still the same.", "Next.")),
        ("A paragraph\n\nAnother", ("A paragraph", "Another")),
    ],
)
def test_a_sentence_ends_where_it_ends(markdown: str, spoken: tuple[str, ...]) -> None:
    assert sentences(markdown) == spoken


@pytest.mark.parametrize(
    ("markdown", "spoken"),
    [
        ("# Title\nText.", ("Title", "Text.")),
        ("- one\n- [x] two **bold**\n* three", ("one", "two bold", "three")),
        ("1. Boil water.\n2. Add tea.", ("Boil water.", "Add tea.")),
        ("> quoted *text*. More.", ("quoted text.", "More.")),
        ("Before.\n```python\nprint('x. y')\n```\nAfter.", ("Before.", "After.")),
        ("Before.\n~~~\ncode\n```\n~~~\nAfter.", ("Before.", "After.")),
        ("An open fence:\n```\nnever closed. Never.", ("An open fence:",)),
        ("Use `pip` now.", ("Use pip now.",)),
        ("<think>a secret. Plan</think>The answer.", ("The answer.",)),
        ("<thinking>never closed", ()),
        ("See [the docs](https://a.org/b(cd)). Done.", ("See the docs).", "Done.")),
        ("See [the docs](https://a.org/b) here.", ("See the docs here.",)),
        ("Go to https://a.org/b.c?d=1. Then stop.", ("Go to link.", "Then stop.")),
        ("It exists (https://a.org/b). Good.", ("It exists.", "Good.")),
        ("![a cat](cat.png) Look.", ("a cat Look.",)),
        ("| Name | Age |\n|---|---|\n| Ann | 7 |", ("Name, Age", "Ann, 7")),
        ("one\n\n---\n\ntwo", ("one", "two")),
        ("3 * 4 = 12 &amp; more, ~5 km, foo_bar.", ("3 times 4 = 12 & more, about 5 km, foo bar.",)),
        ("A -> B. <b>Bold</b>.", ("A, B. Bold.",)),
        ("***\n🎉🎉\n\n...", ()),
    ],
)
def test_code_thinking_addresses_and_marks_are_not_read(markdown: str, spoken: tuple[str, ...]) -> None:
    assert sentences(markdown) == spoken


def test_a_sentence_comes_as_soon_as_the_next_one_begins() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("It is Paris.") == ()
    assert splitter.feed(" ") == ()
    assert splitter.feed("T") == ("It is Paris.",)
    assert splitter.feed("he end") == ()
    assert splitter.flush() == ("The end",)
    assert splitter.flush() == ()


def test_a_quick_start_gives_the_first_clause_alone() -> None:
    text = "The capital of France is Paris, which lies on the Seine, in the north. It is large, too."
    first, second, third = sentences(text, quick_start=True)
    assert first == "The capital of France is Paris,"
    assert second == "which lies on the Seine, in the north."
    assert third == "It is large, too."


def test_a_short_first_sentence_is_not_cut_by_the_quick_start() -> None:
    assert sentences("Yes, it is. Good.", quick_start=True) == ("Yes, it is.", "Good.")


def test_an_endless_sentence_is_cut_at_a_clause_or_a_space() -> None:
    with_commas = "and then we walked on for a while, " * 40
    assert all(len(piece) <= LONGEST for piece in sentences(with_commas))
    assert all(piece.endswith(",") for piece in sentences(with_commas))
    assert all(piece.endswith("word") for piece in sentences("word " * 200))
    assert "".join(sentences("x" * 1000)) == "x" * 1000


def test_a_whole_answer_as_it_is_read() -> None:
    assert speakable("**Paris.** It is\n\n```\ncode\n```\n- big") == "Paris. It is big"


def test_two_hundred_thousand_characters_do_not_take_long() -> None:
    assert len(sentences("All is well that ends well. " * 8_000)) == 8_000


markdown = st.lists(
    st.sampled_from(
        [
            *"ab.,!?:;\n\n `*_~#>-|<>/[]()1😀。」é\"'",
            *("```", "<think>", "</think>", "Dr. ", "e.g. ", "$5.20 ", "https://a.b/c ", "word ", "Word ", "- ", "1. "),
        ]
    ),
    max_size=60,
).map("".join)


@given(text=markdown, cuts=st.lists(st.integers(0, 200), max_size=8), quick=st.booleans())
def test_how_the_text_arrives_changes_nothing(text: str, cuts: list[int], quick: bool) -> None:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    splitter = SentenceSplitter(quick_start=quick)
    found: list[str] = []
    for start, end in pairwise(edges):
        found += splitter.feed(text[start:end])
    found += splitter.flush()
    assert tuple(found) == sentences(text, quick_start=quick)
    assert all(any(map(str.isalnum, piece)) and "`" not in piece for piece in found)


def test_the_first_chunk_may_end_before_a_new_phrase() -> None:
    first, *rest = sentences(
        "The moon is the fifth largest moon in the whole Solar System. It is grey.", quick_start=True
    )
    assert first == "The moon is the fifth largest moon"
    assert rest == ["in the whole Solar System.", "It is grey."]


def test_the_first_chunk_ends_after_eight_words_unless_the_sentence_is_nearly_over() -> None:
    long = "Small brown birds sing lovely songs every single morning near our garden wall. Good."
    assert sentences(long, quick_start=True)[0] == "Small brown birds sing lovely songs every single"
    short = "Small brown birds sing lovely songs every single sunny morning. Good."
    assert sentences(short, quick_start=True)[0] == "Small brown birds sing lovely songs every single sunny morning."
    for text in (long, short):
        splitter = SentenceSplitter(quick_start=True)
        found = [sentence for letter in text for sentence in splitter.feed(letter)]
        assert (*found, *splitter.flush()) == sentences(text, quick_start=True)
