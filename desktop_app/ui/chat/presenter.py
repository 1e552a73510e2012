"""What the chat does, without widgets: asks, answers again, edits, stops; one turn at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, SignalInstance

from desktop_app.domain.conversations import Conversation, StoredMessage, TranscriptPage
from desktop_app.domain.events import Event
from desktop_app.domain.messages import Picture
from desktop_app.ports import CancelToken
from desktop_app.ui.chat.path_presenter import PathPresenter
from desktop_app.ui.chat.turn import Phase, Turn, TurnClosed, TurnOpened, followed
from desktop_app.ui.jobs import Job, Lanes

if TYPE_CHECKING:
    from desktop_app.services.services import Services

PENDING = "pending"
Asking = Callable[[CancelToken], Iterator[Event]]


class ChatPresenter(PathPresenter):
    """Runs turns and says what they do, for the conversation that is shown.

    `question_sent(StoredMessage that is not stored yet)` and `question_landed(its id)` when it is stored or never will
    be, then `question_refused(conversation id, text, pictures)`; `turn_opened(TurnOpened)`, `text_added(answer id,
    text)`, `turn_closed(StoredMessage)`, `answer_failed(AppError, answer id or "")`; `asked_again(whether the question
    was changed)`. A turn goes on when the person
    turns to another conversation; it is only silent here.
    """

    question_sent = Signal(object)
    question_landed = Signal(str)
    question_refused = Signal(str, str, object)
    turn_opened = Signal(object)
    phase_changed = Signal(object)
    fitted = Signal(object)
    picture_read = Signal(object)
    text_added = Signal(str, str)
    turn_closed = Signal(object)
    answer_failed = Signal(object, str)
    asked_again = Signal(bool)
    busy_changed = Signal(bool)
    conversation_changed = Signal(str)

    def __init__(self, services: Services, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(services, lanes, parent)
        self._turns: list[Turn] = []
        self._busy = False
        self._warmed = False
        self._asked = 0

    # -- what can be asked for -----------------------------------------------------------------------------------

    def send(self, text: str, pictures: Sequence[Picture] = (), *, spoken: bool = False) -> None:
        """Ask. A running turn is stopped first; the question shows at once and is stored by the turn."""
        chat, conversation_id, kept = self._services.chat, self.current_id, tuple(pictures)

        def ask(cancel: CancelToken) -> Iterator[Event]:
            return chat.ask(text, conversation_id=conversation_id, pictures=kept, spoken=spoken, cancel=cancel)

        turn = self._begin(ask)
        self._asked += 1
        waiting = _not_stored_yet(f"{PENDING}{self._asked}", text, kept, spoken=spoken)
        turn.opened.connect(lambda _: self.question_landed.emit(waiting.id))
        turn.ended.connect(lambda: self._give_back(turn, waiting))
        self.question_sent.emit(waiting)
        turn.start()

    def regenerate(self, answer_id: str) -> None:
        """Another answer to the same question; the first one is kept."""
        chat = self._services.chat
        self._begin(lambda cancel: chat.regenerate(answer_id, cancel=cancel)).start()
        self.asked_again.emit(False)

    def edit(self, question_id: str, text: str) -> None:
        """Ask the changed question; the first one and its answers are kept as a branch."""
        chat = self._services.chat
        self._begin(lambda cancel: chat.edit(question_id, text, cancel=cancel)).start()
        self.asked_again.emit(True)

    def stop(self) -> None:
        for turn in self._turns:
            turn.stop()

    def follow(self, job: Job) -> None:
        """Show a turn of the shown conversation that somebody else runs, like one of ours."""
        self._follow(job).start()

    def show_again(self, answer: StoredMessage) -> None:
        """An answer that had ended is stored otherwise now."""
        if answer.conversation_id == self.current_id:
            self.turn_closed.emit(answer)

    def restart_engine(self, then: Callable[[], None]) -> None:
        """Start a crashed engine again, then do `then`."""
        chat = self._services.chat
        self._run("model", lambda _: chat.restart(), lambda _: then())

    def warm_up(self) -> None:
        """Load the model while the person is still typing. Done once; a failure shows when it matters."""
        if not self._warmed:
            self._warmed = True
            chat = self._services.chat
            self._lanes.job("model", lambda _: chat.warm_up()).start()

    # -- what is known -------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return self._busy

    @property
    def shown_turn(self) -> Turn | None:
        """The newest turn of the conversation that is shown, while it has not ended."""
        return next((turn for turn in reversed(self._turns) if self._shows(turn)), None)

    def written(self, answer_id: str) -> str | None:
        """What a running answer holds by now; None when it is not running."""
        return next((turn.text for turn in self._turns if turn.answer_id == answer_id and turn.running), None)

    # -- turns ---------------------------------------------------------------------------------------------------

    def _show_opened(self, conversation: Conversation | None, page: TranscriptPage) -> None:
        super()._show_opened(conversation, page)
        turn = self.shown_turn
        if turn is not None and turn.running and turn.answer_id:
            self.phase_changed.emit(turn.phase)

    def _begin(self, asking: Asking) -> Turn:
        self.stop()
        history = self._services.history
        return self._follow(self._lanes.job("model", lambda cancel: followed(asking(cancel), history)))

    def _follow(self, job: Job) -> Turn:
        turn = Turn(job, conversation_id=self.current_id or "", visit=self._visit, parent=self)
        turn.opened.connect(lambda event: self._on_opened(turn, event))
        turn.phase_changed.connect(lambda phase: self._relay(turn, self.phase_changed, phase))
        turn.fitted.connect(lambda event: self._relay(turn, self.fitted, event))
        turn.picture_read.connect(lambda event: self._relay(turn, self.picture_read, event))
        turn.text_added.connect(lambda text: self._relay(turn, self.text_added, turn.answer_id, text))
        turn.closed.connect(lambda event: self._on_closed(turn, event))
        turn.failed.connect(lambda error: self.answer_failed.emit(error, turn.answer_id))
        turn.ended.connect(lambda: self._forget(turn))
        self._turns.append(turn)
        self._set_busy()
        return turn

    def _shows(self, turn: Turn) -> bool:
        return turn.conversation_id == self.current_id if turn.conversation_id else turn.visit == self._visit

    def _relay(self, turn: Turn, signal: SignalInstance, *values: object) -> None:
        if self._shows(turn):
            signal.emit(*values)

    def _on_opened(self, turn: Turn, opened: TurnOpened) -> None:
        if turn.visit == self._visit:
            self.current_id = turn.conversation_id
        self._relay(turn, self.turn_opened, opened)
        self.conversation_changed.emit(turn.conversation_id)

    def _on_closed(self, turn: Turn, closed: TurnClosed) -> None:
        self._relay(turn, self.turn_closed, closed.answer)
        self.conversation_changed.emit(turn.conversation_id)
        self._set_busy()

    def _give_back(self, turn: Turn, waiting: StoredMessage) -> None:
        if turn.refused:
            self.question_landed.emit(waiting.id)
            self.question_refused.emit(turn.conversation_id, waiting.text, waiting.pictures)

    def _forget(self, turn: Turn) -> None:
        self._turns.remove(turn)
        self._relay(turn, self.phase_changed, Phase(doing="ended"))
        self._set_busy()
        turn.deleteLater()

    def _set_busy(self) -> None:
        busy = any(turn.running for turn in self._turns)
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)


def _not_stored_yet(id_: str, text: str, pictures: tuple[Picture, ...], *, spoken: bool) -> StoredMessage:
    return StoredMessage(
        id=id_,
        conversation_id="",
        parent_id=None,
        role="user",
        parts=(*pictures, text) if text else pictures,
        status="done",
        created_at=0.0,
        spoken=spoken,
    )
