"""Liked answers as examples for the next one: the one or two most like the question, within a token budget."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.domain.feedback import AnyOpinion, Pick, Rating
from desktop_app.domain.messages import Message, said
from desktop_app.domain.rules import tokens_of
from desktop_app.domain.similarity import Similarity

EXAMPLE_TOKENS = 150
"""What all examples together may cost in a prompt."""
MOST_EXAMPLES = 2
SECOND_SHARE = 0.5
"""A second example must be at least this share as similar as the first."""
STAY_SHARE = 0.6
"""Examples that the model has read already stay while they are at least this share as similar as the best."""
_EDITED, _LIKED = 1.0, 0.5
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LikedAnswer:
    """`id` is the opinion's; `edited`: the person wrote it, which says more than a thumb."""

    id: str
    conversation_id: str
    question: str
    answer: str
    edited: bool = False

    @property
    def tokens(self) -> int:
        return tokens_of(self.question) + tokens_of(self.answer)


def liked_answers(opinions: Sequence[AnyOpinion]) -> tuple[LikedAnswer, ...]:
    """The better answer where one was written, else what was liked or picked; oldest first, one for a question."""
    found: dict[str, LikedAnswer] = {}
    for opinion in opinions:
        edited = isinstance(opinion, Rating) and bool(opinion.better)
        if edited or isinstance(opinion, Pick) or (isinstance(opinion, Rating) and opinion.liked):
            known = found.get(opinion.question)
            if opinion.question.strip() and not (known and known.edited and not edited):
                found.pop(opinion.question, None)
                answer = opinion.better if isinstance(opinion, Rating) and edited else opinion.answer
                found[opinion.question] = LikedAnswer(
                    id=opinion.id,
                    conversation_id=opinion.conversation_id,
                    question=opinion.question,
                    answer=answer,
                    edited=edited,
                )
    return tuple(found.values())


class Examples:
    """The liked answers, ready to be looked through."""

    def __init__(self, liked: Sequence[LikedAnswer]) -> None:
        usable = (_shortened(each) for each in liked)
        self._liked = [each for each in usable if each is not None]
        self._index = Similarity([each.question for each in self._liked])

    def for_question(
        self, question: str, *, conversation_id: str = "", read_already: tuple[str, ...] = ()
    ) -> tuple[LikedAnswer, ...]:
        """The best first. Answers of the conversation itself stand in it anyway.

        With nothing similar the newest answer that the person wrote is shown: it says how they like to be answered.
        """
        ranked = sorted(self._ranked(question, conversation_id), key=lambda each: -each[0])
        if not ranked:
            return ()
        best = ranked[0][0]
        scores = {each.id: score for score, each in ranked}
        if read_already and all(scores.get(each, 0.0) >= STAY_SHARE * best for each in read_already):
            return self.named(read_already)
        chosen = [each for score, each in ranked[:MOST_EXAMPLES] if score >= SECOND_SHARE * best]
        while sum(each.tokens for each in chosen) > EXAMPLE_TOKENS and len(chosen) > 1:
            chosen.pop()
        return tuple(chosen)

    def named(self, ids: tuple[str, ...]) -> tuple[LikedAnswer, ...]:
        """Those of `ids` that are still liked, in that order."""
        known = {each.id: each for each in self._liked}
        return tuple(known[id_] for id_ in ids if id_ in known)

    def _ranked(self, question: str, conversation_id: str) -> list[tuple[float, LikedAnswer]]:
        """With a score above 0: likeness, and a little for being written by the person and for being new."""
        last = len(self._liked)
        return [
            (likeness + (_EDITED if each.edited else _LIKED) * (0.5 + 0.5 * (at + 1) / last), each)
            for at, (likeness, each) in enumerate(zip(self._index.scores(question), self._liked, strict=True))
            if (each.edited or likeness > 0) and not (conversation_id and each.conversation_id == conversation_id)
        ]


def as_turns(examples: Sequence[LikedAnswer]) -> tuple[Message, ...]:
    """The best one last, next to the question."""
    return tuple(
        message
        for each in reversed(examples)
        for message in (said("user", each.question), said("assistant", each.answer))
    )


def _shortened(liked: LikedAnswer) -> LikedAnswer | None:
    """An answer cut after whole sentences; None when not even one of them fits."""
    room = EXAMPLE_TOKENS - tokens_of(liked.question)
    if tokens_of(liked.answer) <= room:
        return liked
    kept = ""
    for end in (match.start() for match in _SENTENCE_END.finditer(liked.answer)):
        if tokens_of(liked.answer[:end]) > room:
            break
        kept = liked.answer[:end]
    if not kept.strip():
        return None
    return LikedAnswer(
        id=liked.id,
        conversation_id=liked.conversation_id,
        question=liked.question,
        answer=kept.rstrip(),
        edited=liked.edited,
    )
