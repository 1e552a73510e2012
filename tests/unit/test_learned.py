"""What opinions change at once: rules in the instructions, liked answers as examples, rewritten answers as history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.rules import RULE_TOKENS, tokens_of
from desktop_app.engines.scripted import ScriptedModel
from desktop_app.errors import UserCanFix
from desktop_app.ports import CancelToken
from desktop_app.services.chat import ChatService
from tests.unit.feedback_kit import Kit, feedback_kit
from tests.unit.storage_kit import ask


class OneModel:
    def __init__(self) -> None:
        self.scripted = ScriptedModel(context_tokens=2048)

    def model(self, model_id: str) -> ScriptedModel:
        return self.scripted

    def restart(self) -> None:
        return


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with feedback_kit(tmp_path) as made:
        yield made


def chat_of(kit: Kit) -> tuple[ChatService, ScriptedModel]:
    models = OneModel()
    return ChatService(kit.history, models, None, kit.preferences, kit.learned), models.scripted  # type: ignore[arg-type]


def question(kit: Kit, text: str) -> StoredMessage:
    return ask(kit.history, kit.history.create().id, text)


def asked(model: ScriptedModel) -> list[tuple[str, str]]:
    """Role and text of what the model read last."""
    return [(message.role, message.text) for message in model.requests[-1].messages]


def test_rules_are_told_and_shown_until_the_switch_is_off(kit: Kit) -> None:
    chat, model = chat_of(kit)
    kit.learned.add("Use metric units.")
    list(chat.ask("How far?", cancel=CancelToken()))
    (_, system), *_ = asked(model)
    assert "- Use metric units." in system
    (conversation,) = kit.history.conversations()
    made = kit.history.path(conversation.id)[-1].provenance
    assert (made.rules, made.instructions) == (("Use metric units.",), system)
    kit.preferences.change(use_learned=False)
    list(chat.ask("How far?", cancel=CancelToken()))
    assert "metric" not in asked(model)[0][1]


def test_the_most_similar_liked_answers_come_before_the_question(kit: Kit) -> None:
    chat, model = chat_of(kit)
    kit.edit("How do I make tea?", "Long.", "Boil water, add tea.")
    kit.edit("How do I clean a bicycle?", "Long.", "Soap, water, oil.")
    list(chat.ask("How is green tea made?", cancel=CancelToken()))
    assert asked(model)[-3:] == [
        ("user", "How do I make tea?"),
        ("assistant", "Boil water, add tea."),
        ("user", "How is green tea made?"),
    ]


def test_a_conversation_keeps_the_examples_it_began_with(kit: Kit) -> None:
    chat, model = chat_of(kit)
    rating = kit.edit("How do I make tea?", "Long.", "Boil water, add tea.")
    list(chat.ask("How is green tea made?", cancel=CancelToken()))
    (conversation, _) = kit.history.conversations()
    kit.edit("What is coffee?", "Long.", "A drink.")
    list(chat.ask("And coffee?", conversation_id=conversation.id, cancel=CancelToken()))
    assert ("assistant", "Boil water, add tea.") in asked(model)
    assert ("assistant", "A drink.") not in asked(model)
    kit.feedback.withdraw(rating.id)
    list(chat.ask("And cocoa?", conversation_id=conversation.id, cancel=CancelToken()))
    assert ("assistant", "Boil water, add tea.") not in asked(model)


def test_an_answer_that_was_rewritten_is_read_as_it_was_rewritten(kit: Kit) -> None:
    chat, model = chat_of(kit)
    (answer_id,) = kit.answers(("What is tea?", "A long story."))
    kit.feedback.rate(answer_id, better="A drink.")
    conversation_id = kit.history.message(answer_id).conversation_id
    list(chat.ask("Why?", conversation_id=conversation_id, cancel=CancelToken()))
    assert ("assistant", "A drink.") in asked(model)
    assert kit.history.path(conversation_id)[-1].provenance.rewritten == (answer_id,)
    assert kit.history.message(answer_id).text == "A long story."


def test_examples_give_way_before_the_conversation_does(kit: Kit) -> None:
    chat, model = chat_of(kit)
    kit.edit("How do I make tea?", "Long.", "Boil water, add tea. " * 8)
    list(chat.ask("How is tea made? " + "word " * 1500, cancel=CancelToken()))
    assert [role for role, _ in asked(model)] == ["system", "user"]


def test_more_similar_examples_are_read_while_nobody_waits(kit: Kit) -> None:
    first = kit.edit("How do I make tea?", "Long.", "Boil water, add tea.")
    second = kit.edit("How do I make coffee?", "Long.", "Grind, pour, wait.")
    third = kit.edit("How do I clean a bicycle?", "Long.", "Soap, water, oil.")

    def shown(text: str, *, ahead: bool) -> set[str]:
        return set(kit.learned.tell((question(kit, text),), conversation_id="", ahead=ahead).examples)

    assert shown("How do I make tea and coffee?", ahead=True) == {first.id, second.id}
    assert shown("How do I clean a bicycle?", ahead=False) == {first.id, second.id}
    assert shown("How do I clean a bicycle?", ahead=True) == {third.id}
    assert shown("How do I clean a bicycle, then?", ahead=False) == {third.id}


def test_rules_are_checked_kept_within_budget_and_put_back(kit: Kit) -> None:
    rule = kit.learned.add("  Be   kind. ")
    assert rule.text == "Be kind."
    for text in ("", "be KIND.", "x" * 300):
        with pytest.raises(UserCanFix):
            kit.learned.add(text)
    for number in range(30):
        kit.learned.add(f"Rule number {number} about something that takes a few words to say.")
    in_use = kit.learned.in_use()
    assert 0 < len(in_use) < 31
    assert sum(tokens_of(each.text) for each in in_use) <= RULE_TOKENS
    removed = kit.learned.remove(rule.id)
    assert rule.id not in [each.id for each in kit.learned.rules()]
    kit.learned.put_back(removed)
    assert rule.id in [each.id for each in kit.learned.rules()]


def test_a_proposal_is_made_once_and_decided_once(kit: Kit) -> None:
    for number in range(3):
        kit.edit(f"Question {number}?", "A sentence about it.", "- one point\n- another point")
    (proposal,) = kit.learned.proposals()
    assert (proposal.key, len(proposal.opinions)) == ("bullets", 3)
    rule = kit.learned.accept("bullets", "Points, please.")
    assert (kit.learned.rules(), kit.learned.proposals()) == ((rule,), ())
    kit.learned.remove(rule.id)
    assert kit.learned.proposals() == ()
    with pytest.raises(UserCanFix):
        kit.learned.refuse("no such thing")


def test_a_disliked_answer_is_never_an_example(kit: Kit) -> None:
    (answer_id,) = kit.answers(("What is tea?", "A drink."))
    kit.feedback.rate(answer_id, liked=False)
    assert kit.learned.liked() == ()
    assert ask(kit.history, kit.history.create().id, "What is tea?")
