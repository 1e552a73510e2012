"""Rating by voice: what counts as a verdict, and that it rates instead of being answered, only when asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain.events import TextAdded
from desktop_app.domain.spoken_verdicts import verdict
from desktop_app.engines.scripted import ScriptedModel
from desktop_app.ports import CancelToken
from desktop_app.services.chat import ChatService
from desktop_app.services.spoken_ratings import GOOD, SpokenRatings
from tests.unit.feedback_kit import feedback_kit


@pytest.mark.parametrize(
    ("said", "liked"),
    [
        ("That was good.", True),
        ("Thanks, that's a really great answer!", True),
        ("Good answer, thank you.", True),
        ("That was wrong.", False),
        ("No, that wasn't helpful", False),
        ("That was not very good.", False),
        ("That was good, but what about owls?", None),
        ("Was that good?", None),
        ("Tell me what is good.", None),
        ("", None),
    ],
)
def test_only_a_plain_verdict_is_one(said: str, liked: bool | None) -> None:
    assert verdict(said) is liked


class OneModel:
    def __init__(self) -> None:
        self.scripted = ScriptedModel(context_tokens=512)

    def model(self, model_id: str) -> ScriptedModel:
        return self.scripted

    def restart(self) -> None:
        return


def test_a_verdict_rates_the_last_answer_when_the_setting_is_on(tmp_path: Path) -> None:
    with feedback_kit(tmp_path) as kit:
        aside, models = SpokenRatings(kit.feedback, kit.history, kit.preferences), OneModel()
        chat = ChatService(kit.history, models, None, kit.preferences, kit.learned, aside)  # type: ignore[arg-type]
        (answer_id,) = kit.answers(("q", "a"))
        conversation_id = kit.history.message(answer_id).conversation_id

        def say(text: str) -> str:
            events = chat.ask(text, conversation_id=conversation_id, spoken=True, cancel=CancelToken())
            return "".join(event.text for event in events if isinstance(event, TextAdded))

        assert say("That was good.") != GOOD
        kit.preferences.change(rate_by_voice=True)
        last = kit.history.path(conversation_id)[-1].id
        assert say("That was good.") == GOOD
        rating = kit.feedback.rating(last)
        assert rating is not None and rating.liked
        assert len(models.scripted.requests) == 1
        assert say("What is a stonechat?") != GOOD
