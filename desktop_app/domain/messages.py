"""What is said: messages made of text and pictures. Pure values; ids and storage live elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as accepted by `services/attachments.py`: upright, flattened, without metadata.

    `sha256` names the stored PNG; `width` and `height` are its pixels; `name` is what the person called the file.
    """

    sha256: str
    width: int
    height: int
    name: str = "picture"


Part = str | Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: parts in the order in which they are read."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The text parts, a blank line between them."""
        return "\n\n".join(part for part in self.parts if isinstance(part, str))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(part for part in self.parts if isinstance(part, Picture))


def said(role: Role, text: str, pictures: tuple[Picture, ...] = ()) -> Message:
    """A message of pictures followed by text."""
    return Message(role=role, parts=(*pictures, text) if text else tuple(pictures))
