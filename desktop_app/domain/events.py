"""What happened during a turn. Past tense, frozen, each with its `turn_id`; observers watch, nobody changes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from desktop_app.domain.generation import StoppedBy
from desktop_app.domain.pictures import Evidence
from desktop_app.domain.turn_taking_values import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """One turn in numbers: milliseconds and tokens. A value that was not measured is None."""

    load_ms: float | None = None
    first_token_ms: float | None = None
    total_ms: float | None = None
    prompt_tokens: int | None = None
    reused_tokens: int | None = None
    tokens: int | None = None
    tokens_per_second: float | None = None
    transcribe_ms: float | None = None
    first_audio_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEvent:
    turn_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStarted(TurnEvent):
    """Question and (empty) answer are stored."""

    conversation_id: str
    question_id: str
    answer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLoading(TurnEvent):
    """The model is not in memory yet; the turn waits for it."""

    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRead(TurnEvent):
    """The picture reader looked at one picture, because the model has no eyes."""

    sha256: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFitted(TurnEvent):
    """The prompt that will be read. Messages before `first_kept_id` are beyond the model's memory."""

    prompt_tokens: int
    context_tokens: int
    first_kept_id: str | None = None
    dropped_messages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptAdvanced(TurnEvent):
    """`done` of `total` prompt tokens are read."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAdded(TurnEvent):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFinished(TurnEvent):
    """The answer is stored, whole or partial; `stopped_by` says which."""

    answer_id: str
    stopped_by: StoppedBy
    timings: Timings = field(default_factory=Timings)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFailed(TurnEvent):
    """The turn ended with an error; what was written of the answer is stored."""

    answer_id: str
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechTranscribed(TurnEvent):
    """What the person said, as heard. Empty text means: nothing that can be trusted was heard.

    `language` is "" where it was not asked for.
    """

    text: str
    language: str
    transcribe_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceSpoken(TurnEvent):
    """A sentence of the answer has been synthesised and handed to the speaker (or the file)."""

    text: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencePlayed(TurnEvent):
    """A sentence has been heard to its end."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkPhaseChanged(TurnEvent):
    """Who has the floor in a hands-free conversation, for the display; see `turn_taking_values.Phase`."""

    phase: Phase
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesChanged(TurnEvent):
    """What a hands-free conversation hears and speaks with now.

    A `muted` microphone is closed. While one is `gone` the conversation waits for it, for the reason that is told.
    """

    microphone: Literal["open", "muted", "gone"]
    speaker: Literal["open", "gone"] = "open"
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted(TurnEvent):
    """The person began to speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEnded(TurnEvent):
    """The person stopped; whether the turn is over is not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialTranscript(TurnEvent):
    """What was understood so far, while the person speaks."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstToken(TurnEvent):
    """The model has begun to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAudio(TurnEvent):
    """The answer begins to be heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted(TurnEvent):
    """The person took the floor. `spoken` is what was heard of the answer, and all that is kept of it."""

    spoken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseInterruption(TurnEvent):
    """A cough, a nod in words: the answer goes on where it was paused."""


TalkEvent = (
    TalkPhaseChanged
    | DevicesChanged
    | SpeechStarted
    | SpeechEnded
    | PartialTranscript
    | FirstToken
    | FirstAudio
    | Interrupted
    | FalseInterruption
)
"""What happens only in a hands-free conversation, beside the events of its turns."""

Event = (
    TurnStarted
    | ModelLoading
    | PictureRead
    | PromptFitted
    | PromptAdvanced
    | TextAdded
    | TurnFinished
    | TurnFailed
    | SpeechTranscribed
    | SentenceSpoken
    | SentencePlayed
    | TalkEvent
)
