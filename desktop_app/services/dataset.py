"""What would be learned from, for the person to see before anything begins, and the snapshot that is learned from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from desktop_app.domain.dataset import Dataset, Readiness, question, snapshot
from desktop_app.domain.feedback import TrainingExample
from desktop_app.errors import UserCanFix

MOST_SHOWN = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedItem:
    """One opinion that would be used, in a line: can be left out by its `feedback_id`."""

    feedback_id: str
    source: str
    liked: bool
    question: str
    answer: str
    held_out: bool


class DatasetService:
    def __init__(self, examples: Callable[[], Iterable[TrainingExample]]) -> None:
        self._examples = examples

    def snapshot(self, removed: frozenset[str] = frozenset()) -> Dataset:
        return snapshot(self._examples(), removed=removed)

    def planned(self, removed: frozenset[str] = frozenset()) -> tuple[PlannedItem, ...]:
        """Every opinion that would be used, newest first."""
        data = self.snapshot(removed)
        items: dict[str, PlannedItem] = {}
        for held_out, examples in ((False, data.train), (True, data.held_out)):
            for each in examples:
                items[each.feedback_id] = PlannedItem(
                    feedback_id=each.feedback_id,
                    source=each.source,
                    liked=each.liked,
                    question=_line(question(each)),
                    answer=_line(each.answer),
                    held_out=held_out,
                )
        return tuple(items[name] for name in sorted(items, reverse=True))


def counts(data: Dataset) -> dict[str, int]:
    """Opinions by source."""
    sources = {each.feedback_id: each.source for each in (*data.train, *data.held_out)}
    return dict(Counter(sources.values()))


def characters(data: Dataset) -> int:
    """Of everything that is learned from, questions included."""
    return sum(
        min(1000, sum(len(message.text) for message in each.prompt)) + len(each.answer) + len(each.rather_than)
        for each in data.train
    )


def missing_sentence(readiness: Readiness) -> str:
    """What is wanting, in a sentence; "" when nothing is."""
    if readiness.missing:
        return f"{readiness.missing} more rated answers are needed."
    wanting = [
        f"{count} more {kind}"
        for count, kind in ((readiness.missing_liked, "liked"), (readiness.missing_disliked, "disliked"))
        if count
    ]
    return (
        f"{' and '.join(wanting)} answers are needed: without both, there is nothing to tell apart." if wanting else ""
    )


def check_ready(data: Dataset, *, force_small: bool) -> None:
    """Raises UserCanFix("personalize.too_few")."""
    enough = bool(data.train and data.held_out) if force_small else data.readiness.ready
    if not enough:
        raise UserCanFix(
            "personalize.too_few",
            missing_sentence(data.readiness) or "There are too few rated answers to learn from.",
            remedy="Rate more answers with a thumb up or down, or write better ones.",
        )


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_SHOWN else line[: MOST_SHOWN - 1] + "…"
