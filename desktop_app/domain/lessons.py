"""What a larger model wrote for a smaller one to learn from, as pure values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """The teacher's `answer` to the question that `answer_id` answers; only ids of the person's words are kept.

    `student_sha256` is the model that is to learn. `created_at` is in seconds since the epoch.
    """

    id: str
    conversation_id: str
    answer_id: str
    answer: str
    teacher: str
    teacher_sha256: str
    student_sha256: str
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonsProgress:
    """`done` of `total` questions have a lesson."""

    done: int
    total: int
