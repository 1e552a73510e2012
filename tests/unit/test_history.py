"""Conversations, questions, answers and pictures through the service, on real SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.conversations import Provenance
from desktop_app.domain.events import Timings
from desktop_app.domain.messages import Picture
from desktop_app.domain.pictures import Colour, Evidence, Label, TextFound
from desktop_app.errors import AppError, UserCanFix
from desktop_app.services.history import TITLE_CHARACTERS, History, title_from
from tests.unit.storage_kit import NOTHING, START, HandClock, answer, ask, opened, say, texts

PICTURE = Picture(sha256="a" * 64, width=640, height=480, name="cat.png")
EVIDENCE = Evidence(
    width=640,
    height=480,
    text=(TextFound(text="STOP", confidence=0.9, box=(1, 2, 3, 4)),),
    labels=(Label(name="cat", confidence=0.5),),
    colours=(Colour(name="red", hex="#ff0000", share=0.25),),
)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with opened(tmp_path) as (history, _):
        yield history


def test_a_question_is_stored_shown_and_gives_the_title(history: History) -> None:
    conversation = history.create()
    question = history.add_question(conversation.id, None, ("Why is\n the sky blue?",), spoken=True)
    assert question.role == "user"
    assert question.status == "done"
    assert question.spoken
    assert question.parts == ("Why is\n the sky blue?",)
    found = history.conversation(conversation.id)
    assert found.title == "Why is the sky blue?"
    assert found.head_id == question.id
    assert history.message(question.id) == question


def test_a_given_title_stays(history: History) -> None:
    conversation = history.create("Sky")
    ask(history, conversation.id, "Why is it blue?")
    assert history.conversation(conversation.id).title == "Sky"
    assert history.rename(conversation.id, "Light").title == "Light"


def test_an_answer_grows_and_is_finished_with_its_facts(history: History) -> None:
    conversation = history.create()
    question = ask(history, conversation.id, "Hello")
    begun = history.begin_answer(question.id, provenance=Provenance(model="small"))
    assert begun.status == "streaming"
    assert begun.parts == ()
    assert begun.parent_id == question.id
    history.save_answer(begun.id, "Good m")
    assert history.message(begun.id).text == "Good m"
    facts = Provenance(model="small", seed=7, temperature=0.0, seen_by="reader", evidence={PICTURE.sha256: EVIDENCE})
    timings = Timings(first_token_ms=12.5, tokens=2)
    done = history.finish_answer(
        begun.id, "Good morning", status="done", stopped_by="length", provenance=facts, timings=timings
    )
    assert (done.text, done.status, done.stopped_by) == ("Good morning", "done", "length")
    assert done.provenance == facts
    assert done.timings == timings
    assert history.message(begun.id) == done
    assert history.conversation(conversation.id).head_id == begun.id


def test_a_late_save_does_not_undo_the_end(history: History) -> None:
    question = ask(history, history.create().id, "Hello")
    done = answer(history, question.id, "the whole answer")
    history.save_answer(done.id, "the wh")
    assert history.message(done.id).text == "the whole answer"


def test_parts_keep_their_order_and_any_characters(history: History) -> None:
    conversation = history.create()
    parts = ("Look:", PICTURE, "what\x00is\x1bthis 🐦 \u202e?")
    question = history.add_question(conversation.id, None, parts)
    assert history.message(question.id).parts == parts
    assert history.message(question.id).pictures == (PICTURE,)
    empty = history.add_question(conversation.id, question.id, ())
    assert empty.parts == ()


def test_half_a_character_is_replaced_not_refused(history: History) -> None:
    broken = Picture(sha256="b" * 64, width=1, height=1, name="bad\udcff.png")
    question = history.add_question(history.create("t\ud800").id, None, ("half \ud83d", broken))
    assert question.parts[0] == "half \ufffd"
    assert question.pictures[0].name == "bad\ufffd.png"
    begun = history.begin_answer(question.id, provenance=Provenance(model="m\udcff"))
    assert begun.provenance.model == "m\ufffd"


def test_a_200_000_character_message_is_stored_and_found(history: History) -> None:
    text = "needle " + "hay " * 50_000
    question = ask(history, history.create().id, text)
    assert history.message(question.id).text == text
    assert [hit.message_id for hit in history.search("needle")][-1] == question.id


def test_what_is_gone_says_so(history: History) -> None:
    conversation = say(history, ("q", "a"))
    for call in (
        lambda: history.conversation("nowhere"),
        lambda: history.rename("nowhere", "x"),
        lambda: history.delete("nowhere"),
        lambda: history.restore("nowhere"),
        lambda: history.page("nowhere"),
        lambda: history.page(conversation, before="nowhere"),
        lambda: history.path(conversation, upto="nowhere"),
        lambda: history.message("\ud800"),
        lambda: history.siblings("nowhere"),
        lambda: history.show("nowhere"),
        lambda: history.add_question("nowhere", None, ("x",)),
        lambda: history.add_question(conversation, "nowhere", ("x",)),
        lambda: history.begin_answer("nowhere", provenance=NOTHING),
        lambda: history.save_answer("nowhere", "x"),
    ):
        with pytest.raises(UserCanFix) as caught:
            call()
        assert caught.value.code == "history.not_found"
        assert caught.value.remedy


def test_a_failed_write_leaves_nothing_behind(history: History) -> None:
    first, second = say(history, ("one", "1")), say(history, ("two", "2"))
    parent = history.path(second)[0].id
    with pytest.raises(AppError) as caught:
        history.add_question(first, parent, ("three",))
    assert caught.value.code == "history.foreign_parent"
    assert texts(history, first) == ["one", "1"]
    assert not history.search("three")


def test_conversations_come_last_changed_first_even_when_the_clock_goes_back(tmp_path: Path) -> None:
    clock = HandClock()
    with opened(tmp_path, clock) as (history, _):
        old = say(history, ("first", "1"))
        clock.time = START - 100_000
        new = say(history, ("second", "2"))
        assert [each.id for each in history.conversations()] == [new, old]
        ask(history, old, "again")
        assert [each.id for each in history.conversations()] == [old, new]
        assert [each.id for each in history.conversations(limit=1, offset=1)] == [new]


def test_messages_keep_their_order_when_the_clock_goes_back(tmp_path: Path) -> None:
    clock = HandClock()
    with opened(tmp_path, clock) as (history, _):
        conversation = history.create().id
        question = ask(history, conversation, "q")
        replies = []
        for number in range(5):
            clock.time -= 10_000
            replies.append(answer(history, question.id, f"reply {number}").id)
        assert list(history.siblings(replies[0])) == replies
        assert history.message(replies[3]).sibling == 3
        assert history.show(question.id).head_id == replies[-1]


def test_deleted_is_hidden_until_restored(history: History) -> None:
    conversation = say(history, ("unicorns", "horses"))
    history.delete(conversation)
    assert not history.conversations()
    assert not history.search("unicorns")
    assert history.conversation(conversation).deleted_at is not None
    history.restore(conversation)
    assert [each.id for each in history.conversations()] == [conversation]
    assert texts(history, conversation) == ["unicorns", "horses"]


def test_purge_gives_back_pictures_that_nothing_uses(tmp_path: Path) -> None:
    clock = HandClock()
    other = Picture(sha256="c" * 64, width=1, height=1)
    waiting = Picture(sha256="d" * 64, width=1, height=1)
    with opened(tmp_path, clock) as (history, _):
        history.keep_picture(PICTURE, 1000)
        history.keep_picture(waiting, 10)
        history.keep_evidence(PICTURE.sha256, "reader 1", EVIDENCE)
        gone, kept = history.create().id, history.create().id
        history.add_question(gone, None, (PICTURE, PICTURE, other))
        history.add_question(kept, None, (other,))
        history.delete(gone)
        assert history.purge(older_than_s=3600) == ()
        assert history.conversation(gone)
        assert history.purge() == (PICTURE.sha256,)
        assert history.picture(PICTURE.sha256) is None
        assert history.evidence(PICTURE.sha256, "reader 1") is None
        assert history.picture(other.sha256) == other
        assert history.purge() == ()
        clock.time += 2 * 24 * 3600
        assert history.purge() == (waiting.sha256,)


def test_pictures_and_evidence_are_remembered(history: History) -> None:
    assert history.picture(PICTURE.sha256) is None
    history.keep_picture(PICTURE, 1000)
    assert history.picture(PICTURE.sha256) == PICTURE
    assert history.evidence(PICTURE.sha256, "reader 1") is None
    history.keep_evidence(PICTURE.sha256, "reader 1", EVIDENCE)
    assert history.evidence(PICTURE.sha256, "reader 1") == EVIDENCE
    assert history.evidence(PICTURE.sha256, "reader 2") is None


def test_closing_marks_unfinished_answers(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, _):
        question = ask(history, history.create().id, "q")
        begun = history.begin_answer(question.id, provenance=NOTHING)
        history.save_answer(begun.id, "half an answer")
    history.close()
    with opened(tmp_path) as (history, _):
        assert history.message(begun.id).status == "interrupted"
        assert history.message(begun.id).text == "half an answer"
        assert [hit.message_id for hit in history.search("half")] == [begun.id]


def test_a_closed_history_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, _):
        pass
    with pytest.raises(AppError) as caught:
        history.conversations()
    assert caught.value.code == "storage.closed"


@pytest.mark.parametrize(
    ("parts", "title"),
    [
        (("",), ""),
        (("  \n\t ",), ""),
        (("Hi\x00there\x1b[1m",), "Hi there [1m"),
        ((PICTURE,), "cat.png"),
        ((PICTURE, "What is it?"), "What is it?"),
        (("x" * 300,), "x" * (TITLE_CHARACTERS - 1) + "…"),
        (("word, " * 40,), "word, word, word, word, word, word, word, word…"),
    ],
)
def test_titles(parts: tuple[str | Picture, ...], title: str) -> None:
    assert title_from(parts) == title
    assert len(title_from(parts)) <= TITLE_CHARACTERS
