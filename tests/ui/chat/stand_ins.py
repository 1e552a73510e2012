"""What the chat's tests run instead of models and sound: the same interfaces, scripted. History and files are real."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtGui import QColor, QImage

from desktop_app.domain.audio import Audio, Transcript
from desktop_app.domain.conversations import Provenance, StoredMessage
from desktop_app.domain.events import (
    Event,
    ModelLoading,
    PictureRead,
    PromptAdvanced,
    PromptFitted,
    TextAdded,
    Timings,
    TurnFailed,
    TurnFinished,
    TurnStarted,
)
from desktop_app.domain.messages import Picture
from desktop_app.domain.pictures import Colour, Evidence, Label, PictureCost, TextFound
from desktop_app.errors import AppError, EngineCrashed, UserCanFix
from desktop_app.ports import CancelToken
from desktop_app.services.history import History
from desktop_app.settings import Settings

CONTEXT = 4096
EVIDENCE = Evidence(
    width=640,
    height=430,
    text=(TextFound(text="STATION ROAD", confidence=0.97, box=(10, 10, 200, 60)),),
    labels=(Label(name="valley", confidence=0.62),),
    colours=(Colour(name="sky blue", hex="#8fb7d8", share=0.5), Colour(name="green", hex="#4b7f52", share=0.3)),
)
TIMINGS = Timings(
    first_token_ms=412.0, total_ms=5200.0, prompt_tokens=812, reused_tokens=640, tokens=168, tokens_per_second=34.2
)


class SystemClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class Script:
    """One answer. With `gate` each word waits for `release()`; `fail` ends it with that error, `refuse` before the
    question is stored, `breaks` without the turn having ended."""

    words: list[str] = field(default_factory=lambda: ["Hello", " there."])
    gate: threading.Semaphore | None = None
    every_ms: float = 0.0
    fail: AppError | None = None
    refuse: AppError | None = None
    breaks: Exception | None = None
    loading: bool = False
    reads_prompt: bool = False
    dropped: int = 0

    def release(self, words: int = 1) -> None:
        assert self.gate is not None
        for _ in range(words):
            self.gate.release()


class ScriptedChat:
    """ChatService's interface. `enqueue` what the next turns say; without a script they say "Hello there."."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._scripts: list[Script] = []
        self._turns = 0
        self.warmed = 0
        self.restarted = 0
        self.asked: list[str] = []
        self.foreseen: list[str] = []

    def enqueue(self, *words: str, **more: object) -> Script:
        script = Script(words=list(words), **more)  # type: ignore[arg-type]
        self._scripts.append(script)
        return script

    def warm_up(self) -> None:
        self.warmed += 1

    def foresee(self, text: str, *, conversation_id: str | None, cancel: CancelToken) -> None:
        self.foreseen.append(text)

    def restart(self) -> None:
        self.restarted += 1

    def abilities(self) -> None:
        return None

    def ask(
        self,
        text: str,
        *,
        conversation_id: str | None = None,
        pictures: tuple[Picture, ...] = (),
        spoken: bool = False,
        cancel: CancelToken,
    ) -> Iterator[Event]:
        script = self._next(text)
        history = self._history
        conversation = history.conversation(conversation_id) if conversation_id else history.create()
        parts = (*pictures, text) if text else pictures
        question = history.add_question(conversation.id, conversation.head_id, parts, spoken=spoken)
        yield from self._answer(question, script, cancel)

    def regenerate(self, answer_id: str, *, cancel: CancelToken) -> Iterator[Event]:
        parent = self._history.message(answer_id).parent_id
        assert parent is not None
        yield from self._answer(self._history.message(parent), self._next("again"), cancel)

    def edit(
        self, question_id: str, text: str, *, pictures: tuple[Picture, ...] | None = None, cancel: CancelToken
    ) -> Iterator[Event]:
        script = self._next(text)
        old = self._history.message(question_id)
        kept = old.pictures if pictures is None else pictures
        question = self._history.add_question(old.conversation_id, old.parent_id, (*kept, text))
        yield from self._answer(question, script, cancel)

    def _next(self, text: str) -> Script:
        self.asked.append(text)
        script = self._scripts.pop(0) if self._scripts else Script()
        if script.refuse:
            raise script.refuse
        return script

    def _answer(self, question: StoredMessage, script: Script, cancel: CancelToken) -> Iterator[Event]:
        self._turns += 1
        turn = f"turn{self._turns}"
        made = Provenance(model="SmolLM2 135M", model_sha256="ab" * 32, seed=7, temperature=0.7, context_tokens=CONTEXT)
        if question.pictures:
            made = replace(made, seen_by="reader", evidence={p.sha256: EVIDENCE for p in question.pictures})
        answer = self._history.begin_answer(question.id, provenance=made)
        yield TurnStarted(
            turn_id=turn, conversation_id=question.conversation_id, question_id=question.id, answer_id=answer.id
        )
        yield from self._prepare(turn, question, script)
        text, stopped = "", "end"
        for word in script.words:
            if script.every_ms:
                cancel.wait(script.every_ms / 1000)
            while script.gate and not cancel.cancelled and not script.gate.acquire(timeout=0.005):
                pass
            if cancel.cancelled:
                stopped = "person"
                break
            text += word
            yield TextAdded(turn_id=turn, text=word)
        if script.breaks:
            raise script.breaks
        yield self._end(turn, answer.id, text, stopped, made, script)

    def _prepare(self, turn: str, question: StoredMessage, script: Script) -> Iterator[Event]:
        if script.loading:
            yield ModelLoading(turn_id=turn, model="SmolLM2 135M")
        for picture in question.pictures:
            yield PictureRead(turn_id=turn, sha256=picture.sha256, evidence=EVIDENCE)
        kept = question.id if script.dropped else None
        yield PromptFitted(
            turn_id=turn, prompt_tokens=812, context_tokens=CONTEXT, first_kept_id=kept, dropped_messages=script.dropped
        )
        if script.reads_prompt:
            yield PromptAdvanced(turn_id=turn, done=400, total=812)

    def _end(self, turn: str, answer_id: str, text: str, stopped: str, made: Provenance, script: Script) -> Event:
        failed = script.fail
        self._history.finish_answer(
            answer_id,
            text,
            status="failed" if failed else "done",
            stopped_by="error" if failed else stopped,  # type: ignore[arg-type]
            provenance=made,
            timings=TIMINGS,
        )
        if failed:
            return TurnFailed(
                turn_id=turn, answer_id=answer_id, code=failed.code, message=failed.message, remedy=failed.remedy
            )
        return TurnFinished(turn_id=turn, answer_id=answer_id, stopped_by=stopped, timings=TIMINGS)  # type: ignore[arg-type]


class StoredPictures:
    """AttachmentService's interface: any file whose name ends in .png is a picture."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def accept(self, path: Path) -> Picture:
        if path.suffix != ".png":
            raise UserCanFix("picture.not_a_picture", f"{path.name} is not a picture.", remedy="Choose another file.")
        return self._store(path.name)

    def accept_bytes(self, data: bytes, name: str) -> Picture:
        assert data.startswith(b"\x89PNG")
        return self._store(name)

    def file(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.png"

    def cost(self, picture: Picture) -> PictureCost:
        return PictureCost(width=512, height=344, tokens=86, seconds=1.4, seen_by="reader")

    def _store(self, name: str) -> Picture:
        self._count += 1
        sha256 = f"{self._count:064x}"
        image = QImage(640, 430, QImage.Format.Format_RGB32)
        image.fill(QColor("#8fb7d8"))
        image.save(str(self.file(sha256)))
        return Picture(sha256=sha256, width=640, height=430, name=name)


class SpokenWords:
    """VoiceService's interface. `says` is what the next recording is heard as."""

    def __init__(self) -> None:
        self.says = "what did I say"
        self.fail: AppError | None = None
        self.recording = False
        self.discarded = 0
        self.narrations: list[SilentNarrator] = []
        self.on_level: Callable[[float, float], None] = lambda level, seconds: None
        self.on_lost: Callable[[AppError], None] = lambda error: None

    def start_recording(self, on_level: Callable[[float, float], None], on_lost: Callable[[AppError], None]) -> None:
        if self.fail:
            raise self.fail
        self.on_level, self.on_lost = on_level, on_lost
        self.recording = True

    def stop_recording(self) -> Audio:
        self.recording = False
        return Audio(pcm=b"\0\0" * 16_000)

    def discard_recording(self) -> None:
        self.recording = False
        self.discarded += 1

    def transcribe(self, audio: Audio, cancel: CancelToken) -> Transcript:
        return Transcript(text=self.says, seconds=audio.seconds)

    def narrator(self, turn_id: str, cancel: CancelToken, on_event: Callable[[Event], None]) -> SilentNarrator:
        self.narrations.append(SilentNarrator(cancel))
        return self.narrations[-1]


class SilentNarrator:
    """Speaks for ever, until it is cancelled or `over` is set."""

    def __init__(self, cancel: CancelToken) -> None:
        self.cancel = cancel
        self.text = ""
        self.finished = False
        self.over = threading.Event()

    def feed(self, text: str) -> None:
        self.text += text

    def finish(self) -> None:
        self.finished = True

    def wait(self) -> bool:
        with self.cancel.calling(self.over.set):
            self.over.wait()
        return not self.cancel.cancelled


class Choices:
    """Preferences' interface, in memory."""

    def __init__(self) -> None:
        self.current = Settings()
        self._watchers: list[Callable[[Settings], None]] = []

    def change(self, **values: object) -> Settings:
        self.current = replace(self.current, **values)  # type: ignore[arg-type]
        for watcher in list(self._watchers):
            watcher(self.current)
        return self.current

    def watch(self, callback: Callable[[Settings], None]) -> Callable[[], None]:
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)


def crashed() -> EngineCrashed:
    return EngineCrashed("engine.crashed", "The model stopped unexpectedly.", remedy="Start it again.")
