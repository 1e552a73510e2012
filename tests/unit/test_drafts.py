"""Answers begun before they are wanted: taken over with what is written, or thrown away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from desktop_app.domain.generation import GenerationEnded, GenerationEvent, ModelRequest, Sampling, TextDelta
from desktop_app.domain.messages import Message
from desktop_app.engines.scripted import ScriptedModel
from desktop_app.errors import EngineCrashed
from desktop_app.ports import CancelToken, LanguageModel
from desktop_app.services.drafts import Drafts

WAIT_S = 20


class Held(ScriptedModel):
    """Goes on writing only when told; counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Semaphore(0)
        self.wrote = threading.Semaphore(0)
        self.asked = 0

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        self.asked += 1
        for event in super().stream(request, cancel):
            if isinstance(event, TextDelta):
                with cancel.calling(self.go.release):
                    assert self.go.acquire(timeout=WAIT_S)
            yield event
            self.wrote.release()

    def count_tokens(self, request: ModelRequest) -> int:
        self.asked += 1
        return super().count_tokens(request)


class One:
    def __init__(self) -> None:
        self.held = Held()
        self.restarts = 0

    def model(self, model_id: str) -> LanguageModel:
        return self.held

    def restart(self) -> None:
        self.restarts += 1


def request(text: str = "Hello") -> ModelRequest:
    return ModelRequest(messages=(Message(role="user", parts=(text,)),), sampling=Sampling(seed=7, temperature=0))


class Desk:
    """A draft is being written: one word is there, the next waits."""

    def __init__(self) -> None:
        self.models = One()
        self.models.held.enqueue("Good ", "day.")
        self.drafts = Drafts(self.models)
        self.cancel = CancelToken()
        self.texts: list[str] = []
        self.errors: list[Exception] = []
        model = self.drafts.model("")
        model.load()
        model.count_tokens(request())
        self.thread = threading.Thread(target=self._write, args=(model,))
        self.thread.start()
        self.models.held.go.release()
        for _ in range(2):  # progress, and the first word
            assert self.models.held.wrote.acquire(timeout=WAIT_S)
        self.models.held.asked = 0

    def _write(self, model: LanguageModel) -> None:
        try:
            self.drafts.write(model, request(), self.cancel, self.texts.append)
        except EngineCrashed as error:
            self.errors.append(error)

    def end(self) -> None:
        self.models.held.go.release(9)
        self.thread.join(WAIT_S)
        assert not self.thread.is_alive()


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.cancel.cancel()
    made.end()


def text(events: list[GenerationEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def test_the_same_question_gets_what_is_written_and_what_comes(desk: Desk) -> None:
    model = desk.drafts.model("")
    assert desk.drafts.seed() == 7
    assert model.count_tokens(request()) == ScriptedModel().count_tokens(request())
    stream = model.stream(request(), CancelToken())
    next(stream)
    desk.end()
    assert text(list(stream)) == "Good day."
    assert desk.models.held.asked == 0
    assert desk.texts == ["Good ", "day."]


def test_another_question_ends_the_draft(desk: Desk) -> None:
    desk.models.held.enqueue("Other.")
    model = desk.drafts.model("")
    stream = model.stream(request("What?"), CancelToken())
    desk.end()
    assert text(list(stream)) == "Other."
    assert desk.cancel.cancelled


def test_another_seed_is_another_question(desk: Desk) -> None:
    desk.models.held.enqueue("Other.")
    other = replace(request(), sampling=replace(request().sampling, seed=8))
    stream = desk.drafts.model("").stream(other, CancelToken())
    desk.end()
    assert text(list(stream)) == "Other."


def test_stopping_the_answer_stops_the_draft(desk: Desk) -> None:
    cancel = CancelToken()
    stream = desk.drafts.model("").stream(request(), cancel)
    next(stream)
    cancel.cancel()
    *_, ended = stream
    assert isinstance(ended, GenerationEnded) and ended.stopped_by == "person"
    assert desk.cancel.cancelled


def test_once_it_is_wanted_nobody_throws_it_away(desk: Desk) -> None:
    stream = desk.drafts.model("").stream(request(), CancelToken())
    next(stream)
    desk.drafts.give_up()
    assert not desk.cancel.cancelled
    desk.end()
    assert text(list(stream)) == "Good day."


def test_a_draft_nobody_wants_is_forgotten(desk: Desk) -> None:
    desk.cancel.cancel()
    desk.end()
    desk.models.held.enqueue("Other.")
    assert text(list(desk.drafts.model("").stream(request(), CancelToken()))) == "Other."


def test_who_follows_gets_the_error(desk: Desk) -> None:
    desk.cancel.cancel()
    desk.end()
    desk.models.held.enqueue_error(EngineCrashed("engine.crashed", "It stopped.", remedy="Wait."))
    with pytest.raises(EngineCrashed):
        desk.drafts.write(desk.drafts.model(""), request(), CancelToken(), desk.texts.append)
    with pytest.raises(EngineCrashed):
        list(desk.drafts.model("").stream(request(), CancelToken()))


def test_a_restart_ends_it(desk: Desk) -> None:
    desk.drafts.restart()
    assert desk.cancel.cancelled and desk.models.restarts == 1
