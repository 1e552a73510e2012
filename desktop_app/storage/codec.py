"""Values to columns and back. Unknown fields are ignored; a value that cannot be read becomes its default."""

from __future__ import annotations

import logging
import re
from typing import Any, TypeVar

import msgspec

from desktop_app.domain.messages import Part, Picture

_log = logging.getLogger(__name__)
_SURROGATE = re.compile("[\ud800-\udfff]")
_parts = msgspec.json.Decoder(tuple[str | Picture, ...])

Kind = TypeVar("Kind")


def clean(text: str) -> str:
    """The text with what UTF-8 cannot hold (half a character) replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def encode(value: Any) -> str:
    """JSON of a value made of dataclasses, tuples, dicts and plain values."""
    try:
        return msgspec.json.encode(value).decode("utf-8")
    except UnicodeEncodeError:
        return msgspec.json.encode(_cleaned(msgspec.to_builtins(value))).decode("utf-8")


def encode_unless_default(value: Any) -> str | None:
    """None for a dataclass that says nothing: most rows hold none of it."""
    return None if value == type(value)() else encode(value)


def decode(raw: str | None, kind: type[Kind]) -> Kind:
    """The `kind` (a dataclass that can be made without arguments) that `encode` wrote."""
    found = decode_or_none(raw, kind)
    return kind() if found is None else found


def decode_or_none(raw: str | None, kind: type[Kind]) -> Kind | None:
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.MsgspecError:
        _log.warning("a stored %s could not be read", kind.__name__)
        return None


def decode_list(raw: str | None, kind: type[Kind]) -> tuple[Kind, ...]:
    """The values that `encode` wrote of a tuple of them; none when they cannot be read."""
    if raw is None:
        return ()
    try:
        return tuple(msgspec.json.decode(raw, type=tuple[kind, ...]))  # type: ignore[valid-type]
    except msgspec.MsgspecError:
        _log.warning("stored values of %s could not be read", kind.__name__)
        return ()


def encode_parts(parts: tuple[Part, ...]) -> str | None:
    """None when the parts are just the message's text, which has a column of its own."""
    return None if all(isinstance(part, str) for part in parts) and len(parts) == 1 else encode(parts)


def decode_parts(raw: str | None, text: str) -> tuple[Part, ...]:
    if raw is None:
        return (text,) if text else ()
    try:
        return _parts.decode(raw)
    except msgspec.MsgspecError:
        _log.warning("the parts of a stored message could not be read")
        return (text,) if text else ()


def text_of(parts: tuple[Part, ...]) -> str:
    return "\n\n".join(part for part in parts if isinstance(part, str))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(each) for key, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list | tuple) else value
