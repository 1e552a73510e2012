"""Talking without hands, wired into the chat: the surface in the composer's place, its pictures, who may be heard."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from desktop_app.domain.messages import Picture
from desktop_app.errors import AppError
from desktop_app.ui.chat.announcer import ChatAnnouncer
from desktop_app.ui.chat.composer import Composer
from desktop_app.ui.chat.composing import Composing
from desktop_app.ui.chat.conversation_view import ConversationView
from desktop_app.ui.chat.presenter import ChatPresenter
from desktop_app.ui.notices import Notices
from desktop_app.ui.talk.presenter import TalkPresenter
from desktop_app.ui.talk.state import TalkState, hint, word
from desktop_app.ui.talk.view import TalkView
from desktop_app.ui.voice.narration import Narration


class HandsFree(QObject):
    """One voice at a time: whatever else wants the model, the microphone or the speaker ends the conversation by voice,
    and its beginning ends the others.
    """

    def __init__(
        self,
        talk: TalkPresenter,
        view: TalkView,
        chat: ChatPresenter,
        composer: Composer,
        composing: Composing,
        conversation: ConversationView,
        narration: Narration,
        notices: Notices,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._talk = talk
        self._view = view
        self._chat = chat
        self._composer = composer
        self._composing = composing
        self._conversation = conversation
        self._narration = narration
        self._notices = notices
        self._announcer = ChatAnnouncer(view)
        self._state = TalkState()
        self._told = ""
        self._connect()

    @property
    def active(self) -> bool:
        return self._talk.active

    def toggle(self) -> None:
        self._talk.toggle()

    def leave(self) -> None:
        self._talk.leave()

    def toggle_mute(self) -> None:
        self._talk.mute(not self._talk.state.muted)

    @property
    def can_hush(self) -> bool:
        return self._talk.can_hush

    def hush(self) -> None:
        self._talk.hush()

    def stop(self) -> None:
        """Escape: the answer first, then the conversation."""
        if self.can_hush:
            self.hush()
        else:
            self.leave()

    def show_recording(self, on: bool) -> None:
        self._view.show_recording(on)

    def focus(self) -> None:
        self._view.mute.setFocus()

    def type_instead(self) -> None:
        self._talk.leave()
        self._composer.text.setFocus()

    # -- what happens --------------------------------------------------------------------------------------------

    def _on_active(self, active: bool) -> None:
        if active:
            self._notices.withdraw(self._told)
            self._silence_others()
        had_focus = self._view.isAncestorOf(QApplication.focusWidget() or self._composer)
        self._conversation.set_heard(active)
        self._composer.show_panel(active)
        self._composer.tray.set_compact(active and self._view.tight)
        if active:
            self._view.begin()
            if not self._talk.introduces:  # else it is heard, and not said twice
                self._announcer.say(self._view.opening_words)
            self._show_pictures()
        else:
            if had_focus:
                self._composer.text.setFocus()
            self._announcer.say(self.tr("The conversation by voice has ended"))

    def _silence_others(self) -> None:
        self._narration.stop()
        self._composing.cancel_talk()
        self._chat.stop()

    def _on_state(self, state: TalkState) -> None:
        before, self._state = self._state, state
        self._view.show_state(state)
        if not self._talk.active:
            return
        if state.doing != before.doing:
            self._announcer.say(f"{word(state.doing)}. {hint(state)}" if state.missing else word(state.doing))
        elif state.muted != before.muted:
            self._announcer.say(self.tr("Muted") if state.muted else self.tr("Microphone on"))

    def _on_failed(self, error: AppError) -> None:
        self._told = error.code
        self._notices.error(error, retry=self._talk.start)

    def _on_busy(self, busy: bool) -> None:
        """A question that was typed, or an answer that is asked for again."""
        if busy and not self._talk.in_turn:
            self._talk.leave()

    def _on_reading(self, answer_id: str) -> None:
        if answer_id:
            self._talk.leave()

    def _on_put_away(self) -> None:
        """Another page is shown: nobody is listened to whom nothing tells so."""
        self._talk.mute(True)

    # -- pictures ------------------------------------------------------------------------------------------------

    def _show_pictures(self) -> None:
        if self._talk.active:
            self._talk.show(self._composer.tray.pictures)

    def _on_asked(self, pictures: tuple[Picture, ...]) -> None:
        self._composer.tray.release(pictures)

    # -- wires ---------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        talk, view = self._talk, self._view
        self._composer.set_panel(view, view.tab_stops)
        talk.active_changed.connect(self._on_active)
        talk.state_changed.connect(self._on_state)
        talk.captions_changed.connect(view.show_captions)
        talk.language_changed.connect(view.captions.show_language)
        talk.level_changed.connect(view.meter.show_level)
        talk.asked.connect(self._on_asked)
        talk.failed.connect(self._on_failed)
        talk.stumbled.connect(self._notices.error)
        view.mute_wanted.connect(self.toggle_mute)
        view.type_wanted.connect(self.type_instead)
        view.leave_wanted.connect(talk.leave)
        view.put_away.connect(self._on_put_away)
        view.tight_changed.connect(lambda tight: self._composer.tray.set_compact(tight and self._talk.active))
        self._chat.busy_changed.connect(self._on_busy)
        self._narration.changed.connect(self._on_reading)
        self._composer.tray.changed.connect(self._show_pictures)
