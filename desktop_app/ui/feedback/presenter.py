"""What can be said about the answers of the shown conversation, without widgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.examples import LikedAnswer
from desktop_app.domain.feedback import AnyOpinion, Pick, Rating, SignalKind
from desktop_app.domain.rules import Proposal
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Lanes

if TYPE_CHECKING:
    from desktop_app.services.services import Services


class RatingPresenter(QObject):
    """`changed(answer id)`: look at `rating` again. `kept(opinion)`: it was stored, and can be undone.
    `proposed(Proposal)`: what was said speaks for a rule, told once while the window is open.

    Work is done on the lane `io`; an answer's ratings are stored in the order in which they were given.
    """

    changed = Signal(str)
    kept = Signal(object)
    failed = Signal(object)
    proposed = Signal(object)
    _told = Signal()  # a change may come from any thread

    def __init__(self, services: Services, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._lanes = lanes
        self._ratings: dict[str, Rating] = {}
        self._waiting: list[Callable[[], None]] = []
        self._working = False
        self._proposed: set[str] = set()
        self.last: AnyOpinion | None = None
        self._conversation_id = ""
        self._told.connect(lambda: self.load(self._conversation_id))
        self.destroyed.connect(services.feedback.watch(self._told.emit))

    def rating(self, answer_id: str) -> Rating | None:
        return self._ratings.get(answer_id)

    @property
    def was_told(self) -> bool:
        """Whether the person has read what ratings are used for."""
        return self._services.preferences.current.rating_use_told

    def tell(self) -> None:
        """They have."""
        if not self.was_told:
            self._work(lambda: self._services.preferences.change(rating_use_told=True), lambda _: None)

    def load(self, conversation_id: str | None) -> None:
        """Get to know the ratings of a conversation, which may be changed by voice or on their page too."""
        self._conversation_id = conversation_id or ""
        if conversation_id:
            feedback = self._services.feedback
            self._work(
                lambda: feedback.of_conversation(conversation_id), lambda found: self._on_loaded(conversation_id, found)
            )

    def rate(self, answer_id: str, **said: Any) -> None:
        """`said` as for `FeedbackService.rate`."""
        self.tell()
        self._work(lambda: self._services.feedback.rate(answer_id, **said), self._on_kept)

    def prefer(self, better_id: str, worse_id: str) -> None:
        self.tell()
        self._work(lambda: self._services.feedback.prefer(better_id, worse_id), self._on_kept)

    def notice(self, answer_id: str, kind: SignalKind) -> None:
        """Something was done with an answer; kept only with consent."""
        if self._services.preferences.current.record_signals:
            self._work(lambda: self._services.feedback.signal(answer_id, kind), lambda _: None)

    def undo(self) -> None:
        """Take back what was said last."""
        if (opinion := self.last) is not None:
            self.last = None
            self._work(lambda: self._services.feedback.undo(opinion.id), lambda now: self._on_undone(opinion, now))

    def withdraw(self, rating: Rating) -> None:
        self._work(lambda: self._services.feedback.withdraw(rating.id), lambda _: self._on_undone(rating, None))

    def examples(self, ids: tuple[str, ...], then: Callable[[tuple[LikedAnswer, ...]], None]) -> None:
        """The liked answers with these ids."""
        self._work(lambda: self._services.learned.named(ids), then)

    # -- inside --------------------------------------------------------------------------------------------------

    def _on_loaded(self, conversation_id: str, opinions: tuple[AnyOpinion, ...]) -> None:
        before = {id_: each for id_, each in self._ratings.items() if each.conversation_id == conversation_id}
        now = {each.answer_id: each for each in opinions if isinstance(each, Rating)}
        for answer_id in before.keys() - now.keys():
            del self._ratings[answer_id]
        self._ratings |= now
        for answer_id in (id_ for id_ in before.keys() | now.keys() if before.get(id_) != now.get(id_)):
            self.changed.emit(answer_id)

    def _on_kept(self, opinion: AnyOpinion) -> None:
        self.last = opinion
        if isinstance(opinion, Rating):
            self._ratings[opinion.answer_id] = opinion
        self.changed.emit(opinion.answer_id)
        self.kept.emit(opinion)
        self._work(self._services.learned.proposals, self._on_proposals)

    def _on_proposals(self, proposals: tuple[Proposal, ...]) -> None:
        new = next((each for each in proposals if each.key not in self._proposed), None)
        if new is not None:
            self._proposed.add(new.key)
            self.proposed.emit(new)

    def _on_undone(self, opinion: AnyOpinion, now: AnyOpinion | None) -> None:
        if isinstance(now, Rating):
            self._ratings[now.answer_id] = now
        elif not isinstance(opinion, Pick):
            self._ratings.pop(opinion.answer_id, None)
        self.changed.emit(opinion.answer_id)

    def _work(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """One after the other, so that what was said last is what stays."""
        self._waiting.append(lambda: self._begin(work, then))
        if not self._working:
            self._next()

    def _begin(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        job = self._lanes.job("io", lambda _: work())
        job.finished.connect(while_alive(self, lambda result: self._on_done(lambda: then(result))))
        job.failed.connect(while_alive(self, lambda error: self._on_done(lambda: self.failed.emit(error))))
        job.cancelled.connect(while_alive(self, lambda: self._on_done(lambda: None)))
        job.start()

    def _on_done(self, then: Callable[[], None]) -> None:
        then()
        self._next()

    def _next(self) -> None:
        self._working = bool(self._waiting)
        if self._waiting:
            self._waiting.pop(0)()
