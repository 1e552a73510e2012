"""What the person says about answers: kept, changed, undone, withdrawn, told to those who learn from it.

Callable from any thread. What a method returned is stored durably.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.feedback import (
    AnyOpinion,
    OpinionFilter,
    Pick,
    Rating,
    Reason,
    Signal,
    SignalKind,
    TrainingExample,
)
from desktop_app.domain.learning import examples_of
from desktop_app.domain.messages import Message, said
from desktop_app.errors import UserCanFix
from desktop_app.ports import Clock
from desktop_app.services.asked import what_was_asked
from desktop_app.services.history import History
from desktop_app.services.preferences import Preferences
from desktop_app.storage import Database, opinions
from desktop_app.storage.ids import Ids

EVERYTHING = OpinionFilter()
Withdrawn = Callable[[frozenset[str]], None]
_log = logging.getLogger(__name__)


class FeedbackService:
    def __init__(self, database: Database, history: History, preferences: Preferences, clock: Clock) -> None:
        self._database = database
        self._history = history
        self._preferences = preferences
        self._clock = clock
        self._ids = Ids(clock)
        self._before: dict[str, AnyOpinion | None] = {}
        self._told: frozenset[str] = frozenset()
        self._withdrawn_watchers: list[Withdrawn] = []
        self._watchers: list[Callable[[], None]] = []
        self._lock = threading.RLock()

    # saying

    def rate(
        self,
        answer_id: str,
        *,
        liked: bool | None = None,
        reasons: Iterable[Reason] | None = None,
        comment: str | None = None,
        better: str | None = None,
    ) -> Rating:
        """Keep a rating, or change the one there is: None leaves a part as it was. `undo` takes this step back.

        A better answer that equals the answer is none. Raises UserCanFix("feedback.no_answer", "feedback.empty").
        """
        answer, question = self._answer(answer_id)
        now = self._clock.now()
        with self._lock:
            with self._database.write() as connection:
                old = opinions.rating_of(connection, answer_id)
                about = opinions.about(answer, question)
                new = old or Rating(id=self._ids.new(), liked=None, created_at=now, changed_at=now, **about)
                new = replace(
                    new,
                    liked=new.liked if liked is None else liked,
                    reasons=new.reasons if reasons is None else tuple(dict.fromkeys(reasons)),
                    comment=new.comment if comment is None else comment.strip(),
                    better=new.better if better is None else _unless_same(better, answer.text),
                    changed_at=now,
                )
                if not new.says_something:
                    raise _empty()
                opinions.save(connection, new)
            self._before[new.id] = old
        self._changed()
        if old is not None and (old.liked, old.better) != (new.liked, new.better):
            self._withdraw_told(frozenset({new.id}))
        return new

    def prefer(self, better_id: str, worse_id: str) -> Pick:
        """Of two answers to one question, this one. Raises UserCanFix("feedback.no_answer", "feedback.not_a_pair")."""
        better, question = self._answer(better_id)
        worse, _ = self._answer(worse_id)
        if worse.parent_id != better.parent_id or worse.id == better.id:
            raise UserCanFix(
                "feedback.not_a_pair",
                "These two are not answers to the same question.",
                remedy="Have a question answered twice, then choose between its answers.",
            )
        now = self._clock.now()
        with self._lock:
            with self._database.write() as connection:
                known = opinions.of_conversation(connection, better.conversation_id)
                pair = {better.id, worse.id}
                old = next((o for o in known if isinstance(o, Pick) and {o.answer_id, o.worse_id} == pair), None)
                pick = Pick(
                    id=old.id if old else self._ids.new(),
                    worse_id=worse.id,
                    worse=worse.text,
                    created_at=old.created_at if old else now,
                    changed_at=now,
                    **opinions.about(better, question),
                )
                opinions.save(connection, pick)
            self._before[pick.id] = old
        self._changed()
        if old is not None and old.answer_id != pick.answer_id:
            self._withdraw_told(frozenset({pick.id}))
        return pick

    def signal(self, answer_id: str, kind: SignalKind) -> Signal | None:
        """Remember what the person did with an answer, if they allowed that. None: they did not, or it is known."""
        if not self._preferences.current.record_signals:
            return None
        answer, question = self._answer(answer_id)
        now = self._clock.now()
        with self._database.write() as connection:
            known = opinions.of_conversation(connection, answer.conversation_id)
            if any(isinstance(o, Signal) and o.answer_id == answer_id and o.kind == kind for o in known):
                return None
            signal = Signal(
                id=self._ids.new(), kind=kind, created_at=now, changed_at=now, **opinions.about(answer, question)
            )
            opinions.save(connection, signal)
        self._changed()
        return signal

    def undo(self, opinion_id: str) -> AnyOpinion | None:
        """Take the last step back (rating, change, pick, withdrawal); what there is now, None when nothing is left.

        Steps are remembered until the application ends. Raises UserCanFix("feedback.not_found").
        """
        with self._lock, self._database.write() as connection:
            if opinion_id not in self._before:
                return opinions.find(connection, opinion_id)
            before = self._before.pop(opinion_id)
            if before is None:
                opinions.delete(connection, opinions.find(connection, opinion_id))
            else:
                opinions.save(connection, before)
        self._changed()
        self._withdraw_told(frozenset({opinion_id}))
        return before

    def withdraw(self, opinion_id: str) -> None:
        """Forget it, from backups too, and everything learned from it. Raises UserCanFix("feedback.not_found")."""
        with self._lock:
            with self._database.write() as connection:
                opinion = opinions.find(connection, opinion_id)
                opinions.delete(connection, opinion)
            self._before[opinion_id] = opinion
        self._changed()
        self._withdraw_told(frozenset({opinion_id}))

    def add_imported(self, given: Iterable[AnyOpinion]) -> int:
        """Keep opinions that come from a file. Those that are here already are left out; returns how many were new."""
        added = 0
        with self._database.write() as connection:
            known = {_content(each) for each in opinions.listing(connection)}
            for opinion in given:
                if _content(opinion) not in known:
                    known.add(_content(opinion))
                    opinions.save(connection, replace(opinion, id=self._ids.new()))
                    added += 1
        self._changed()
        return added

    # asking

    def list(self, wanted: OpinionFilter = EVERYTHING) -> tuple[AnyOpinion, ...]:
        """Newest first."""
        with self._database.read() as connection:
            found = opinions.listing(connection)
        return tuple(opinion for opinion in reversed(found) if wanted.lets_through(opinion))

    def find(self, opinion_id: str) -> AnyOpinion:
        """Raises UserCanFix("feedback.not_found")."""
        with self._database.read() as connection:
            return opinions.find(connection, opinion_id)

    def rating(self, answer_id: str) -> Rating | None:
        with self._database.read() as connection:
            return opinions.rating_of(connection, answer_id)

    def of_conversation(self, conversation_id: str) -> tuple[AnyOpinion, ...]:
        with self._database.read() as connection:
            return opinions.of_conversation(connection, conversation_id)

    # teaching

    def examples(self) -> tuple[TrainingExample, ...]:
        """Everything that can be learned from, oldest first. The examples shown to the model are not in the prompts."""
        with self._database.read() as connection:
            found = opinions.listing(connection)
        return examples_of(found, self._prompt, now=self._clock.now())

    def withdrawn(self) -> frozenset[str]:
        """Ids of all opinions that were ever taken back, or erased with their conversation."""
        with self._database.read() as connection:
            return opinions.withdrawn(connection)

    def watch_withdrawn(self, watcher: Withdrawn) -> Callable[[], None]:
        """Tell `watcher` the ids of opinions that no longer hold; returns what ends it.

        That is: withdrawn, undone, turned round, or erased. Those of earlier runs are told at once, so that nothing
        is missed when the application was killed in between; a watcher does nothing about ids that it does not know.
        """
        self._withdrawn_watchers.append(watcher)
        if earlier := self.withdrawn():
            self._told |= earlier
            watcher(earlier)

        def stop() -> None:
            if watcher in self._withdrawn_watchers:
                self._withdrawn_watchers.remove(watcher)

        return stop

    def tell_erased(self) -> None:
        """Tell the watchers what went with its conversation."""
        if new := self.withdrawn() - self._told:
            self._withdraw_told(new)
            self._changed()

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher` after every change, on the thread that made it; returns what ends it."""
        self._watchers.append(watcher)

        def stop() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return stop

    # inside

    def _answer(self, answer_id: str) -> tuple[StoredMessage, StoredMessage]:
        """An answer and its question. Raises UserCanFix."""
        answer = self._history.message(answer_id)
        if answer.role != "assistant" or answer.parent_id is None or answer.status == "streaming" or not answer.text:
            raise UserCanFix(
                "feedback.no_answer", "This is not a finished answer.", remedy="Rate an answer once it is written."
            )
        return answer, self._history.message(answer.parent_id)

    def _prompt(self, opinion: AnyOpinion) -> tuple[Message, ...]:
        """What the model was asked, from where its memory began."""
        if opinion.imported:
            return said("system", self._preferences.current.system_prompt), said("user", opinion.question)
        instructions = self._preferences.current.system_prompt
        return what_was_asked(self._history, opinion.conversation_id, opinion.answer_id, instructions)

    def _changed(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()

    def _withdraw_told(self, ids: frozenset[str]) -> None:
        self._told |= ids
        for watcher in tuple(self._withdrawn_watchers):
            try:
                watcher(ids)
            except Exception:  # noqa: BLE001  a boundary: it stays withdrawn, whatever its followers do
                _log.exception("a withdrawal could not be followed up")


def _unless_same(better: str, answer: str) -> str:
    return "" if better.strip() == answer.strip() else better.strip()


def _content(opinion: AnyOpinion) -> tuple[object, ...]:
    """What makes two opinions the same wherever they come from."""
    if isinstance(opinion, Rating):
        return ("rating", opinion.question, opinion.answer, opinion.liked, opinion.better)
    if isinstance(opinion, Pick):
        return ("pick", opinion.question, opinion.answer, opinion.worse)
    return ("signal", opinion.question, opinion.answer, opinion.kind)


def _empty() -> UserCanFix:
    return UserCanFix(
        "feedback.empty",
        "There is nothing to keep: no thumb, no reason, no comment, no better answer.",
        remedy="Say whether the answer was good, or write a better one.",
    )
