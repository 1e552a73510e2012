"""Ratings, picks and signals: kept, changed, undone, withdrawn, erased, taught."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.feedback import OpinionFilter, Rating, Reason, reason_from
from desktop_app.errors import UserCanFix
from tests.unit.feedback_kit import Kit, feedback_kit
from tests.unit.storage_kit import answer

TOO_LONG = Reason(kind="too_long")


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with feedback_kit(tmp_path) as made:
        yield made


def test_a_rating_is_kept_with_what_made_the_answer_and_changed_part_by_part(kit: Kit) -> None:
    (id_,) = kit.answers(("Where do stonechats nest?", "In trees, as a rule."))
    first = kit.feedback.rate(id_, liked=False)
    second = kit.feedback.rate(id_, reasons=(TOO_LONG, TOO_LONG), better=" In bushes. ")
    assert second.id == first.id
    (kept,) = kit.feedback.list()
    assert kept == kit.feedback.rating(id_)
    assert isinstance(kept, Rating)
    assert (kept.liked, kept.reasons, kept.better) == (False, (TOO_LONG,), "In bushes.")
    assert (kept.question, kept.answer) == ("Where do stonechats nest?", "In trees, as a rule.")
    assert kept.provenance.model == "test"


def test_every_step_can_be_taken_back_once(kit: Kit) -> None:
    (id_,) = kit.answers(("q", "a"))
    rating = kit.feedback.rate(id_, liked=True)
    kit.feedback.rate(id_, liked=False)
    assert kit.feedback.undo(rating.id) == rating
    kit.feedback.withdraw(rating.id)
    assert kit.feedback.list() == ()
    assert kit.feedback.undo(rating.id) == rating == kit.feedback.rating(id_)
    (other,) = kit.answers(("q2", "a2"))
    assert kit.feedback.undo(kit.feedback.rate(other, liked=True).id) is None
    assert kit.feedback.rating(other) is None


def test_what_says_nothing_or_is_about_no_answer_is_refused(kit: Kit) -> None:
    (id_,) = kit.answers(("q", "a"))
    question_id = kit.history.message(id_).parent_id
    assert question_id
    for run in (
        lambda: kit.feedback.rate(id_, better="a "),
        lambda: kit.feedback.rate(question_id, liked=True),
        lambda: kit.feedback.rate("nowhere", liked=True),
        lambda: kit.feedback.withdraw("nowhere"),
    ):
        with pytest.raises(UserCanFix):
            run()
    assert kit.feedback.list() == ()


def test_the_better_of_two_answers_to_one_question(kit: Kit) -> None:
    (first,) = kit.answers(("q", "a"))
    parent = kit.history.message(first).parent_id
    assert parent
    second = answer(kit.history, parent, "b").id
    pick = kit.feedback.prefer(second, first)
    assert (pick.answer, pick.worse) == ("b", "a")
    turned = kit.feedback.prefer(first, second)
    assert (turned.id, turned.answer) == (pick.id, "a")
    (elsewhere,) = kit.answers(("q", "c"))
    with pytest.raises(UserCanFix, match="same question"):
        kit.feedback.prefer(first, elsewhere)


def test_signals_are_kept_only_with_consent(kit: Kit) -> None:
    (id_,) = kit.answers(("q", "a"))
    assert kit.feedback.signal(id_, "copied") is None
    kit.preferences.change(record_signals=True)
    assert kit.feedback.signal(id_, "copied")
    assert kit.feedback.signal(id_, "copied") is None
    assert len(kit.feedback.list(OpinionFilter(kind="signal"))) == 1


def test_the_list_can_be_narrowed(kit: Kit) -> None:
    one, two = kit.answers(("About birds", "They fly."), ("About fish", "They swim."))
    kit.feedback.rate(one, liked=True, comment="Lovely")
    kit.feedback.rate(two, liked=False, reasons=(TOO_LONG,), better="Swim.")
    for wanted, found in (
        (OpinionFilter(liked=True), [one]),
        (OpinionFilter(reason="too_long"), [two]),
        (OpinionFilter(edited=False), [one]),
        (OpinionFilter(words="LOVELY birds"), [one]),
        (OpinionFilter(kind="rating"), [two, one]),
    ):
        assert [each.answer_id for each in kit.feedback.list(wanted)] == found


def test_those_who_learned_hear_of_everything_that_no_longer_holds(kit: Kit) -> None:
    told: list[str] = []
    ids = kit.answers(("q1", "a1"), ("q2", "a2"))
    one, two = (kit.feedback.rate(id_, liked=True).id for id_ in ids)
    kit.feedback.watch_withdrawn(lambda found: told.extend(found))
    kit.feedback.withdraw(one)
    kit.feedback.rate(ids[1], comment="still good")
    assert told == [one]
    kit.feedback.rate(ids[1], liked=False)
    assert told == [one, two]
    (other,) = kit.answers(("q3", "a3"))
    third = kit.feedback.rate(other, liked=True)
    kit.history.delete(third.conversation_id)
    kit.feedback.tell_erased()
    kit.history.purge()
    assert told == [one, two, third.id]
    late: list[str] = []
    kit.feedback.watch_withdrawn(lambda found: late.extend(found))
    assert set(late) == {one, third.id}


def test_an_erased_conversation_takes_its_ratings_with_it(kit: Kit, tmp_path: Path) -> None:
    rating = kit.edit("q", "a", "CANARY7f3 in the better answer")
    kit.history.delete(rating.conversation_id)
    assert kit.feedback.list() == ()
    kit.history.purge()
    kit.history.close()
    assert all(b"CANARY7f3" not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_a_withdrawn_rating_is_wiped(kit: Kit, tmp_path: Path) -> None:
    kit.feedback.withdraw(kit.edit("q", "a", "CANARY7f3 in the better answer").id)
    kit.history.purge()
    kit.history.close()
    assert all(b"CANARY7f3" not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_what_can_be_learned_from_it(kit: Kit) -> None:
    kit.preferences.change(record_signals=True)
    first, second, third = kit.answers(("q1", "a1"), ("q2", "a2"), ("q3", "a3"))
    kit.feedback.rate(second, liked=False, better="better")
    kit.feedback.rate(third, liked=True)
    kit.feedback.signal(first, "reasked")
    kit.feedback.signal(third, "stopped")
    edit, dislike, like, silent = kit.feedback.examples()
    assert (edit.answer, edit.rather_than, edit.liked, edit.source) == ("better", "a2", True, "edit")
    assert (dislike.answer, dislike.liked, dislike.feedback_id) == ("a2", False, edit.feedback_id)
    assert (like.answer, like.source, silent.answer_id, silent.liked) == ("a3", "rating", first, False)
    assert [message.role for message in edit.prompt] == ["system", "user", "assistant", "user"]
    assert edit.prompt[-1].text == "q2"
    assert 0 < silent.weight < like.weight <= 1
    kit.feedback.withdraw(edit.feedback_id)
    kit.feedback.withdraw(like.feedback_id)
    assert kit.feedback.examples() == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("too long", TOO_LONG),
        ("misread-picture", Reason(kind="misread_picture")),
        ("custom", Reason(kind="custom", words="custom")),
        ("  no \n poetry", Reason(kind="custom", words="no poetry")),
    ],
)
def test_a_reason_is_a_known_one_or_words(text: str, reason: Reason) -> None:
    assert reason_from(text) == reason
