"""Conversations as they are kept: a tree of messages, of which one path is shown. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from desktop_app.domain.events import Timings
from desktop_app.domain.generation import StoppedBy
from desktop_app.domain.messages import Part, Picture, Role
from desktop_app.domain.pictures import Evidence

Status = Literal["streaming", "done", "interrupted", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """`head_id` is the last message of the path that is shown. Times are seconds since the epoch."""

    id: str
    title: str
    created_at: float
    updated_at: float
    head_id: str | None = None
    deleted_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What made an answer: shown under "Why this answer" and printed by `ask --json`.

    `instructions` is what the model was told before the conversation, `rules` about the person among it; `examples`
    are the ids of opinions whose answers were shown to it, `rewritten` of answers it read as the person wrote them.
    """

    model: str = ""
    model_sha256: str = ""
    adapter: str = ""
    seed: int | None = None
    temperature: float | None = None
    prompt_tokens: int | None = None
    context_tokens: int | None = None
    first_kept_id: str | None = None
    seen_by: str = ""
    evidence: dict[str, Evidence] = field(default_factory=dict)
    instructions: str = ""
    rules: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message in its place: parent, siblings (`sibling` of `siblings`, counted from 0), state, provenance.

    `status` "streaming" belongs to a live writer; a dead writer's answer reads "interrupted".
    `spoken` marks a question that was said, not typed.
    """

    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    parts: tuple[Part, ...]
    status: Status
    created_at: float
    stopped_by: StoppedBy | None = None
    spoken: bool = False
    provenance: Provenance = field(default_factory=Provenance)
    timings: Timings = field(default_factory=Timings)
    sibling: int = 0
    siblings: int = 1

    @property
    def text(self) -> str:
        return "\n\n".join(part for part in self.parts if isinstance(part, str))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(part for part in self.parts if isinstance(part, Picture))


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptPage:
    """A stretch of the shown path, oldest first."""

    messages: tuple[StoredMessage, ...]
    has_earlier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A message that holds the words. `marks` are (start, end) of the words inside `snippet`."""

    conversation_id: str
    message_id: str
    title: str
    snippet: str
    marks: tuple[tuple[int, int], ...]
    created_at: float
