"""Watches the window for the record of use. Connects signals that are there anyway; while nothing is recorded no
event filter and no timer of it runs, and nothing that is watched keeps a word of what a person wrote."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.behaviour import changed_words
from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.events import FalseInterruption, FirstAudio, Interrupted, SpeechEnded
from desktop_app.domain.metrics import Registry
from desktop_app.errors import AppError
from desktop_app.services.usage_turns import UsageTurns
from desktop_app.services.usage_watch import CONVERSATION, UsageWatch
from desktop_app.settings import Settings, options
from desktop_app.ui.usage.heartbeat import Heartbeat
from desktop_app.ui.usage.presses import Presses

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

MOST_WORDS = 200


class UsageObserver(QObject):
    """`task_done(name)`: something was brought to a good end while recording goes on."""

    task_done = Signal(str)
    _level_changed = Signal()
    _settings_changed = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._usage = window, window.services.usage
        self.watch = UsageWatch(
            self._usage.record,
            on=lambda: self._usage.on,
            words=lambda: _words(self._usage.registry),
            task_done=lambda name: self.task_done.emit(name) if self._usage.on else None,
        )
        self.turns = UsageTurns(self.watch)
        self._presses = Presses(window, self.watch)
        self._heartbeat = Heartbeat(self.watch.stalled, self)
        self._recording = False
        self._closed: deque[str] = deque(maxlen=50)
        self._pictures = 0
        self._hits: int | None = None
        self._settings = window.services.preferences.current
        self._connect_window()
        self._connect_finding()
        self._connect_asking()
        self._connect_voice()

    def start(self) -> None:
        """Find out, beside the GUI thread, what the person allowed."""
        usage = self._usage
        job = self._window.lanes.job("io", lambda _: usage.start())
        job.finished.connect(lambda _: self._refresh())
        job.failed.connect(self._window.workspace.notices.error)
        job.start()

    def _refresh(self) -> None:
        on = self._usage.on
        if on == self._recording:
            return
        self._recording = on
        if on:
            theme = self._window.theme
            self.watch.started(scheme=theme.scheme, reduced_motion=theme.reduced_motion, text_scale=theme.scale)
            self._presses.attach()
            self._heartbeat.start()
        else:
            self._presses.detach()
            self._heartbeat.stop()

    def _close(self) -> None:
        for stop in self._stops:
            stop()
        if self._recording:
            self.watch.closing()
        self._recording = False
        self._presses.detach()
        self._heartbeat.stop()

    # -- the window ----------------------------------------------------------------------------------------------

    def _connect_window(self) -> None:
        window, work = self._window, self._window.workspace
        self._level_changed.connect(self._refresh)
        self._settings_changed.connect(self._on_settings)
        self._stops = (
            self._usage.watch(lambda _level: self._level_changed.emit()),
            window.services.preferences.watch(self._settings_changed.emit),
        )
        work.page_shown.connect(lambda page: self.watch.page_shown(page or CONVERSATION))
        work.notices.error_shown.connect(self._on_error)
        window.actions_registry.ran.connect(self._on_action)
        window.closing.connect(self._close)

    def _on_action(self, action_id: str) -> None:
        self._presses.reacted()
        self.watch.did(action_id)

    def _on_error(self, code: str) -> None:
        self.watch.error_shown(code)
        if code.startswith("picture."):
            self.turns.picture(accepted=False)

    def _on_settings(self, settings: Settings) -> None:
        before, self._settings = self._settings, settings
        for name, _, _, option in options():
            if option.group and getattr(before, name) != getattr(settings, name):
                self.watch.setting_changed(option.group)

    # -- finding -------------------------------------------------------------------------------------------------

    def _connect_finding(self) -> None:
        sidebar = self._window.workspace.sidebar
        sidebar.search.textEdited.connect(lambda text: self.watch.searching() if text else None)
        sidebar.presenter.found.connect(self._on_found)
        sidebar.presenter.search_ended.connect(self._on_search_ended)
        sidebar.hit_opened.connect(lambda *_: self.watch.hit_opened())
        sidebar.presenter.deleted.connect(lambda _: self.watch.deleted())
        sidebar.presenter.restored.connect(lambda _: self.watch.restored())

    def _on_found(self, _words: str, hits: tuple[object, ...]) -> None:
        """One search, however many letters it took: it counts when its first hits are there."""
        if self._hits is None:
            self.watch.searched(len(hits))
        self._hits = len(hits)

    def _on_search_ended(self) -> None:
        self._hits = None
        self.watch.search_left()

    # -- asking --------------------------------------------------------------------------------------------------

    def _connect_asking(self) -> None:
        chat = self._window.workspace.chat
        presenter, composer = chat.presenter, chat.composer
        composer.text.textChanged.connect(self._on_typed)
        composer.tray.changed.connect(self._on_pictures)
        presenter.question_sent.connect(self._on_sent)
        presenter.asked_again.connect(lambda changed: self.turns.edited() if changed else self.turns.regenerated())
        presenter.turn_closed.connect(self._on_answered)
        presenter.answer_failed.connect(self._on_failed)

    def _on_typed(self) -> None:
        if not self._window.workspace.chat.composer.text.document().isEmpty():
            self.turns.typing()

    def _on_pictures(self) -> None:
        now = len(self._window.workspace.chat.composer.tray.pictures)
        before, self._pictures = self._pictures, now
        for _ in range(now - before):
            self.turns.picture(accepted=True)

    def _on_sent(self, question: StoredMessage) -> None:
        self.turns.sent(pictures=len(question.pictures), spoken=question.spoken)

    def _on_answered(self, answer: StoredMessage) -> None:
        """An answer that was interrupted is told again when what was heard of it is known: it counts once."""
        if answer.id in self._closed:
            return
        self._closed.append(answer.id)
        ended = answer.stopped_by or "error"
        if ended == "person" and not self._window.workspace.chat.hands_free.active:
            self.turns.stopped()
        self.turns.answered(ended=ended, timings=answer.timings)

    def _on_failed(self, _error: AppError, answer_id: str) -> None:
        if not answer_id:
            self.turns.refused()

    # -- voice ---------------------------------------------------------------------------------------------------

    def _connect_voice(self) -> None:
        chat, turns = self._window.workspace.chat, self.turns
        chat.voice.state_changed.connect(self._on_voice)
        chat.voice.heard.connect(lambda _: turns.recorded("heard"))
        chat.voice.nothing_heard.connect(lambda: turns.recorded("nothing"))
        chat.voice.failed.connect(lambda _: turns.recorded("failed"))
        chat.composing.heard_sent.connect(self._on_heard_sent)
        chat.narration.changed.connect(lambda answer_id: turns.read_aloud() if answer_id else None)
        chat.talk.active_changed.connect(lambda active: turns.talk_began() if active else turns.talk_ended())
        chat.talk.asked.connect(lambda _: turns.talk_asked())
        chat.talk.happened.connect(self._on_talk)

    def _on_voice(self, state: str) -> None:
        """What became of it is told right after the state: what was told by then was discarded."""
        if state == "recording":
            self.turns.recording()
        elif state == "hearing":
            self.turns.hearing()
        elif state == "idle":
            QTimer.singleShot(0, self, lambda: self.turns.recorded("discarded"))

    def _on_heard_sent(self, heard: str, sent: str) -> None:
        """Only the numbers go on from here."""
        if self._usage.on:
            first, second = (" ".join(text.split()[:MOST_WORDS]) for text in (heard, sent))
            words, changed = changed_words(first, second)
            self.turns.corrected(words=words, changed=changed)

    def _on_talk(self, item: object) -> None:
        if isinstance(item, SpeechEnded):
            self.turns.fell_silent()
        elif isinstance(item, FirstAudio):
            self.turns.first_audio()
        elif isinstance(item, Interrupted):
            self.turns.interrupted()
        elif isinstance(item, FalseInterruption):
            self.turns.false_interruption()


def _words(registry: Registry) -> dict[str, frozenset[str]]:
    """The registry's own words for places, kinds of trouble and actions."""
    wanted = {"surfaces": "ui.stall", "families": "error.shown", "actions": "action.run"}
    return {kind: frozenset(registry.metrics[name].extras[0].choices) for kind, name in wanted.items()}
