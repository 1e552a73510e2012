"""What a person said about answers, as pure values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from desktop_app.domain.conversations import Provenance
from desktop_app.domain.events import Timings
from desktop_app.domain.messages import Message

Source = Literal["rating", "edit", "pick", "signal", "teacher"]
ReasonKind = Literal[
    "wrong", "too_long", "too_short", "tone", "not_asked", "unsafe", "misread_picture", "misheard", "custom"
]
REASON_KINDS: tuple[ReasonKind, ...] = get_args(ReasonKind)
SignalKind = Literal["copied", "stopped", "regenerated", "reasked", "edited_prompt", "interrupted"]
SIGNAL_KINDS: tuple[SignalKind, ...] = get_args(SignalKind)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an answer was rated so. `words` are the person's own, for `kind` "custom" only."""

    kind: ReasonKind
    words: str = ""

    @property
    def text(self) -> str:
        """As the command line and exported files write it."""
        return self.words if self.kind == "custom" else self.kind


def reason_from(text: str) -> Reason:
    """The inverse of `Reason.text`: a known kind, or words of one's own."""
    plain = " ".join(text.split())
    named = plain.lower().replace(" ", "_").replace("-", "_")
    known = next((kind for kind in REASON_KINDS if kind == named and kind != "custom"), None)
    return Reason(kind=known) if known else Reason(kind="custom", words=plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What every kind says: about which answer to which question, when, and what had made that answer.

    An imported one belongs to no conversation here: `conversation_id` and `answer_id` are "".
    """

    id: str
    conversation_id: str
    answer_id: str
    question: str
    answer: str
    created_at: float
    changed_at: float
    provenance: Provenance = field(default_factory=Provenance)
    timings: Timings = field(default_factory=Timings)

    @property
    def imported(self) -> bool:
        return not self.answer_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating(Opinion):
    """Thumb, reasons, comment and the better answer, whichever were given. There is one for an answer at most.

    `liked` is None while only something better was written; `better` is "" while nothing was.
    """

    liked: bool | None
    reasons: tuple[Reason, ...] = ()
    comment: str = ""
    better: str = ""

    @property
    def says_something(self) -> bool:
        return self.liked is not None or bool(self.reasons or self.comment or self.better)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick(Opinion):
    """`answer` was chosen and `worse` was not; both answer the same question."""

    worse_id: str
    worse: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal(Opinion):
    """Something the person did with an answer, not something they said. Kept only with their consent."""

    kind: SignalKind


AnyOpinion = Rating | Pick | Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionFilter:
    """Which opinions to list; what is None or "" does not matter. `words` must all occur somewhere in the texts."""

    kind: Literal["rating", "pick", "signal"] | None = None
    liked: bool | None = None
    reason: ReasonKind | None = None
    edited: bool | None = None
    words: str = ""

    def lets_through(self, opinion: AnyOpinion) -> bool:
        if self.kind is not None and self.kind != kind_of(opinion):
            return False
        rating = opinion if isinstance(opinion, Rating) else None
        if self.liked is not None and (rating is None or rating.liked is not self.liked):
            return False
        if self.reason is not None and (rating is None or self.reason not in [each.kind for each in rating.reasons]):
            return False
        if self.edited is not None and bool(rating and rating.better) is not self.edited:
            return False
        texts = "\n".join(texts_of(opinion)).casefold()
        return all(word in texts for word in self.words.casefold().split())


def kind_of(opinion: AnyOpinion) -> Literal["rating", "pick", "signal"]:
    return "rating" if isinstance(opinion, Rating) else "pick" if isinstance(opinion, Pick) else "signal"


def texts_of(opinion: AnyOpinion) -> tuple[str, ...]:
    """Everything in it that a person or a model wrote."""
    common = (opinion.question, opinion.answer)
    if isinstance(opinion, Rating):
        return (*common, opinion.comment, opinion.better, *(reason.words for reason in opinion.reasons))
    return (*common, opinion.worse) if isinstance(opinion, Pick) else common
