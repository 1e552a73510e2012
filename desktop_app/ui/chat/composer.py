"""The composer: words, pictures, the microphone, and the button that sends and stops."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from desktop_app.domain.messages import Picture
from desktop_app.ui.chat.composer_text import ComposerText
from desktop_app.ui.chat.context_meter import ContextMeter
from desktop_app.ui.chat.picture_chips import MakeThumbnail, PictureTray
from desktop_app.ui.theme import Theme
from desktop_app.ui.voice.recording_bar import RecordingBar
from desktop_app.ui.widgets import follow, icon_button, restyle, spaced

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was being written when the person turned to another conversation."""

    text: str = ""
    pictures: tuple[Picture, ...] = ()


class Composer(QFrame):
    """`send_wanted(text, pictures)`, `stop_wanted()`, the microphone's `talk_pressed` and `talk_released`, and
    `hands_free_wanted()` for talking without it."""

    send_wanted = Signal(str, object)
    stop_wanted = Signal()
    talk_pressed = Signal()
    talk_released = Signal()
    hands_free_wanted = Signal()
    typed = Signal()

    def __init__(self, theme: Theme, make_thumbnail: MakeThumbnail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._busy = False
        self._talking = False
        self.setProperty("kind", "composer")
        self.text = ComposerText(theme, self)
        self.tray = PictureTray(theme, make_thumbnail, self)
        self.recording = RecordingBar(theme, self)
        self.meter = ContextMeter(theme, self)
        self.attach = icon_button(self.tr("Add a picture"), "plus", theme, lambda: None, parent=self)
        self.talk = icon_button(self.tr("Speak"), "microphone", theme, lambda: None, parent=self)
        self.hands_free = icon_button(
            self.tr("Talk hands-free"), "chats-teardrop", theme, self.hands_free_wanted.emit, parent=self
        )
        self._rest = QWidget(self)
        self._panel: QWidget | None = None
        self._panel_stops: tuple[QWidget, ...] = ()
        self._panel_shown = False
        self.send = icon_button(self.tr("Send"), "arrow-up", theme, self._press_send, parent=self)
        self._build()
        self._connect()

    @property
    def tools(self) -> tuple[QWidget, ...]:
        """What stands below the words, as it is read."""
        voice = (self.talk, self.recording.cancel_button, self.recording.done_button, self.hands_free)
        return self.attach, *voice, self.send, *self._panel_stops

    @property
    def draft(self) -> Draft:
        return Draft(text=self.text.toPlainText(), pictures=self.tray.pictures)

    def set_words(self, text: str) -> None:
        self.text.setPlainText(text)
        self.text.moveCursor(self.text.textCursor().MoveOperation.End)

    def add_words(self, text: str) -> None:
        """Put `text` behind what is there, as if it were typed."""
        self.text.moveCursor(self.text.textCursor().MoveOperation.End)
        before = self.text.toPlainText()
        self.text.insertPlainText(f" {text}" if before and not before[-1].isspace() else text)

    def clear(self) -> None:
        self.text.clear()
        self.tray.clear()

    def try_send(self) -> bool:
        """Send what is there; False when there is nothing to send yet."""
        text = self.text.toPlainText()
        if self.tray.waits or not (text.strip() or self.tray.pictures):
            return False
        self.send_wanted.emit(text, self.tray.pictures)
        return True

    def set_busy(self, busy: bool) -> None:
        """While an answer is written the button stops it; words in the composer may still be sent with Enter."""
        self._busy = busy
        self._dress_send()

    def set_menu(self, menu: QMenu) -> None:
        self.attach.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.attach.setMenu(menu)

    def set_send_on_enter(self, on: bool) -> None:
        self.text.send_on_enter = on
        key = self.tr("Enter sends, Shift+Enter starts a new line") if on else self.tr("Ctrl+Enter sends")
        self.text.setAccessibleDescription(key)

    def show_voice(self, state: str) -> None:
        """The microphone stays where it is, so that it can be let go of; the other tools make room."""
        self._talking = state != "idle"
        self.recording.show_state(state)
        self._arrange()
        if state == "recording" and not self.talk.hasFocus():
            self.recording.done_button.setFocus()
        self._dress_talk()

    def set_panel(self, panel: QWidget, stops: tuple[QWidget, ...]) -> None:
        """What may take the place of words and tools, and where Tab stops in it; the pictures stay."""
        self._panel, self._panel_stops = panel, stops
        self._column.addWidget(panel)

    def show_panel(self, on: bool) -> None:
        if self._panel is not None:
            self._panel_shown = on
            self._arrange()
            self._panel.setVisible(on)

    def set_drop(self, on: bool) -> None:
        """Show that what is dragged may be dropped here."""
        restyle(self, drop=on)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter on the microphone works like Space."""
        said = {QEvent.Type.KeyPress: self.talk_pressed, QEvent.Type.KeyRelease: self.talk_released}
        if watched is self.talk and isinstance(event, QKeyEvent) and event.key() in _ENTER and event.type() in said:
            if not event.isAutoRepeat():
                said[event.type()].emit()
            return True
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        self.send.setProperty("kind", "round")
        self.text.setPlaceholderText(self.tr("Ask anything, or drop a picture here"))
        rest = QHBoxLayout(self._rest)
        spaced(rest, self._theme, spacing=3)
        rest.addStretch()
        rest.addWidget(self.meter)
        rest.addWidget(self.send)
        tools = QHBoxLayout()
        spaced(tools, self._theme, spacing=1)
        tools.addWidget(self.attach)
        tools.addWidget(self.talk)
        tools.addWidget(self.hands_free)
        tools.addWidget(self.recording, 1)
        tools.addWidget(self._rest, 1)
        words = QHBoxLayout()
        spaced(words, self._theme, margins=(2, 1, 2, 0))
        words.addWidget(self.text)
        self._column = QVBoxLayout(self)
        spaced(self._column, self._theme, margins=(3, 3, 3, 2.5), spacing=2)
        self._column.addWidget(self.tray)
        self._column.addLayout(words)
        self._column.addLayout(tools)

    def _connect(self) -> None:
        self.text.send_wanted.connect(self.try_send)
        self.text.focus_changed.connect(lambda on: restyle(self, writing=on))
        self.text.textChanged.connect(self._dress_send)
        self.text.textChanged.connect(self.typed)
        self.tray.changed.connect(self._dress_send)
        self.tray.emptied_by_key.connect(self.text.setFocus)
        self.talk.pressed.connect(self.talk_pressed)
        self.talk.released.connect(self.talk_released)
        self.talk.installEventFilter(self)
        follow(self._theme, self, self._dress_send)
        follow(self._theme, self, self._dress_talk)

    def _arrange(self) -> None:
        self.text.setVisible(not self._panel_shown)
        self.talk.setVisible(not self._panel_shown)
        for widget in (self.attach, self.hands_free, self._rest):
            widget.setVisible(not (self._panel_shown or self._talking))

    def _press_send(self) -> None:
        if self._busy:
            self.stop_wanted.emit()
        else:
            self.try_send()
        self.text.setFocus()

    def _dress_talk(self) -> None:
        self.talk.setIcon(self._theme.icon("microphone", "accent" if self._talking else "text_muted"))
        self.talk.setAccessibleName(self.tr("Stop speaking") if self._talking else self.tr("Speak"))

    def _dress_send(self) -> None:
        title = self.tr("Stop") if self._busy else self.tr("Send")
        ready = not self.tray.waits and bool(self.tray.pictures or self.text.toPlainText().strip())
        self.send.setIcon(self._theme.icon("stop-fill" if self._busy else "arrow-up", "accent_text"))
        self.send.setAccessibleName(title)
        self.send.setToolTip(title)
        self.send.setEnabled(self._busy or ready)
