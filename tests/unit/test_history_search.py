"""Full-text search: finds what is there, follows every change, and no input is an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from desktop_app.services.history import History
from tests.unit.storage_kit import NOTHING, answer, ask, opened, say


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with opened(tmp_path) as (history, _):
        yield history


def found(history: History, words: str) -> list[str]:
    return [hit.snippet for hit in history.search(words)]


def test_words_of_messages_and_titles(history: History) -> None:
    conversation = say(history, ("Where do stonechats nest?", "In low bushes."), title="Birds of the heath")
    hits = history.search("STONECHATS nes")
    assert [(hit.conversation_id, hit.title) for hit in hits] == [(conversation, "Birds of the heath")]
    (hit,) = hits
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["stonechats", "nest"]
    (hit,) = history.search("heath")
    assert hit.snippet == "Birds of the heath"
    assert hit.message_id == history.conversation(conversation).head_id
    assert not history.search("stonechats bushes")
    assert not history.search("stone nest")


def test_accents_case_and_other_scripts(history: History) -> None:
    say(history, ("Zoë läuft in der ÄRA", "Привет мир"), title="x")
    for words in ("zoe", "ära", "ARA", "приве", "мир"):
        assert len(history.search(words)) == 1, words


def test_newest_first_and_limited(history: History) -> None:
    say(history, *((f"plain number {n}", "same") for n in range(5)), title="x")
    assert found(history, "plain") == [f"plain number {n}" for n in (4, 3, 2, 1, 0)]
    assert len(history.search("plain", limit=2)) == 2
    assert not history.search("plain", limit=0)


def test_the_index_follows_changes(history: History) -> None:
    conversation = say(history, ("apples", "pears"), title="fruit")
    history.rename(conversation, "garden")
    assert not history.search("fruit")
    assert found(history, "garden") == ["garden"]
    question = ask(history, conversation, "more")
    begun = history.begin_answer(question.id, provenance=NOTHING)
    history.save_answer(begun.id, "quinces")
    assert not history.search("quinces")
    answer(history, question.id, "quinces and plums")
    assert found(history, "quinces") == ["quinces and plums"]
    history.delete(conversation)
    history.purge()
    for words in ("apples", "garden", "quinces", "plums"):
        assert not history.search(words)


def test_snippets_are_short_and_marks_hold_in_long_texts(history: History) -> None:
    say(history, ("filler " * 500 + "needle" + " filler" * 500, "a"), title="x")
    (hit,) = history.search("needle")
    assert len(hit.snippet) < 300
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["needle"]


ODD = [
    "",
    " ",
    '"',
    '"unbalanced',
    "'",
    "*",
    "stone*",
    "a OR b AND NOT c",
    "NEAR(a b, 2)",
    "text:stone",
    "-stone +chat",
    "(((",
    "^stone",
    "{a b}: c",
    "🐦",
    "🐦 stone",
    "\x00",
    "a\x00b",
    "\ud800",
    "e\u0301",
    "\u0301",
    "_",
    "__init__",
    "don't",
    "C++ 3.14",
    "%_",
    "; drop table messages",
    "x" * 200_000,
    "word " * 40_000,
    "\U000323af",
    "²½",
]


@pytest.mark.parametrize("words", ODD, ids=range(len(ODD)))
def test_odd_input_is_only_text(history: History, words: str) -> None:
    say(history, (f"stone {words[:50]} chat", "answer"))
    history.search(words)


def test_pieces_of_a_word_are_found(history: History) -> None:
    say(history, ("I don't know __init__ in C++ 3.14", "a"), title="x")
    for words in ("don't", "__init__", "init", "C++", "3.14", "know\x00init"):
        assert len(history.search(words)) == 1, words


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    with opened(tmp_path_factory.mktemp("search")) as (history, _):
        yield history


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stored=st.text(max_size=40), words=st.text(max_size=40))
@example(stored="\U00010d4a", words="\U00010d4a")
def test_no_text_breaks_search(filled: History, stored: str, words: str) -> None:
    conversation = say(filled, (stored, words), title="t")
    for hit in filled.search(words) + filled.search(stored):
        assert all(0 <= start < end <= len(hit.snippet) for start, end in hit.marks)
    filled.delete(conversation)
