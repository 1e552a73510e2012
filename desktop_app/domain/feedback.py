"""What a person said about answers, as pure values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desktop_app.domain.messages import Message

Source = Literal["rating", "edit", "pick", "signal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingExample:
    """One thing that a person taught: `answer` to `prompt` was liked or not.

    `feedback_id` names what it came from: when that is withdrawn, everything learned from it goes. `prompt` is what the
    model was asked, instructions included, the question last. `weight` is in (0, 1]. `rather_than` is the answer that
    `answer` was preferred to (the original of an edit, the loser of a pick), "" when there was none; only liked
    examples have one. `created_at` is in seconds since the epoch.
    """

    feedback_id: str
    conversation_id: str
    answer_id: str
    prompt: tuple[Message, ...]
    answer: str
    liked: bool
    weight: float
    source: Source
    created_at: float
    rather_than: str = ""
