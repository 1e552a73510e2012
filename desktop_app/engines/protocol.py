"""The typed messages between the application and an engine child: msgpack frames over a pipe.

A frame is `Call`, `Cancel`, `Aside`, `Item`, `Ended` or `Failed`. Arguments and values are plain values or dataclasses
from the list below; anything else is refused on both sides, so a child can never make the parent build an
arbitrary object.
"""

from __future__ import annotations

from typing import Any

import msgspec

from desktop_app.domain import audio, generation, messages, pictures, training

_VALUES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        audio.Audio,
        audio.EarBlock,
        audio.Span,
        audio.Transcript,
        generation.AnswerScore,
        generation.GenerationEnded,
        generation.ModelAbilities,
        generation.ModelRequest,
        generation.PromptProgress,
        generation.TextDelta,
        messages.Message,
        messages.Picture,
        pictures.Evidence,
        training.TrainingEnded,
        training.TrainingJob,
        training.TrainingPaused,
        training.TrainingProgress,
    )
}
_PLAIN = (str, bytes, int, float, bool, type(None))
_MOST_BYTES = 512 * 1024 * 1024


class Value(msgspec.Struct, frozen=True):
    """One argument or result: `kind` names a listed dataclass, "" is a plain value, "*" a tuple of values."""

    kind: str
    body: msgspec.Raw


class Call(msgspec.Struct, tag="call", frozen=True):
    """Run `method`; answer with any number of `Item`s and one `Ended` or `Failed`."""

    id: int
    method: str
    args: list[Value]
    options: dict[str, Value]


class Cancel(msgspec.Struct, tag="cancel", frozen=True):
    """The caller of call `id` no longer wants its answer."""

    id: int


class Aside(msgspec.Struct, tag="aside", frozen=True):
    """Run `method` at once, beside the running call; nothing is answered."""

    method: str


class Item(msgspec.Struct, tag="item", frozen=True):
    id: int
    value: Value


class Ended(msgspec.Struct, tag="ended", frozen=True):
    """The call is over; `value` is what the method returned (None for a stream)."""

    id: int
    value: Value


class Failed(msgspec.Struct, tag="failed", frozen=True):
    """The call is over with an AppError, or with `kind` "Cancelled"."""

    id: int
    kind: str
    code: str = ""
    message: str = ""
    remedy: str = ""
    detail: str = ""


Frame = Call | Cancel | Aside | Item | Ended | Failed

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)


def pack(value: Any) -> Value:
    """Raises TypeError for a value that may not cross."""
    name = type(value).__name__
    if _VALUES.get(name) is type(value):
        return Value(name, msgspec.Raw(_encoder.encode(value)))
    if isinstance(value, tuple):
        return Value("*", msgspec.Raw(_encoder.encode([pack(each) for each in value])))
    if isinstance(value, _PLAIN):
        return Value("", msgspec.Raw(_encoder.encode(value)))
    raise TypeError(f"{name} may not cross to an engine child")


def unpack(value: Value) -> Any:
    """Raises msgspec.DecodeError or KeyError for a value that may not cross."""
    if value.kind == "":
        return msgspec.msgpack.decode(value.body)
    if value.kind == "*":
        return tuple(unpack(each) for each in msgspec.msgpack.decode(value.body, type=list[Value]))
    return msgspec.msgpack.decode(value.body, type=_VALUES[value.kind])


def encode(frame: Frame) -> bytes:
    return _encoder.encode(frame)


def decode(raw: bytes) -> Frame:
    """Raises msgspec.DecodeError for anything that is not a frame."""
    if len(raw) > _MOST_BYTES:
        raise msgspec.DecodeError("frame too large")
    frame: Frame = _decoder.decode(raw)
    return frame
