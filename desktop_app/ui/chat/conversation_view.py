"""The conversation on screen: keeps the transcript in step with the presenter and carries out what messages want."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QStackedLayout, QWidget

from desktop_app.domain.conversations import Conversation, StoredMessage, TranscriptPage
from desktop_app.domain.events import PictureRead, PromptFitted
from desktop_app.domain.messages import Picture
from desktop_app.errors import AppError
from desktop_app.ui.announce import announce
from desktop_app.ui.chat.announcer import ChatAnnouncer
from desktop_app.ui.chat.answer import AnswerView
from desktop_app.ui.chat.empty_state import EmptyState
from desktop_app.ui.chat.going_on import GoingOnView, asks_to_go_on, request_to_go_on
from desktop_app.ui.chat.highlighting import CodeColours
from desktop_app.ui.chat.links import ask_to_open
from desktop_app.ui.chat.message import MessageView
from desktop_app.ui.chat.pictures import Thumbnail
from desktop_app.ui.chat.presenter import PENDING, ChatPresenter
from desktop_app.ui.chat.question import QuestionView
from desktop_app.ui.chat.transcript import Transcript
from desktop_app.ui.chat.turn import CRASHED, Phase, TurnOpened
from desktop_app.ui.notices import Notices
from desktop_app.ui.theme import Theme
from desktop_app.ui.voice.narration import Narration
from desktop_app.ui.widgets import wear

PICTURE_UNITS = 48
NO_MODEL = "models.missing"


class ConversationView(QWidget):
    """Transcript or empty state, and the way back down. `use_changed(used tokens, total tokens)`;
    `models_wanted()`: an answer lacks a model; `edit_sent()`: a changed question is asked; `answer_made(AnswerView)`:
    an answer has a widget now; `question_edited(id)`: this one is asked in other words."""

    use_changed = Signal(object, object)
    answer_made = Signal(object)
    question_edited = Signal(str)
    models_wanted = Signal()
    edit_sent = Signal()

    def __init__(
        self,
        presenter: ChatPresenter,
        narration: Narration,
        colours: CodeColours,
        make_thumbnail: Callable[[Picture, int], Thumbnail],
        theme: Theme,
        notices: Notices,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._narration = narration
        self._colours = colours
        self._make_thumbnail = make_thumbnail
        self._theme = theme
        self._notices = notices
        self._announcer = ChatAnnouncer(self)
        self._heard = False
        self.transcript = Transcript(theme, self._make_message, self)
        self.empty = EmptyState(theme, self)
        self.jump = QPushButton(self.tr("Jump to latest"), self)
        self._build()
        self._connect()

    # -- for actions ---------------------------------------------------------------------------------------------

    @property
    def last_answer(self) -> AnswerView | None:
        current = self.transcript.current
        if isinstance(current, AnswerView) and current.has_focus_inside():
            return current
        view = self.transcript.last("assistant")
        return view if isinstance(view, AnswerView) else None

    def edit_last(self) -> None:
        asked = (view for view in reversed(self.transcript.messages) if isinstance(view, QuestionView))
        if view := next(asked, None):
            self.transcript.show_widget(view)
            self._edit(view)

    def deed(self, id_: str) -> None:
        """Do something with the current answer, as if its button had been pressed."""
        if view := self.last_answer:
            view.want(id_)

    def jump_to_latest(self) -> None:
        self.transcript.show_latest()

    def set_heard(self, heard: bool) -> None:
        """Answers are heard now: a screen reader does not say them as well."""
        self._heard = heard
        self._announcer.answers = not heard

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.transcript)
        self.jump.setProperty("kind", "jump")
        wear(self.jump, self._theme, "arrow-down", steps=4)
        self.jump.clicked.connect(self.jump_to_latest)
        self.jump.hide()

    def _connect(self) -> None:
        presenter, transcript = self._presenter, self.transcript
        transcript.earlier_wanted.connect(presenter.load_earlier)
        transcript.away_changed.connect(self._show_jump)
        presenter.opened.connect(self._on_opened)
        presenter.found.connect(self._on_found)
        presenter.earlier.connect(transcript.add_earlier)
        presenter.path_changed.connect(self._on_path_changed)
        presenter.question_sent.connect(self._on_question_sent)
        presenter.question_landed.connect(self._on_question_landed)
        presenter.turn_opened.connect(self._on_turn_opened)
        presenter.phase_changed.connect(self._on_phase)
        presenter.fitted.connect(self._on_fitted)
        presenter.picture_read.connect(self._on_picture_read)
        presenter.text_added.connect(self._on_text)
        presenter.turn_closed.connect(self._on_turn_closed)
        presenter.answer_failed.connect(self._on_failed)
        self._narration.changed.connect(self._on_reading)

    def _make_message(self, message: StoredMessage) -> MessageView:
        view: MessageView
        if asks_to_go_on(message):
            view = GoingOnView(message, self._theme)
        elif message.role == "user":
            view = QuestionView(message, self._theme, lambda picture: self._make_thumbnail(picture, PICTURE_UNITS))
            view.edited.connect(self._ask_edited)
        else:
            view = AnswerView(message, self._theme, self._colours)
            view.set_speaking(message.id == self._narration.reading)
            self._catch_up(view)
            self.answer_made.emit(view)
        view.intent.connect(self._on_intent)
        view.link_wanted.connect(self._on_link)
        return view

    def _catch_up(self, view: AnswerView) -> None:
        """A running answer has more words than the last stored ones."""
        text = self._presenter.written(view.message.id)
        if text is not None and text.startswith(view.text):
            view.say(text[len(view.text) :])

    # -- what the presenter says ---------------------------------------------------------------------------------

    def _on_opened(self, conversation: Conversation | None, page: TranscriptPage) -> None:
        if page.messages:
            self._stack.setCurrentWidget(self.transcript)
        self.transcript.show_page(page)
        self._show_surface()
        self._show_use(page)
        if conversation is not None and conversation.title:
            self._announcer.say(self.tr("Conversation opened"))

    def _on_found(self, page: TranscriptPage, message_id: str) -> None:
        self._stack.setCurrentWidget(self.transcript)
        self.transcript.show_around(page, message_id)
        self._show_surface()
        self._show_use(page)

    def _on_path_changed(self, page: TranscriptPage, keep_id: str) -> None:
        self.transcript.show_path(page, keep_id)
        self._show_use(page)
        if view := self.transcript.view_of(keep_id):
            words = self.tr("Version {at} of {of}")
            self._announcer.say(words.format(at=view.message.sibling + 1, of=view.message.siblings))

    def _on_question_sent(self, question: StoredMessage) -> None:
        self.transcript.show_pending(question)
        self._show_surface()

    def _on_question_landed(self, pending_id: str) -> None:
        self.transcript.drop(pending_id)
        self._show_surface()

    def _on_turn_opened(self, opened: TurnOpened) -> None:
        self.transcript.open_turn(opened.question, opened.answer)
        self._show_surface()
        self._announcer.begin_answer()
        self._notices.withdraw(CRASHED)

    def _on_phase(self, phase: Phase) -> None:
        turn = self._presenter.shown_turn
        view = self.transcript.view_of(turn.answer_id) if turn else None
        if isinstance(view, AnswerView):
            view.show_phase(phase)
            if view.status and phase.doing in ("loading", "looking"):
                self._announcer.say(view.status.sentence)

    def _on_fitted(self, fitted: PromptFitted) -> None:
        self.use_changed.emit(fitted.prompt_tokens, fitted.context_tokens)
        self.transcript.show_memory_edge(fitted.first_kept_id if fitted.dropped_messages else None)

    def _on_picture_read(self, event: PictureRead) -> None:
        turn = self._presenter.shown_turn
        view = self.transcript.view_of(turn.answer_id) if turn else None
        if isinstance(view, AnswerView):
            view.show_evidence(event.sha256, event.evidence)

    def _on_text(self, answer_id: str, text: str) -> None:
        view = self.transcript.view_of(answer_id)
        if isinstance(view, AnswerView):
            view.say(text)
        self._announcer.add_text(text)

    def _on_turn_closed(self, answer: StoredMessage) -> None:
        self.transcript.settle(answer)
        used = (answer.timings.prompt_tokens or 0) + (answer.timings.tokens or 0)
        if used and answer.provenance.context_tokens:
            self.use_changed.emit(used, answer.provenance.context_tokens)
        self._announcer.end_answer(answer.stopped_by)

    def _on_failed(self, error: AppError, answer_id: str) -> None:
        """A failed answer says so in its place; a crashed engine, and what has no place, become a notice."""
        if error.code == CRASHED:
            restart = None if self._heard else lambda: self._restart(answer_id)  # by voice one simply asks again
            self._notices.error(error, retry=restart, retry_title=self.tr("Restart"))
        elif not answer_id:
            self._notices.error(error)
        view = self.transcript.view_of(answer_id) if answer_id else None
        if isinstance(view, AnswerView):
            failed = replace(view.message, status="failed", parts=(view.text,)) if view.is_live else view.message
            lacks_model = error.code == NO_MODEL
            words = error.message if error.code == CRASHED or lacks_model else f"{error.message} {error.remedy}"
            view.settle(failed, words, lacks_model=lacks_model)
        self._announcer.say(error.message)

    def _restart(self, answer_id: str) -> None:
        """Start the engine again, and answer again what it left open."""

        def go_on() -> None:
            if answer_id:
                self._presenter.regenerate(answer_id)

        self._presenter.restart_engine(go_on)

    def _on_reading(self, answer_id: str) -> None:
        for view in self.transcript.messages:
            if isinstance(view, AnswerView):
                view.set_speaking(view.message.id == answer_id)

    # -- what messages want --------------------------------------------------------------------------------------

    def _on_intent(self, id_: str, message_id: str) -> None:
        view = self.transcript.view_of(message_id)
        if view is None:
            return
        deeds: dict[str, Callable[[], object]] = {
            "copy": lambda: announce(self, self.tr("Copied")),
            "edit": lambda: self._edit(view),
            "read": lambda: self._read(message_id, view.message.text),
            "regenerate": lambda: self._presenter.regenerate(message_id),
            "continue": lambda: self._presenter.send(request_to_go_on(view.message.text)),
            "fetch": self.models_wanted.emit,
            "flip_back": lambda: self._presenter.flip(message_id, -1),
            "flip_on": lambda: self._presenter.flip(message_id, 1),
        }
        if deed := deeds.get(id_):
            deed()

    def _edit(self, view: MessageView) -> None:
        if isinstance(view, QuestionView) and not view.message.id.startswith(PENDING):
            view.edit()

    def _ask_edited(self, question_id: str, text: str) -> None:
        self.question_edited.emit(question_id)
        self._presenter.edit(question_id, text)
        self.edit_sent.emit()

    def _read(self, answer_id: str, text: str) -> None:
        if self._narration.reading == answer_id:
            self._narration.stop()
        else:
            self._narration.read(answer_id, text)

    def _on_link(self, address: str) -> None:
        if ask_to_open(address, self) is None:
            self._notices.info(self.tr("Stonechat opens web and mail addresses only."))

    # -- surface -------------------------------------------------------------------------------------------------

    def _show_surface(self) -> None:
        self._stack.setCurrentWidget(self.empty if self.transcript.is_empty else self.transcript)
        self._show_jump()

    def _show_use(self, page: TranscriptPage) -> None:
        answers = [m for m in page.messages if m.role == "assistant" and m.provenance.context_tokens]
        if not answers:
            self.use_changed.emit(None, None)
            self.transcript.show_memory_edge(None)
            return
        last = answers[-1]
        used = (last.timings.prompt_tokens or last.provenance.prompt_tokens or 0) + (last.timings.tokens or 0)
        self.use_changed.emit(used, last.provenance.context_tokens)
        self.transcript.show_memory_edge(last.provenance.first_kept_id)

    def _show_jump(self) -> None:
        self.jump.setVisible(self.transcript.is_away and self._stack.currentWidget() is self.transcript)
        self.jump.raise_()
        self._place_jump()

    def _place_jump(self) -> None:
        self.jump.adjustSize()
        low = self.height() - self.jump.height() - self._theme.space(3)
        self.jump.move((self.width() - self.jump.width()) // 2, low)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_jump()
