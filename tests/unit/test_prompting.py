"""As much of a conversation as fits, and from turn to turn the same beginning."""

from __future__ import annotations

import pytest

from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.messages import Message
from desktop_app.domain.prompting import FittedPrompt, fit

BUDGET, TURNS = 400, 120


def message(number: int, words: int = 10) -> StoredMessage:
    role = "assistant" if number % 2 else "user"
    return StoredMessage(
        id=str(number),
        conversation_id="c",
        parent_id=None,
        role=role,  # type: ignore[arg-type]
        parts=(f"{number} " * words,),
        status="done",
        created_at=0.0,
    )


def words(messages: tuple[Message, ...]) -> int:
    return sum(len(each.text.split()) for each in messages)


def fitted(path: tuple[StoredMessage, ...], kept_from: str | None = None) -> FittedPrompt:
    return fit(path, instructions="Be kind.", notes={}, budget=BUDGET, count=words, kept_from=kept_from)


def test_a_long_conversation_seldom_changes_the_beginning_of_its_prompt() -> None:
    path: tuple[StoredMessage, ...] = (message(0),)
    last, anew = fitted(path), 0
    for number in range(1, 2 * TURNS, 2):
        path = (*path, message(number), message(number + 1))
        made = fitted(path, last.first_kept_id)
        anew += made.messages[: len(last.messages)] != last.messages
        assert made.tokens <= BUDGET
        assert made.messages[1].role == "user"
        assert made.tokens >= BUDGET / 2 - 20 or not made.dropped
        last = made
    assert last.dropped > 0
    assert anew == pytest.approx(TURNS * 20 / (BUDGET / 2), abs=3)


def test_where_memory_begins_does_not_hang_on_the_question() -> None:
    path = tuple(map(message, range(60)))
    short, long = (fitted((*path, message(60, length))) for length in (1, 60))
    assert short.first_kept_id == long.first_kept_id is not None


def test_a_question_that_fills_the_context_leaves_no_room_for_memory() -> None:
    made = fitted((*map(message, range(60)), message(60, BUDGET)))
    assert (len(made.messages), made.first_kept_id) == (2, "60")
