"""The voice surface: what the conversation by voice is doing, the words of both sides, and the ways out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_app.ui.talk.caption_view import CaptionsView
from desktop_app.ui.talk.meter import LoudnessMeter
from desktop_app.ui.talk.orb import Orb
from desktop_app.ui.talk.state import TalkState, hint, word
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import GAP, button, label, spaced, wear

NARROW_STEPS = 120
LOW_STEPS = 150
LOWEST_STEPS = 90
GAP_STEPS, TIGHT_GAP = 4, 1


class TalkView(QWidget):
    """Paints; what it means is the presenter's business. M mutes while the focus is in here."""

    mute_wanted = Signal()
    type_wanted = Signal()
    leave_wanted = Signal()
    put_away = Signal()
    tight_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = TalkState()
        self._room: tuple[bool, ...] = ()
        self._records = False
        self.orb = Orb(theme, self)
        self.word = label("", "state", parent=self)
        self.hint = label("", "muted", wrap=True, parent=self)
        self.meter = LoudnessMeter(theme, self)
        self.captions = CaptionsView(theme, self)
        self.mute = self._tool(self.tr("Mute"), self.mute_wanted, self.tr("Key M"))
        self.type = self._tool(self.tr("Type instead"), self.type_wanted, self.tr("Ends talking, goes on in writing"))
        self.leave = self._tool(
            self.tr("Leave"), self.leave_wanted, self.tr("Ends talking; Escape does too while it is silent")
        )
        wear(self.type, theme, "keyboard", "text", steps=4.5)
        wear(self.leave, theme, "x", "text", steps=4.5)
        theme.changed.connect(self._refresh)
        self.setAccessibleName(self.tr("Hands-free conversation"))
        self._build()
        self.show_state(TalkState())
        self.hide()

    @property
    def tab_stops(self) -> tuple[QPushButton, ...]:
        return self.mute, self.type, self.leave

    @property
    def opening_words(self) -> str:
        """Said once at each start."""
        return self.tr("You are talking with an AI. It can be wrong.")

    def begin(self) -> None:
        """The focus comes in; the first words are what one talks with."""
        self.captions.show_words("", self.opening_words)
        self.mute.setFocus()

    def show_state(self, state: TalkState) -> None:
        self._state = state
        self._show_lines()
        self.orb.show_doing(state.doing)
        self.word.setText(word(state.doing))
        said = hint(state)
        self.hint.setText(f"{said} {self.tr('Your words are being recorded.')}" if self._records else said)
        self._dress_mute()

    def show_recording(self, on: bool) -> None:
        """Whether the sound of the turns is kept."""
        if on != self._records:
            self._records = on
            self.show_state(self._state)

    def show_captions(self, you: str, it: str) -> None:
        self.captions.show_words(you, it or (self.captions.it.words if not you else ""))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_M and not event.modifiers() and not event.isAutoRepeat():
            self.mute_wanted.emit()
        else:
            super().keyPressEvent(event)

    # -- room ----------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.window().installEventFilter(self)
        self._fit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.window().removeEventFilter(self)
        if not event.spontaneous():
            self.put_away.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.window():
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Narrow: the captions under the rest. Low: a line each, or only the newest. No room for words on the buttons:
        only icons."""
        side, height = self._theme.icon_size, self.window().height()
        room = (self.width() < side(NARROW_STEPS), height < side(LOW_STEPS), height < side(LOWEST_STEPS))
        if room != self._room:
            self._room = room
            self._arrange(*room)
            self._column.setSpacing(self._theme.space(TIGHT_GAP if self.tight else GAP_STEPS))
            self.tight_changed.emit(self.tight)
        self._spell_out(True)
        wanted = sum(tool.sizeHint().width() for tool in self.tab_stops) + 2 * self._theme.space(2)
        self._spell_out(wanted <= self.width())

    def _arrange(self, narrow: bool, low: bool, lowest: bool) -> None:
        self.orb.set_small(narrow or low)
        self._show_lines()
        self.captions.set_room(1 if lowest else 2, 1 if low else 2)
        self._column.removeWidget(self.captions)
        self._words.removeWidget(self.captions)
        if narrow:
            self._column.insertWidget(1, self.captions)
        else:
            self._words.addWidget(self.captions)

    @property
    def tight(self) -> bool:
        """Hardly any room: what stands around it should be small, too."""
        return self._room[-1] if self._room else False

    def _show_lines(self) -> None:
        """With the least room a missing device takes the place of the captions."""
        missing = bool(self._state.missing)
        self.orb.setVisible(not (missing and self.tight))
        self.hint.setVisible(missing or not self.tight)
        self.meter.setVisible(not self.tight)
        self.captions.setVisible(not (missing and self.tight))

    def _spell_out(self, words: bool) -> None:
        for tool in self.tab_stops:
            tool.setText(GAP + tool.accessibleName() if words else "")

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._words = QVBoxLayout()
        spaced(self._words, self._theme, spacing=0.5)
        self._words.addStretch()
        self._words.addWidget(self.word)
        self._words.addWidget(self.hint)
        self._words.addSpacing(self._theme.space(1))
        self._words.addWidget(self.meter)
        self._words.addStretch()
        self._words.addSpacing(self._theme.space(2.5))
        top = QHBoxLayout()
        spaced(top, self._theme, spacing=5)
        top.addWidget(self.orb, 0, Qt.AlignmentFlag.AlignVCenter)
        top.addLayout(self._words, 1)
        tools = QHBoxLayout()
        spaced(tools, self._theme, spacing=2)
        tools.addWidget(self.mute)
        tools.addWidget(self.type)
        tools.addStretch()
        tools.addWidget(self.leave)
        self._column = QVBoxLayout(self)
        spaced(self._column, self._theme, margins=(1, 1, 1, 0.5), spacing=GAP_STEPS)
        self._column.addLayout(top)
        self._column.addLayout(tools)

    def _tool(self, title: str, wanted: SignalInstance, tip: str) -> QPushButton:
        made = button(title, "secondary", wanted.emit, parent=self)
        made.setToolTip(tip)
        made.setAccessibleDescription(tip)
        return made

    def _refresh(self) -> None:
        self._room = ()
        self._dress_mute()

    def _dress_mute(self) -> None:
        muted = self._state.muted
        side = self._theme.icon_size(4.5)
        self.mute.setIcon(self._theme.icon("microphone" if muted else "microphone-slash", "text"))
        self.mute.setIconSize(self.mute.iconSize().scaled(side, side, Qt.AspectRatioMode.IgnoreAspectRatio))
        self.mute.setAccessibleName(self.tr("Unmute") if muted else self.tr("Mute"))
        self._fit()
