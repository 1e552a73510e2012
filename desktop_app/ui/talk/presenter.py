"""A hands-free conversation, without widgets: opens it, says what it does, ends it.

Its turns are followed by the chat like typed ones. What blocks runs in the voice lane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.events import DevicesChanged, TalkPhaseChanged, TurnStarted
from desktop_app.domain.messages import Picture
from desktop_app.domain.turn_taking_values import Phase
from desktop_app.errors import AppError
from desktop_app.ports import CancelToken
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.chat.turn import TurnClosed, TurnOpened
from desktop_app.ui.jobs import Job, Lanes
from desktop_app.ui.talk.captions import Captions
from desktop_app.ui.talk.line import Line, SpokenTurn
from desktop_app.ui.talk.state import ANSWERING, TalkState, state_of

if TYPE_CHECKING:
    from desktop_app.services.history import History
    from desktop_app.services.talk import TalkService
    from desktop_app.ui.chat.presenter import ChatPresenter


class TalkPresenter(QObject):
    """`active_changed(bool)`: the person wants to talk, or not any more; the service follows when it can.

    `state_changed(TalkState)`, `captions_changed(what you said, what it says)`, `asked(pictures of a question)` once
    the question is stored; `failed(AppError)`: the conversation could not begin or has broken off;
    `stumbled(AppError)`: it goes on. `level_changed(0..1)`: how loud it is at the microphone.
    `language_changed(code)`: of what was heard. `happened(event)`: everything that the service tells.
    """

    active_changed = Signal(bool)
    state_changed = Signal(object)
    captions_changed = Signal(str, str)
    asked = Signal(object)
    failed = Signal(object)
    stumbled = Signal(object)
    level_changed = Signal(float)
    language_changed = Signal(str)
    happened = Signal(object)

    def __init__(
        self, talk: TalkService, history: History, lanes: Lanes, chat: ChatPresenter, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._talk = talk
        self._history = history
        self._lanes = lanes
        self._chat = chat
        self._stage: Literal["idle", "opening", "open", "leaving"] = "idle"
        self._opening: Job | None = None
        self._line: Line | None = None
        self._turns: dict[str, SpokenTurn] = {}
        self._captions = Captions()
        self._pictures: tuple[Picture, ...] = ()
        self._phase: Phase = "quiet"
        self._devices: DevicesChanged | None = None
        self.active = False
        self.state = TalkState()

    # -- what the person can do ----------------------------------------------------------------------------------

    def start(self) -> None:
        if not self.active:
            self._captions = Captions()
            self.captions_changed.emit("", "")
            self._phase, self._devices = "quiet", None
            self._enter(TalkState())
            self._set_active(True)
            if self._stage == "idle":
                self._open()

    def leave(self) -> None:
        """Out of sight at once, silent as soon as the service can."""
        if self.active:
            self._set_active(False)
            if self._stage == "open":
                self._close()
            elif self._opening is not None:
                self._opening.cancel()

    def toggle(self) -> None:
        if self.active:
            self.leave()
        else:
            self.start()

    def mute(self, muted: bool) -> None:
        """While it still opens this is kept for later."""
        if self.active and muted != self.state.muted:
            opening = self.state.doing == "opening"
            self._enter(TalkState(muted=muted) if opening else self._state(muted))
            if self._stage == "open":
                self._talk.mute(muted)

    @property
    def can_hush(self) -> bool:
        return self.active and self.state.doing in ANSWERING

    @property
    def introduces(self) -> bool:
        """Whether the conversation begins with what one talks with, aloud."""
        return self._talk.introduces

    def hush(self) -> None:
        """Silence the answer; the conversation goes on."""
        if self.can_hush and self._stage == "open":
            self._talk.hush()

    def show(self, pictures: tuple[Picture, ...]) -> None:
        """They go with the next question."""
        if pictures != self._pictures:
            self._pictures = pictures
            if self._stage == "open":
                self._talk.show(pictures)

    def close_down(self) -> None:
        """The window goes, and with it the lanes: what is open is left here, before them."""
        opened = self._stage == "open"
        self._stage = "leaving" if opened else self._stage
        self.leave()
        if opened:
            self._talk.leave()
        self._end_turns()

    @property
    def in_turn(self) -> bool:
        """Whether a spoken turn is under way."""
        return bool(self._turns)

    # -- the service ---------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self._stage = "opening"
        line, talk, conversation_id = Line(self._history, self), self._talk, self._chat.current_id
        line.heard.connect(self._on_heard)
        line.ended.connect(self._on_ended)
        line.level.connect(self._on_level)
        self._line = line

        def start(cancel: CancelToken) -> None:
            talk.start(
                line.say,
                line.hang_up,
                conversation_id=conversation_id,
                introduce=True,
                on_level=line.loudness,
                cancel=cancel,
            )
            if cancel.cancelled:
                talk.leave()
                cancel.raise_if_cancelled()

        job = self._lanes.job("voice", start)
        job.finished.connect(while_alive(self, lambda _: self._on_opened()))
        job.cancelled.connect(while_alive(self, self._on_idle))
        job.failed.connect(while_alive(self, self._on_refused))
        self._opening = job
        job.start()

    def _on_opened(self) -> None:
        self._stage, self._opening = "open", None
        if not self.active:
            self._close()
            return
        if self.state.muted:
            self._talk.mute(True)
        if self._pictures:
            self._talk.show(self._pictures)
        if self.state.doing == "opening":
            self._enter(self._state(self.state.muted))

    def _on_refused(self, error: AppError) -> None:
        if self.active:
            self._set_active(False)
            self.failed.emit(error)
        self._on_idle()

    def _close(self) -> None:
        self._stage = "leaving"
        talk = self._talk
        job = self._lanes.job("voice", lambda _: talk.leave())
        job.finished.connect(while_alive(self, lambda _: self._on_idle()))
        job.cancelled.connect(while_alive(self, self._on_idle))
        job.failed.connect(while_alive(self, lambda _: self._on_idle()))
        job.start()

    def _on_idle(self) -> None:
        """The service rests; the person may have come back meanwhile."""
        self._stage, self._opening = "idle", None
        self._end_turns()
        if self._line is not None:
            self._line.heard.disconnect(self._on_heard)
            self._line.ended.disconnect(self._on_ended)
            self._line.level.disconnect(self._on_level)
            self._line.deleteLater()
            self._line = None
        if self.active:
            self._open()

    # -- what the service says -----------------------------------------------------------------------------------

    def _on_ended(self, error: AppError | None) -> None:
        """By itself: the microphone is gone, or a child could not be started again."""
        if self.active and self._stage != "leaving":
            self.leave()
            if error is not None:
                self.failed.emit(error)

    def _on_heard(self, turn_id: str, item: object) -> None:
        self.happened.emit(item)
        if isinstance(item, TalkPhaseChanged) and self.active:
            self._phase = item.phase
            self._enter(self._state(item.muted))
        elif isinstance(item, DevicesChanged) and self.active:
            self._devices = item
            if self.state.doing != "opening":
                self._enter(self._state(self.state.muted))
        elif isinstance(item, TurnStarted) and self.active:
            self._begin_turn(turn_id)
        self._pass_on(turn_id, item)
        if self._captions.take(item):
            self.captions_changed.emit(self._captions.you, self._captions.it)
            self.language_changed.emit(self._captions.language)
        if isinstance(item, TurnOpened):
            self.asked.emit(item.question.pictures)

    def _begin_turn(self, turn_id: str) -> None:
        turn = SpokenTurn(self.leave)
        self._turns[turn_id] = turn
        self._chat.follow(turn)

    def _pass_on(self, turn_id: str, item: object) -> None:
        turn = self._turns.get(turn_id)
        if isinstance(item, AppError):
            self._turns.pop(turn_id, None)
            (turn.failed if turn else self.stumbled).emit(item)
        elif turn is not None:
            turn.event.emit(item)
            if isinstance(item, TurnClosed):
                self._turns.pop(turn_id).finished.emit(None)
        elif isinstance(item, TurnClosed):
            self._chat.show_again(item.answer)

    def _end_turns(self) -> None:
        while self._turns:
            self._turns.popitem()[1].finished.emit(None)

    # -- inside --------------------------------------------------------------------------------------------------

    def _state(self, muted: bool) -> TalkState:
        return state_of(self._phase, muted=muted, devices=self._devices)

    def _on_level(self, level: float) -> None:
        if self.active:
            self.level_changed.emit(level)

    def _enter(self, state: TalkState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)

    def _set_active(self, active: bool) -> None:
        self.active = active
        self.active_changed.emit(active)
