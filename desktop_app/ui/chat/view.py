"""The chat surface: the conversation above, the composer below, one drop target over both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.messages import Picture
from desktop_app.services.hearing_lessons import learn
from desktop_app.settings import Settings
from desktop_app.ui.actions import ActionRegistry
from desktop_app.ui.chat.chat_actions import register
from desktop_app.ui.chat.column_area import column_side
from desktop_app.ui.chat.composer import Composer
from desktop_app.ui.chat.composer_text import pictures_in
from desktop_app.ui.chat.composing import Composing
from desktop_app.ui.chat.conversation_view import ConversationView
from desktop_app.ui.chat.highlighting import CodeColours
from desktop_app.ui.chat.picture_intake import PictureIntake
from desktop_app.ui.chat.pictures import Thumbnail
from desktop_app.ui.chat.presenter import ChatPresenter
from desktop_app.ui.chat.reading_ahead import ReadingAhead
from desktop_app.ui.chat.screenshot import can_take_screenshot
from desktop_app.ui.chat.turn import TurnOpened
from desktop_app.ui.feedback.presenter import RatingPresenter
from desktop_app.ui.feedback.under_answers import UnderAnswers
from desktop_app.ui.jobs import Lanes
from desktop_app.ui.notices import Notices
from desktop_app.ui.talk.hands_free import HandsFree
from desktop_app.ui.talk.presenter import TalkPresenter
from desktop_app.ui.talk.view import TalkView
from desktop_app.ui.theme import Theme
from desktop_app.ui.voice.narration import Narration
from desktop_app.ui.voice.presenter import VoicePresenter
from desktop_app.ui.widgets import label

if TYPE_CHECKING:
    from desktop_app.services.services import Services

CHIP_PICTURE_UNITS = 11
TIGHT_STEPS = 90


class ChatView(QWidget):
    """`conversation_changed(id)`: created, or something in it changed. `busy_changed(bool)`: an answer is written."""

    conversation_changed = Signal(str)
    busy_changed = Signal(bool)

    def __init__(
        self,
        services: Services,
        lanes: Lanes,
        theme: Theme,
        actions: ActionRegistry,
        notices: Notices,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._notices = notices
        self._lanes = lanes
        self._theme = theme
        self._actions = actions
        self._stale = False
        self.presenter = ChatPresenter(services, lanes, self)
        self.narration = Narration(services.voice, lanes, self)
        self.voice = VoicePresenter(services.voice, lanes, self)
        self.conversation = ConversationView(
            self.presenter, self.narration, CodeColours(lanes, theme, self), self._thumbnail, theme, notices, self
        )
        self.composer = Composer(theme, lambda picture: self._thumbnail(picture, CHIP_PICTURE_UNITS), self)
        self.talk = TalkPresenter(services.talk, services.history, lanes, self.presenter, self)
        self._intake = PictureIntake(services.attachments, lanes, self)
        self.composing = Composing(
            self.composer,
            self.presenter,
            self._intake,
            self.voice,
            self.narration,
            notices,
            lambda: services.preferences.current,
            self._learn,
            self,
        )
        self.hands_free = HandsFree(
            self.talk,
            TalkView(theme, self.composer),
            self.presenter,
            self.composer,
            self.composing,
            self.conversation,
            self.narration,
            notices,
            self,
        )
        self.ratings = RatingPresenter(services, lanes, self)
        self.under_answers = UnderAnswers(
            self.ratings,
            self.presenter,
            self.conversation,
            theme,
            notices,
            lambda: self.hands_free.active,
            lambda: actions.run("page.learned"),
            self,
        )
        self.reading_ahead = ReadingAhead(services, lanes, self.presenter, self.composer, self)
        self._card: QWidget | None = None
        self._build()
        self._connect(notices)
        register(actions, self)
        self.composer.set_menu(self._attach_menu())

    # -- for the window ------------------------------------------------------------------------------------------

    @property
    def current_id(self) -> str | None:
        return self.presenter.current_id

    def open(self, conversation_id: str | None, message_id: str = "") -> None:
        """Show a conversation, or a new one for None; with `message_id` the place of that message on its shown path."""
        self._leave()
        self.composing.turn_to(conversation_id)
        self.presenter.open(conversation_id, message_id)

    def focus_composer(self) -> None:
        """To where one speaks or writes."""
        if self.hands_free.active:
            self.hands_free.focus()
        else:
            self.composer.text.setFocus()

    def show_card(self, card: QWidget | None) -> None:
        """A small question above the composer; None takes the one that is there away."""
        if self._card is not None:
            self._low.removeWidget(self._card)
            self._card.hide()
            self._card.deleteLater()
        self._card = card
        if card is not None:
            self._low.insertWidget(0, card)
            card.show()

    @property
    def idle(self) -> bool:
        """Nothing is written, said, heard or read here, and nothing waits to be sent."""
        talks = self.hands_free.active or self.composing.is_talking or bool(self.narration.reading)
        return not (talks or self.presenter.busy or self.composer.text.toPlainText().strip())

    def close_down(self) -> None:
        """Silence and stop before the window goes."""
        self._unwatch()
        self.talk.close_down()
        self.narration.stop()
        self.voice.discard()
        self.reading_ahead.stop()
        self.presenter.stop()

    # -- for the actions -----------------------------------------------------------------------------------------

    def has_messages(self) -> bool:
        return not self.conversation.transcript.is_empty

    def has_answer(self) -> bool:
        return self.conversation.last_answer is not None

    def write(self) -> None:
        self.hands_free.type_instead()

    def can_stop(self) -> bool:
        talks = (self.hands_free.active and self.isVisible()) or self.composing.is_talking
        return talks or self.presenter.busy or bool(self.narration.reading)

    def stop(self) -> None:
        """Escape: the talking first, then the answer and the voice."""
        if self.hands_free.active:
            self.hands_free.stop()
            return
        if self.composing.is_talking:
            self.composing.cancel_talk()
            return
        self.narration.stop()
        self.presenter.stop()

    def focus_messages(self) -> None:
        self.conversation.transcript.focus_message()

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setProperty("kind", "chat")
        self.setAcceptDrops(True)
        self._caution = label(
            self.tr("Stonechat is an AI and can be wrong. Check what matters."), kind="caution", parent=self
        )
        self._caution.setAlignment(self._caution.alignment().AlignCenter)
        self._caution.setWordWrap(True)
        self._low = QVBoxLayout()
        self._low.setSpacing(self._theme.space(2))
        self._low.addWidget(self.composer)
        self._low.addWidget(self._caution)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.conversation, 1)
        column.addLayout(self._low)

    def _connect(self, notices: Notices) -> None:
        presenter, empty = self.presenter, self.conversation.empty
        presenter.conversation_changed.connect(self.conversation_changed)
        presenter.busy_changed.connect(self._on_busy)
        presenter.opened.connect(lambda *_: self._actions.refresh())
        presenter.path_changed.connect(lambda *_: self._actions.refresh())
        presenter.failed.connect(notices.error)
        self.narration.failed.connect(notices.error)
        self.narration.changed.connect(lambda _: self._actions.refresh())
        self.voice.state_changed.connect(lambda _: self._actions.refresh())
        self.conversation.use_changed.connect(self.composer.meter.show_use)
        self.conversation.models_wanted.connect(lambda: self._actions.run("window.models"))
        self.conversation.edit_sent.connect(self.focus_composer)
        self.composer.stop_wanted.connect(self.stop)
        self.composer.hands_free_wanted.connect(lambda: self._actions.run("voice.hands_free"))
        self.talk.active_changed.connect(self._on_talking)
        self.composer.text.edit_last_wanted.connect(self.conversation.edit_last)
        empty.suggested.connect(self._suggest)
        empty.picture_wanted.connect(self.composing.choose_files)
        empty.talk_wanted.connect(self.composing.toggle_talk)
        self._read_while_written()
        self._theme.changed.connect(self._refresh_theme)
        self._apply(self._services.preferences.current)
        self._unwatch = self._services.preferences.watch(self._apply)

    def _read_while_written(self) -> None:
        """The setting "Read answers aloud"."""
        presenter, narration = self.presenter, self.narration

        def opened(event: TurnOpened) -> None:
            self._actions.refresh()
            self._keep_sound(event.question)
            if self._services.preferences.current.read_aloud and not self.hands_free.active:
                narration.begin(event.answer.id)

        presenter.turn_opened.connect(opened)
        presenter.text_added.connect(narration.feed)
        presenter.turn_closed.connect(lambda answer: narration.finish(answer.id))
        presenter.answer_failed.connect(lambda _error, answer_id: narration.finish(answer_id))

    def _attach_menu(self) -> QMenu:
        menu = QMenu(self)
        for id_ in ("chat.attach", "chat.paste_picture", "chat.screenshot"):
            if id_ != "chat.screenshot" or can_take_screenshot():
                menu.addAction(self._actions.qaction(id_, self))
        return menu

    def _learn(self, heard: str, meant: str) -> None:
        """Tell the recogniser the names that were corrected, and the person that it was told."""
        preferences = self._services.preferences
        job = self._lanes.job("io", lambda _: learn(preferences, heard, meant))
        job.finished.connect(self._on_learned)
        job.failed.connect(self._notices.error)
        job.start()

    def _keep_sound(self, question: StoredMessage) -> None:
        """Of a question that was spoken by the button, where the person wants that."""
        sound = self.composing.sound_of_question()
        if sound is not None:
            recordings = self._services.recordings
            job = self._lanes.job("io", lambda _: recordings.keep(question.id, question.conversation_id, sound))
            job.failed.connect(self._notices.error)
            job.start()

    def _on_learned(self, words: tuple[str, ...]) -> None:
        if words:
            said = self.tr("From now on I listen for: %1. The list is under Settings, Voice.")
            self._notices.info(said.replace("%1", ", ".join(words)))

    def _thumbnail(self, picture: Picture, units: int) -> Thumbnail:
        side = self._theme.space(units)
        return Thumbnail(picture, self._services.attachments, self._lanes, self._theme, side=side)

    # -- events --------------------------------------------------------------------------------------------------

    def _leave(self) -> None:
        self.talk.leave()
        self.narration.stop()
        if self.composing.is_talking:
            self.composing.cancel_talk()

    def _on_busy(self, busy: bool) -> None:
        self.composer.set_busy(busy)
        self._actions.refresh()
        self.busy_changed.emit(busy)

    def _on_talking(self, _active: bool) -> None:
        self._actions.refresh()
        self._place_low()

    def _suggest(self, text: str) -> None:
        self.composer.set_words(text)
        self.write()

    def _apply(self, settings: Settings) -> None:
        self.composer.set_send_on_enter(settings.send_on_enter)
        self.hands_free.show_recording(settings.keep_recordings)

    def _refresh_theme(self) -> None:
        """The messages are made anew when somebody looks: the settings must not wait for what they hide."""
        self._stale = not self.isVisible()
        if not self._stale:
            self.conversation.transcript.rebuild()
        self._place_low()

    def _place_low(self) -> None:
        """Where it is very low the voice surface needs the room: it has said that it is an AI."""
        tight = self.hands_free.active and self.height() < self._theme.icon_size(TIGHT_STEPS)
        self._caution.setVisible(not tight)
        side = column_side(self._theme, self.width())
        self._low.setContentsMargins(side, 0, side, self._theme.space(3))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_low()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._actions.refresh()
        if self._stale:
            self._refresh_theme()

    def hideEvent(self, event: QHideEvent) -> None:
        """On another page Escape does not end what goes on here."""
        super().hideEvent(event)
        self._actions.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if pictures_in(event.mimeData()) is not None or event.mimeData().hasText():
            event.acceptProposedAction()
            self.composer.set_drop(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self.composer.set_drop(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.composer.set_drop(False)
        brought = pictures_in(event.mimeData())
        if brought is not None:
            self.composing.bring(brought)
        else:
            self.composer.add_words(event.mimeData().text())
        event.acceptProposedAction()
