"""Answers other programs' chat requests with the person's model, in the form of the OpenAI chat API.

Nothing of it enters the person's conversations. How requests travel is `engines/http_endpoint.py`'s business.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from desktop_app.domain.generation import GenerationEnded, ModelAbilities, ModelRequest, Sampling, TextDelta
from desktop_app.domain.messages import Message, Part, Picture, Role
from desktop_app.domain.model_specs import InstalledModel, ModelRole
from desktop_app.domain.pictures import evidence_text
from desktop_app.errors import AppError, UserCanFix
from desktop_app.ports import CancelToken
from desktop_app.services.chat import Looks
from desktop_app.services.drafts import Models

MOST_MESSAGES = 500
ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
ENDINGS = {"length": "length", "context": "length"}


class Accepts(Looks, Protocol):
    """What is needed of `AttachmentService`."""

    def accept_bytes(self, data: bytes, name: str) -> Picture: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A checked request."""

    model: str
    messages: tuple[Message, ...]
    sampling: Sampling
    stream: bool
    usage: bool


class ChatEndpoint:
    """One request at a time; the others wait."""

    def __init__(
        self, models: Models, pictures: Accepts, installed: Callable[[ModelRole], tuple[InstalledModel, ...]]
    ) -> None:
        self._models = models
        self._pictures = pictures
        self._installed = installed
        self._turn = threading.Lock()

    def models(self) -> dict[str, Any]:
        """The body of GET /v1/models."""
        found = [{"id": each.id, "object": "model", "created": 0, "owned_by": "local"} for each in self._languages()]
        return {"object": "list", "data": found}

    def parse(self, body: Any) -> Ask:
        """Raises UserCanFix("endpoint.bad_request", "picture.*")."""
        if not isinstance(body, dict) or not isinstance(body.get("messages"), list) or not body["messages"]:
            raise _bad("messages must be a list that is not empty")
        if len(body["messages"]) > MOST_MESSAGES:
            raise _bad(f"more than {MOST_MESSAGES} messages")
        known = {each.id for each in self._languages()}
        wished = body.get("model")
        options = body.get("stream_options")
        return Ask(
            model=wished if wished in known else "",
            messages=tuple(self._message(each) for each in body["messages"]),
            sampling=_sampling(body),
            stream=body.get("stream") is True,
            usage=isinstance(options, dict) and options.get("include_usage") is True,
        )

    def whole(self, ask: Ask, cancel: CancelToken) -> dict[str, Any]:
        """The body of an answer that comes in one piece. Raises AppError."""
        text, ended, name = "", None, ""
        for answering, event in self._events(ask, cancel):
            name = answering
            if isinstance(event, TextDelta):
                text += event.text
            else:
                ended = event
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "logprobs": None,
            "finish_reason": _ending(ended),
        }
        return {**_head("chat.completion", name), "choices": [choice], "usage": _usage(ended)}

    def pieces(self, ask: Ask, cancel: CancelToken) -> Iterator[dict[str, Any]]:
        """The bodies of an answer that comes as it is written. Raises AppError, before the first or later."""
        head: dict[str, Any] = {}
        for name, event in self._events(ask, cancel):
            head = head or _head("chat.completion.chunk", name)
            if isinstance(event, TextDelta):
                yield {**head, "choices": [_delta({"role": "assistant", "content": event.text}, None)]}
            else:
                yield {**head, "choices": [_delta({}, _ending(event))]}
                if ask.usage:
                    yield {**head, "choices": [], "usage": _usage(event)}

    def _events(self, ask: Ask, cancel: CancelToken) -> Iterator[tuple[str, TextDelta | GenerationEnded]]:
        with self._turn:
            model = self._models.model(ask.model)
            abilities = model.load()
            messages, files = self._seen(ask.messages, abilities, cancel)
            request = ModelRequest(messages=messages, sampling=ask.sampling, picture_files=files)
            for event in model.stream(request, cancel):
                if isinstance(event, TextDelta | GenerationEnded):
                    yield abilities.name, event

    def _seen(
        self, messages: tuple[Message, ...], abilities: ModelAbilities, cancel: CancelToken
    ) -> tuple[tuple[Message, ...], dict[str, str]]:
        """For a model without eyes every picture becomes what the reader found in it."""
        pictures = [picture for message in messages for picture in message.pictures]
        if abilities.sees_pictures:
            return messages, {each.sha256: str(self._pictures.file(each.sha256)) for each in pictures}
        notes: Mapping[str, str] = {
            each.sha256: evidence_text(self._pictures.evidence(each, cancel)) for each in pictures
        }
        told = (
            Message(
                role=message.role,
                parts=tuple(notes[part.sha256] if isinstance(part, Picture) else part for part in message.parts),
            )
            for message in messages
        )
        return tuple(told), {}

    def _message(self, raw: Any) -> Message:
        role = ROLES.get(raw.get("role", "")) if isinstance(raw, dict) else None
        if role is None:
            raise _bad("a message needs the role system, user or assistant")
        content = raw.get("content")
        if isinstance(content, str):
            return Message(role=role, parts=(content,))
        if not isinstance(content, list):
            raise _bad("content must be text or a list of parts")
        return Message(role=role, parts=tuple(self._part(part) for part in content))

    def _part(self, raw: Any) -> Part:
        kind = raw.get("type") if isinstance(raw, dict) else None
        if kind == "text" and isinstance(raw.get("text"), str):
            return str(raw["text"])
        if kind == "image_url" and isinstance(raw.get("image_url"), dict):
            return self._picture(raw["image_url"].get("url"))
        raise _bad("a part must be text or image_url")

    def _picture(self, url: Any) -> Picture:
        """Only pictures that come along: nothing is ever fetched."""
        head, _, data = url.partition(",") if isinstance(url, str) else ("", "", "")
        if not head.startswith("data:image/") or not head.endswith(";base64"):
            raise _bad("a picture must be a data: URL in base64")
        try:
            return self._pictures.accept_bytes(base64.b64decode(data, validate=True), "picture")
        except binascii.Error as error:
            raise _bad("a picture's base64 is broken") from error

    def _languages(self) -> tuple[InstalledModel, ...]:
        return self._installed("language")


def _sampling(body: dict[str, Any]) -> Sampling:
    usual = Sampling()
    longest = body.get("max_completion_tokens", body.get("max_tokens"))
    seed = _number(body, "seed", None, -(2**63), 2**63)
    return Sampling(
        temperature=_number(body, "temperature", usual.temperature, 0, 2) or 0.0,
        top_p=_number(body, "top_p", usual.top_p, 0, 1) or usual.top_p,
        max_tokens=int(_number({"max_tokens": longest}, "max_tokens", usual.max_tokens, 1, 1_000_000) or 1),
        seed=secrets.randbits(31) if seed is None else int(seed) & 0x7FFFFFFF,
    )


def _number(body: dict[str, Any], name: str, otherwise: float | None, low: float, high: float) -> float | None:
    value = body.get(name)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _bad(f"{name} must be a number from {low} to {high}")
    return value


def _head(kind: str, model: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{secrets.token_hex(8)}", "object": kind, "created": int(time.time()), "model": model}


def _delta(delta: dict[str, str], ending: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": ending}


def _ending(event: GenerationEnded | None) -> str:
    return ENDINGS.get(event.stopped_by, "stop") if event else "stop"


def _usage(event: GenerationEnded | None) -> dict[str, int]:
    read, written = (event.prompt_tokens, event.tokens) if event else (0, 0)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _bad(why: str) -> AppError:
    return UserCanFix("endpoint.bad_request", f"This request cannot be answered: {why}.", remedy="Correct the request.")
