"""Branches: whatever is asked, regenerated, edited and flipped, every message stays reachable and in its place."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.services.history import History
from tests.unit.storage_kit import answer, ask, opened, say, texts


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with opened(tmp_path) as (history, _):
        yield history


def test_regenerating_keeps_the_sibling(history: History) -> None:
    conversation = say(history, ("q", "first"))
    question, first = history.path(conversation)
    second = answer(history, question.id, "second")
    assert texts(history, conversation) == ["q", "second"]
    assert (second.sibling, second.siblings) == (1, 2)
    assert history.siblings(first.id) == (first.id, second.id)
    assert history.show(first.id).head_id == first.id
    assert texts(history, conversation) == ["q", "first"]


def test_editing_branches_and_flipping_returns_to_the_newest_end(history: History) -> None:
    conversation = say(history, ("q1", "a1"), ("q2", "a2"))
    _, first_answer, second, _ = history.path(conversation)
    edited = history.add_question(conversation, first_answer.id, ("q2 edited",))
    answer(history, edited.id, "a2 edited")
    assert texts(history, conversation) == ["q1", "a1", "q2 edited", "a2 edited"]
    history.show(second.id)
    assert texts(history, conversation) == ["q1", "a1", "q2", "a2"]
    history.show(first_answer.id)
    assert texts(history, conversation) == ["q1", "a1", "q2 edited", "a2 edited"]


def test_editing_the_first_question_makes_a_second_root(history: History) -> None:
    conversation = say(history, ("q", "a"))
    say(history, ("elsewhere", "b"))
    root = history.path(conversation)[0]
    edited = history.add_question(conversation, None, ("q edited",))
    assert history.siblings(root.id) == (root.id, edited.id)
    assert (edited.sibling, edited.siblings) == (1, 2)
    assert texts(history, conversation) == ["q edited"]


def test_pages_fit_together(history: History) -> None:
    conversation = say(history, *((f"q{n}", f"a{n}") for n in range(7)))
    whole = history.path(conversation)
    seen: list[str] = []
    page = history.page(conversation, limit=4)
    while True:
        seen = [message.id for message in page.messages] + seen
        if not page.has_earlier:
            break
        page = history.page(conversation, before=page.messages[0].id, limit=4)
    assert seen == [message.id for message in whole]
    assert not history.page(conversation, before=whole[0].id).messages
    assert history.path(conversation, upto=whole[3].id) == whole[:4]


def test_an_empty_conversation_has_an_empty_page(history: History) -> None:
    conversation = history.create("nothing yet").id
    assert history.page(conversation).messages == ()
    assert not history.page(conversation).has_earlier
    assert history.path(conversation) == ()


def test_a_page_near_the_end_reads_only_its_own_messages(tmp_path: Path) -> None:
    """Counted in SQLite's own steps, so that it holds on any machine."""
    with opened(tmp_path) as (history, database):
        conversation = say(history, *((f"q{n}", f"a{n}") for n in range(300)))

        def steps(limit: int) -> int:
            count = 0

            def step() -> int:
                nonlocal count
                count += 1
                return 0

            with database.read() as connection:
                connection.set_progress_handler(step, 10)
            history.page(conversation, limit=limit)
            with database.read() as connection:
                connection.set_progress_handler(None, 0)
            return count

        assert steps(10) * 10 < steps(600)


class Model:
    """The tree as plain lists."""

    def __init__(self) -> None:
        self.parent: dict[str, str | None] = {}
        self.order: list[str] = []
        self.head: str | None = None

    def add(self, message_id: str, parent: str | None) -> None:
        self.parent[message_id] = parent
        self.order.append(message_id)
        self.head = message_id

    def siblings(self, message_id: str) -> list[str]:
        return [each for each in self.order if self.parent[each] == self.parent[message_id]]

    def path(self, last: str | None) -> list[str]:
        found: list[str] = []
        while last is not None:
            found.insert(0, last)
            last = self.parent[last]
        return found

    def newest_below(self, message_id: str) -> str:
        return next(each for each in reversed(self.order) if message_id in self.path(each))


Step = tuple[str, int]
STEPS = st.lists(st.tuples(st.sampled_from(["ask", "answer", "edit", "flip"]), st.integers(0, 1000)), max_size=14)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, limit=st.integers(1, 5))
def test_the_tree_behaves_like_its_model(steps: list[Step], limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as (history, _):
        conversation, model = history.create().id, Model()
        model.add(ask(history, conversation, "root").id, None)
        for kind, number in steps:
            _step(history, conversation, model, kind, number)
            assert history.conversation(conversation).head_id == model.head
        _check(history, conversation, model, limit)


def _step(history: History, conversation: str, model: Model, kind: str, number: int) -> None:
    chosen = model.order[number % len(model.order)]
    if kind == "ask":
        parent = model.head
        model.add(ask(history, conversation, f"q{number}").id, parent)
    elif kind == "answer":
        model.add(answer(history, chosen, f"a{number}").id, chosen)
    elif kind == "edit":
        parent = model.parent[chosen]
        model.add(history.add_question(conversation, parent, (f"e{number}",)).id, parent)
    else:
        model.head = model.newest_below(chosen)
        assert history.show(chosen).head_id == model.head
        assert chosen in [message.id for message in history.path(conversation)]


def _check(history: History, conversation: str, model: Model, limit: int) -> None:
    shown = history.path(conversation)
    assert [message.id for message in shown] == model.path(model.head)
    page = history.page(conversation, limit=limit)
    assert list(page.messages) == list(shown[-limit:])
    assert page.has_earlier == (len(shown) > limit)
    for message_id in model.order:
        siblings = model.siblings(message_id)
        message = history.message(message_id)
        assert list(history.siblings(message_id)) == siblings
        assert (message.sibling, message.siblings) == (siblings.index(message_id), len(siblings))
        assert message.parent_id == model.parent[message_id]
