"""Push to talk, without widgets: record, then turn speech into words. Blocking calls run in the voice lane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from desktop_app.domain.audio import Audio, Transcript
from desktop_app.errors import AppError
from desktop_app.services.wav import read_wav
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Job, Lanes

if TYPE_CHECKING:
    from desktop_app.services.voice import VoiceService

SHORTEST_MS = 250
VoiceState = Literal["idle", "starting", "recording", "hearing"]


class VoicePresenter(QObject):
    """`level_changed(level 0..1, seconds)`, `heard(text)`, `nothing_heard()`, `failed(AppError)`."""

    state_changed = Signal(str)
    level_changed = Signal(float, float)
    heard = Signal(str)
    nothing_heard = Signal()
    failed = Signal(object)
    _level = Signal(float, float)
    _lost = Signal(object)

    def __init__(self, voice: VoiceService, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._voice = voice
        self._lanes = lanes
        self.state: VoiceState = "idle"
        self._then: Literal["keep", "finish", "discard"] = "keep"
        self._job: Job | None = None
        self._waiting: list[Path] = []
        self.sound = Audio(pcm=b"")
        """What was recorded last, until it is taken or the next recording."""
        self._level.connect(self._on_level)
        self._lost.connect(self._on_lost)

    def toggle(self) -> None:
        if self.state in ("starting", "recording"):
            self.finish()
        elif self.state == "idle":
            self.start()

    def start(self) -> None:
        if self.state != "idle":
            return
        self._enter("starting")
        self._then = "keep"
        voice, level, lost = self._voice, self._level.emit, self._lost.emit
        self._run(lambda _: voice.start_recording(level, lost), self._on_started)

    def finish(self) -> None:
        """Stop recording and hear what was said."""
        if self.state == "starting":
            self._then = "finish"
        elif self.state == "recording":
            self._enter("hearing")
            self._run(self._hear, self._on_heard)

    def hear_files(self, files: Sequence[Path]) -> None:
        """Hear what is said in sound files, one after the other."""
        self._waiting += files
        if self._waiting and self.state == "idle":
            file = self._waiting.pop(0)
            self._enter("hearing")
            self._run(lambda cancel: self._hear_file(file, cancel), self._on_heard)

    def take_sound(self) -> Audio:
        taken, self.sound = self.sound, Audio(pcm=b"")
        return taken

    def discard(self) -> None:
        """Forget what was said, at once; while it is being heard too."""
        if self.state == "starting":
            self._then = "discard"
        elif self.state == "recording":
            self._enter("idle")
            self._run(lambda _: self._voice.discard_recording(), lambda _: None)
        elif self.state == "hearing" and self._job is not None:
            self._waiting.clear()
            self._job.cancel()

    def _hear(self, cancel: Any) -> Transcript | None:
        audio = self.sound = self._voice.stop_recording()
        if audio.seconds * 1000 < SHORTEST_MS:
            return None
        return self._voice.transcribe(audio, cancel)

    def _hear_file(self, file: Path, cancel: Any) -> Transcript:
        audio = self.sound = read_wav(file)
        return self._voice.transcribe(audio, cancel)

    def _on_started(self, _: object) -> None:
        self._enter("recording")
        if self._then == "finish":
            self.finish()
        elif self._then == "discard":
            self.discard()

    def _on_heard(self, transcript: Transcript | None) -> None:
        self._enter("idle")
        text = transcript.text.strip() if transcript else ""
        if text:
            self.heard.emit(text)
        else:
            self.nothing_heard.emit()
        self.hear_files(())

    def _on_level(self, level: float, seconds: float) -> None:
        if self.state == "recording":
            self.level_changed.emit(level, seconds)

    def _on_lost(self, error: AppError) -> None:
        """The microphone went away, or it went on too long: what was said so far is still heard."""
        self.failed.emit(error)
        self.finish()

    def _run(self, work: Callable[[Any], Any], then: Callable[[Any], None]) -> None:
        job = self._lanes.job("voice", work)
        self._job = job
        job.finished.connect(while_alive(self, then))
        job.failed.connect(self._on_failed)
        job.cancelled.connect(while_alive(self, lambda: self._enter("idle")))
        job.start()

    def _on_failed(self, error: AppError) -> None:
        self._enter("idle")
        self.failed.emit(error)
        self.hear_files(())

    def _enter(self, state: VoiceState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)


class TalkButtonLogic(QObject):
    """What pressing and releasing the microphone means.

    Toggle: each press starts or stops. Hold: talk while it is held; a short tap (a key, a screen reader) latches, so
    that nobody has to hold.
    """

    def __init__(self, voice: VoicePresenter, holds: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._voice = voice
        self._holds = holds
        self._held = QElapsedTimer()
        self._latched = False

    def press(self) -> None:
        if self._voice.state == "idle":
            self._held.start()
            self._latched = not self._holds()
            self._voice.start()
        else:
            self._latched = True
            self._voice.finish()

    def release(self) -> None:
        if self._latched or self._voice.state not in ("starting", "recording"):
            return
        if self._held.elapsed() < SHORTEST_MS:
            self._latched = True
        else:
            QTimer.singleShot(0, self._voice.finish)
