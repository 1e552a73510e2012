"""A button that plays a tone, listens to it, and says beside itself what the microphone heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from desktop_app.errors import AppError
from desktop_app.services.sound_check import SoundReport, check_sound
from desktop_app.ui.announce import announce
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Job, Lanes
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label, reword, spaced, wear

if TYPE_CHECKING:
    from desktop_app.services.voice import VoiceService

WIDE_STEPS = 125


class SoundTest(QFrame):
    """Nothing starts by itself, nothing of it is kept; `stop` when it goes out of sight."""

    def __init__(self, voice: VoiceService, lanes: Lanes, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._voice, self._lanes, self._theme = voice, lanes, theme
        self._job: Job | None = None
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        spaced(self._row, theme, margins=(5, 4, 5, 4), spacing=3)
        words = QVBoxLayout()
        spaced(words, theme, spacing=0.5)
        words.addWidget(label(self.tr("Test sound"), "strong", wrap=True))
        self.said = label(
            self.tr("Plays a short tone and listens whether the microphone hears it."), "muted", wrap=True
        )
        words.addWidget(self.said)
        self.button = button(self.tr("Play and listen"), "secondary", self.toggle)
        wear(self.button, theme, "speaker-high", "accent")
        self.button.setAccessibleDescription(self.said.text())
        self._row.addLayout(words, 1)
        self._row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def toggle(self) -> None:
        if self._job is not None:
            self.stop()
            return
        voice = self._voice
        job = self._lanes.job("voice", lambda cancel: check_sound(voice, cancel))
        job.finished.connect(while_alive(self, lambda found: self._end(job, outcome(found))))
        job.failed.connect(while_alive(self, lambda error: self._end(job, why(error))))
        job.cancelled.connect(while_alive(self, lambda: self._end(job, self.tr("Stopped."))))
        self._job = job
        reword(self.button, self.tr("Stop"))
        self._say(self.tr("Playing and listening…"))
        job.start()

    def stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _end(self, job: Job, words: str) -> None:
        if job is self._job:
            self._job = None
            reword(self.button, self.tr("Play and listen"))
            self._say(words)

    def _say(self, words: str) -> None:
        self.said.setText(words)
        announce(self, words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the button stands below its words."""
        super().resizeEvent(event)
        wide = self.width() >= self._theme.space(WIDE_STEPS)
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)


def outcome(found: SoundReport) -> str:
    if found.heard_tone:
        said = _tr("Loudspeaker and microphone work: the tone was heard at %1 dB, the room is at %2 dB.")
        return said.replace("%1", f"{found.tone_db:.0f}").replace("%2", f"{found.room_db:.0f}")
    return _tr(
        "The microphone works, but did not hear the tone. With headphones that is as it should be; "
        "else turn the loudspeaker up."
    )


def why(error: AppError) -> str:
    return f"{error.message} {error.remedy}".strip()


def _tr(text: str) -> str:
    return QCoreApplication.translate("SoundTest", text)
