"""Choosing how much is recorded: a choice, what it means, and a button that makes it so. Arrow keys change nothing."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.domain.consent import LEVELS, Level
from desktop_app.services.telemetry import UsageState
from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.preferences.choice import Segments
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, spaced


class LevelCard(QFrame):
    """`chosen(level)`; `pause_wanted(bool)`; `delete_wanted()` after a second press."""

    chosen = Signal(str)
    pause_wanted = Signal(bool)
    delete_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = UsageState(level="off")
        self._theme = theme
        self.setProperty("kind", "card")
        self.setAccessibleName(_tr("How much is recorded"))
        column = QVBoxLayout(self)
        spaced(column, theme, margins=(5, 4, 5, 4), spacing=3)
        self.state = label("", "strong", wrap=True, parent=self)
        self.segments = Segments(_tr("How much is recorded"), _choices(), theme, self)
        self.meaning = label("", "muted", wrap=True, parent=self)
        self.apply = button(_tr("Record this much"), "primary", self._apply, parent=self)
        self.pause = button(_tr("Pause for a day"), "secondary", self._pause, parent=self)
        self.delete = button(_tr("Delete what was recorded"), "secondary", self._delete, parent=self)
        self.news = label("", "strong", wrap=True, parent=self)
        buttons = QWidget(self)
        flow = FlowLayout(buttons, spacing=theme.space(2))
        for widget in (self.state, self.news, self.segments, self.meaning, buttons):
            column.addWidget(widget)
        for each in (self.apply, self.pause, self.delete):
            flow.addWidget(each)
        self.segments.chosen.connect(lambda _level: self._explain())
        self.show_state(self._state)

    @property
    def level(self) -> Level:
        """What is chosen, made so or not."""
        chosen: Level = self.segments.value
        return chosen

    def show_state(self, state: UsageState) -> None:
        self._state = state
        self.state.setText(_state_words(state))
        self.segments.show_value(state.level)
        self.pause.setText(_tr("Go on recording") if state.paused_until else _tr("Pause for a day"))
        self.pause.setVisible(state.level != "off")
        self._asks_again(False)
        self.delete.setVisible(state.level != "off")
        self.news.setVisible(bool(state.news))
        count = str(len(state.news))
        self.news.setText(
            _tr("%1 metrics below are new or changed and are off. “Agree to the new ones” is a yes to them.").replace(
                "%1", count
            )
        )
        self._explain()

    def _explain(self) -> None:
        level, same = self.level, self.level == self._state.level
        self.meaning.setText(_MEANING[level]())
        if level == "off":
            self.apply.setText(_tr("Turn off") if same else _tr("Turn off and delete"))
        else:
            self.apply.setText(_tr("Agree to the new ones") if same and self._state.news else _tr("Record this much"))
        self.apply.setEnabled(not same or bool(self._state.news))

    def _apply(self) -> None:
        self.chosen.emit(self.level)

    def _pause(self) -> None:
        self.pause_wanted.emit(not self._state.paused_until)

    def _delete(self) -> None:
        """The first press asks, the second does it."""
        if self._asked:
            self.delete_wanted.emit()
        self._asks_again(not self._asked)

    def _asks_again(self, asked: bool) -> None:
        self._asked = asked
        self.delete.setText(_tr("Delete it all now?") if asked else _tr("Delete what was recorded"))


def _choices() -> tuple[tuple[Level, str], ...]:
    titles = (_tr("Nothing"), _tr("Daily counts"), _tr("Events"), _tr("Events and questions"))
    return tuple(zip(LEVELS, titles, strict=True))


_MEANING = {
    "off": lambda: _tr("Nothing is recorded, and there is no file. What was recorded before is deleted."),
    "counters": lambda: _tr("How often something happened on a day, and how long it took in sum. Nothing single."),
    "events": lambda: _tr("Single events with their times, for 30 days, and the daily counts for a year."),
    "surveys": lambda: _tr("The same, and at most one short question a day, which you can always refuse."),
}


def _state_words(state: UsageState) -> str:
    if state.level == "off":
        return _tr("Nothing is recorded.")
    if state.paused_until:
        from datetime import datetime

        until = datetime.fromtimestamp(state.paused_until).strftime("%Y-%m-%d %H:%M")
        return _tr("Paused until %1.").replace("%1", until)
    words = _tr("Recording, on this computer only. Events: %1, sessions: %2, %3 kB.")
    for place, value in enumerate((state.events, state.sessions, round(state.bytes / 1000)), 1):
        words = words.replace(f"%{place}", str(value))
    return words


def _tr(text: str) -> str:
    return QCoreApplication.translate("LevelCard", text)
