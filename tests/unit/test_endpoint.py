"""The local endpoint, asked by the real `openai` package over a real connection."""

from __future__ import annotations

import base64
import os
import stat
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError

import openai
import pytest

from desktop_app.domain.generation import GenerationEnded, ModelAbilities, ModelRequest, TextDelta
from desktop_app.domain.messages import Picture
from desktop_app.domain.model_specs import InstalledModel
from desktop_app.domain.pictures import Evidence, TextFound
from desktop_app.engines.http_endpoint import HttpEndpoint
from desktop_app.errors import EngineCrashed, EnvironmentProblem
from desktop_app.ports import CancelToken
from desktop_app.services.endpoint import ChatEndpoint
from desktop_app.services.other_programs import OtherPrograms
from tests.unit.models_kit import StandInPreferences

TOKEN = "a-token-of-at-least-thirty-two-characters"
PIXEL = "data:image/png;base64," + base64.b64encode(b"not looked at here").decode()


class Model:
    """Says three words to everything, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[ModelRequest] = []
        self.cancelled = threading.Event()
        self.endless = self.crashes = False

    def load(self) -> ModelAbilities:
        return ModelAbilities(
            name="Scripted", sha256="", architecture="", context_tokens=100, sees_pictures=False, load_ms=0
        )

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[Any]:
        self.asked.append(request)
        if self.crashes:
            raise EngineCrashed("engine.crashed", "It is gone.", remedy="Ask again.")
        yield TextDelta(text="One ")
        while self.endless:
            if cancel.wait(0.01):
                self.cancelled.set()
                break
            yield TextDelta(text="more ")
        yield TextDelta(text="two three")
        yield GenerationEnded(
            stopped_by="end", prompt_tokens=5, reused_tokens=0, tokens=3, first_token_ms=1, total_ms=2
        )


class Pictures:
    def accept_bytes(self, data: bytes, name: str) -> Picture:
        return Picture(sha256="a" * 64, width=1, height=1, name=name)

    def evidence(self, picture: Picture, cancel: CancelToken) -> Evidence:
        return Evidence(width=1, height=1, text=(TextFound(text="EXIT", confidence=1.0, box=(0, 0, 1, 1)),))

    def file(self, sha256: str) -> Path:
        return Path(sha256)


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def server(model: Model) -> Iterator[HttpEndpoint]:
    installed = (SimpleNamespace(id="small"), SimpleNamespace(id="better"))
    chat = ChatEndpoint(
        SimpleNamespace(model=lambda _id: model, restart=lambda: None),  # type: ignore[arg-type]
        Pictures(),  # type: ignore[arg-type]
        lambda _role: installed,  # type: ignore[arg-type, return-value]
    )
    endpoint = HttpEndpoint(chat, TOKEN)
    thread = threading.Thread(target=endpoint.serve)
    thread.start()
    yield endpoint
    endpoint.stop()
    thread.join()


@pytest.fixture
def client(server: HttpEndpoint) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.address, api_key=TOKEN, max_retries=0) as made:
        yield made


def ask(client: openai.OpenAI, content: Any = "Hello", **more: Any) -> Any:
    return client.chat.completions.create(model="small", messages=[{"role": "user", "content": content}], **more)


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert [each.id for each in client.models.list()] == ["small", "better"]


def test_an_answer_in_one_piece(client: openai.OpenAI, model: Model) -> None:
    answer = ask(client, temperature=0, max_tokens=7, seed=3)
    assert answer.choices[0].message.content == "One two three"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == 8
    sampling = model.asked[0].sampling
    assert (sampling.temperature, sampling.max_tokens, sampling.seed) == (0, 7, 3)


def test_an_answer_as_it_is_written(client: openai.OpenAI) -> None:
    pieces = list(ask(client, stream=True, stream_options={"include_usage": True}))
    assert "".join(each.choices[0].delta.content or "" for each in pieces if each.choices) == "One two three"
    assert pieces[-1].usage.completion_tokens == 3


def test_a_picture_becomes_evidence_for_a_model_without_eyes(client: openai.OpenAI, model: Model) -> None:
    ask(client, [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": PIXEL}}])
    told = model.asked[0].messages[0]
    assert not told.pictures and "EXIT" in told.text


@pytest.mark.parametrize("url", ["https://example.org/x.png", "file:///etc/passwd", "data:image/png;base64,%%%"])
def test_no_picture_is_fetched(url: str, client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError):
        ask(client, [{"type": "image_url", "image_url": {"url": url}}])


def test_without_the_token_nothing_is_told(server: HttpEndpoint) -> None:
    with openai.OpenAI(base_url=server.address, api_key="wrong", max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError):
            stranger.models.list()
        with pytest.raises(openai.AuthenticationError):
            ask(stranger)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"messages": 3}', b"[" * 100_000, b'{"messages": [{}]}'])
def test_nonsense_is_a_sentence(body: bytes, server: HttpEndpoint) -> None:
    asked = urllib.request.Request(
        f"{server.address}/chat/completions", data=body, headers={"Authorization": f"Bearer {TOKEN}"}
    )
    with pytest.raises(HTTPError) as caught, urllib.request.build_opener().open(asked):
        pass
    with caught.value as answer:
        assert answer.code == 400 and b"endpoint.bad_request" in answer.read()


def test_a_model_that_crashes_is_a_sentence_too(client: openai.OpenAI, model: Model) -> None:
    model.crashes = True
    with pytest.raises(openai.InternalServerError):
        ask(client)


def test_who_goes_away_stops_the_model(client: openai.OpenAI, model: Model) -> None:
    model.endless = True
    stream = ask(client, stream=True)
    next(iter(stream))
    stream.close()
    assert model.cancelled.wait(20)


def test_a_taken_port_is_a_sentence(server: HttpEndpoint) -> None:
    port = int(server.address.split(":")[2].split("/")[0])
    with pytest.raises(EnvironmentProblem) as caught:
        HttpEndpoint(None, TOKEN, port)  # type: ignore[arg-type]
    assert caught.value.code == "endpoint.port"


def test_the_token_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    programs = OtherPrograms(HttpEndpoint, StandInPreferences(), tmp_path / "token")  # type: ignore[arg-type]
    token = programs.token()
    assert len(token) >= 32 and programs.token() == token
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600


@pytest.fixture
def programs(model: Model, tmp_path: Path) -> Iterator[OtherPrograms]:
    def make(token: str, port: int) -> HttpEndpoint:
        assert port == 11435
        installed = (InstalledModel(id="m", role="language", title="M", path="", sha256="", bytes=1),)
        models = SimpleNamespace(model=lambda _: model)
        return HttpEndpoint(ChatEndpoint(models, None, lambda _: installed), token, 0)  # type: ignore[arg-type]

    preferences = StandInPreferences()
    made = OtherPrograms(make, preferences, tmp_path / "token")  # type: ignore[arg-type]
    made.preferences = preferences  # type: ignore[attr-defined]
    yield made
    made.close()


def test_the_window_s_switch_opens_and_closes_the_port(programs: OtherPrograms) -> None:
    told: list[object] = []
    programs.watch(told.append)
    programs.follow()
    assert programs.address == "" and not told
    programs.preferences.change(endpoint=True)  # type: ignore[attr-defined]
    address = programs.address
    assert address.startswith("http://127.0.0.1:") and told == [None]
    with openai.OpenAI(base_url=address, api_key=programs.token(), max_retries=0) as client:
        assert [each.id for each in client.models.list()] == ["m"]
    programs.preferences.change(endpoint=False)  # type: ignore[attr-defined]
    assert programs.address == "" and told == [None, None]
    with (
        openai.OpenAI(base_url=address, api_key=programs.token(), max_retries=0) as client,
        pytest.raises(openai.APIConnectionError),
    ):
        client.models.list()


def test_a_new_token_shuts_out_who_knows_the_old_one(programs: OtherPrograms) -> None:
    programs.follow()
    programs.preferences.change(endpoint=True)  # type: ignore[attr-defined]
    old, new = programs.token(), programs.renew()
    assert old != new == programs.token()
    with (
        openai.OpenAI(base_url=programs.address, api_key=old, max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.models.list()
    with openai.OpenAI(base_url=programs.address, api_key=new, max_retries=0) as client:
        assert list(client.models.list())
