"""From what a person said about answers to what is learned from: deduplicated, split, counted.

Pure: the same examples always give the same data set, whatever the order in which they come. Their weights come with
them: trust and age are the feedback's business.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from desktop_app.domain.feedback import TrainingExample

LEAST_EFFECTIVE = 30.0
LEAST_OF_RARER = 8
MOST_EXAMPLES = 500
HELD_OUT_SHARE = 0.25
LEAST_HELD_OUT = 10
LEAST_OF_EACH_HELD_OUT = 3
TRUST = {"rating": 1.0, "edit": 1.0, "pick": 0.7, "teacher": 0.5}
"""What an opinion counts towards `LEAST_EFFECTIVE`; a signal counts its weight."""
_WEIGHT_STEP = 0.05
_SURE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether there is enough to learn from. `effective` is the sum of the weights; `missing*` say what is wanting."""

    effective: float
    liked: int
    disliked: int

    @property
    def missing(self) -> int:
        return max(0, math.ceil(LEAST_EFFECTIVE - self.effective - _SURE))

    @property
    def missing_liked(self) -> int:
        return max(0, LEAST_OF_RARER - self.liked)

    @property
    def missing_disliked(self) -> int:
        return max(0, LEAST_OF_RARER - self.disliked)

    @property
    def ready(self) -> bool:
        return not (self.missing or self.missing_liked or self.missing_disliked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """`train` is learned from, `held_out` only judges."""

    train: tuple[TrainingExample, ...]
    held_out: tuple[TrainingExample, ...]
    readiness: Readiness

    @property
    def learned_from(self) -> tuple[str, ...]:
        return _ids(self.train)

    @property
    def judged_on(self) -> tuple[str, ...]:
        return _ids(self.held_out)

    @property
    def fingerprint(self) -> str:
        """Names exactly this data: ids, texts, labels and the split."""
        digest = hashlib.sha256()
        for name, examples in (("train", self.train), ("held out", self.held_out)):
            for each in examples:
                prompt = [(message.role, message.text) for message in each.prompt]
                digest.update(
                    repr((name, each.feedback_id, prompt, each.answer, each.liked, each.rather_than)).encode()
                )
        return digest.hexdigest()


def snapshot(
    examples: Iterable[TrainingExample], *, removed: frozenset[str] = frozenset(), most: int = MOST_EXAMPLES
) -> Dataset:
    """What would be learned now, without the feedback ids in `removed`."""
    kept = _newest([each for each in examples if each.feedback_id not in removed and each.answer.strip()])[:most]
    steady = tuple(_steady(each) for each in kept)
    train, held_out = split(steady)
    return Dataset(train=train, held_out=held_out, readiness=readiness(steady))


def readiness(examples: Sequence[TrainingExample]) -> Readiness:
    """Each opinion counts once, whatever its age. A pair (an edit, a pick) says what is liked and what is not."""
    trust: dict[str, float] = {}
    for each in examples:
        trust[each.feedback_id] = max(trust.get(each.feedback_id, 0.0), TRUST.get(each.source, each.weight))
    return Readiness(
        effective=sum(trust.values()),
        liked=sum(each.liked for each in examples),
        disliked=sum(not each.liked or bool(each.rather_than) for each in examples),
    )


def split(examples: Sequence[TrainingExample]) -> tuple[tuple[TrainingExample, ...], tuple[TrainingExample, ...]]:
    """(train, held out): the newest conversations are held out whole, with everything that asks the same.

    Held out are a quarter and at least ten, and some of both kinds where there are any; never more than half.
    """
    groups = sorted(_groups(examples), key=lambda group: (-max(e.created_at for e in group), _hash(group)))
    wanted = max(LEAST_HELD_OUT, round(len(examples) * HELD_OUT_SHARE))
    room = len(examples) // 2
    held: list[TrainingExample] = []
    for group in groups:
        if len(held) + len(group) > room:
            continue
        if len(held) < wanted or _adds_what_lacks(held, group):
            held.extend(group)
    out = {id(each) for each in held}
    newest_last = sorted(examples, key=_order)
    return (
        tuple(each for each in newest_last if id(each) not in out),
        tuple(each for each in newest_last if id(each) in out),
    )


def same_words(text: str) -> str:
    """The text without what makes no difference: case, spaces, punctuation at the ends."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(" .!?,;:")


def question(example: TrainingExample) -> str:
    """The last thing that the person asked."""
    return next((m.text for m in reversed(example.prompt) if m.role == "user"), "")


def _newest(examples: Sequence[TrainingExample]) -> list[TrainingExample]:
    """Newest first. Of several that say something about the same answer to the same question, the newest counts."""
    found: dict[tuple[str, str], TrainingExample] = {}
    for each in sorted(examples, key=_order):
        key = (same_words(question(each)), each.answer.strip())
        found.pop(key, None)
        found[key] = each
    return list(reversed(found.values()))


def _steady(example: TrainingExample) -> TrainingExample:
    """With a rounded weight, so that a training that goes on an hour later is still the same one."""
    return replace(example, weight=max(_WEIGHT_STEP, round(example.weight / _WEIGHT_STEP) * _WEIGHT_STEP))


def _groups(examples: Sequence[TrainingExample]) -> list[list[TrainingExample]]:
    """Conversations; those that share a question are one. A conversation with more than a quarter is taken apart."""
    sizes: dict[str, int] = {}
    for each in examples:
        sizes[each.conversation_id] = sizes.get(each.conversation_id, 0) + 1
    large = {name for name, size in sizes.items() if size > max(4, len(examples) * HELD_OUT_SHARE)}
    leader: dict[str, str] = {}

    def root(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    def home(example: TrainingExample) -> str:
        asked = f"q:{same_words(question(example))}"
        alone = not example.conversation_id or example.conversation_id in large
        return asked if alone else f"c:{example.conversation_id}"

    for each in examples:
        leader[root(home(each))] = root(f"q:{same_words(question(each))}")
    groups: dict[str, list[TrainingExample]] = {}
    for each in sorted(examples, key=_order):
        groups.setdefault(root(home(each)), []).append(each)
    return list(groups.values())


def _adds_what_lacks(held: Sequence[TrainingExample], group: Sequence[TrainingExample]) -> bool:
    return any(
        sum(e.liked is kind for e in held) < LEAST_OF_EACH_HELD_OUT and any(e.liked is kind for e in group)
        for kind in (True, False)
    )


def _hash(group: Sequence[TrainingExample]) -> str:
    return hashlib.sha256(min(each.feedback_id for each in group).encode()).hexdigest()


def _ids(examples: Iterable[TrainingExample]) -> tuple[str, ...]:
    return tuple(sorted({each.feedback_id for each in examples}))


_order = attrgetter("created_at", "feedback_id", "answer", "liked")
