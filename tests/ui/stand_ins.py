"""What the window's tests run instead of models, sound and downloads. History and files are real."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

from desktop_app.domain.audio import Audio
from desktop_app.domain.conversations import Provenance
from desktop_app.domain.events import (
    DevicesChanged,
    Event,
    Interrupted,
    SentencePlayed,
    SentenceSpoken,
    SpeechTranscribed,
    TalkPhaseChanged,
    TextAdded,
    Timings,
    TurnFailed,
    TurnFinished,
    TurnStarted,
)
from desktop_app.domain.generation import StoppedBy
from desktop_app.domain.measurements import Measurement
from desktop_app.domain.messages import Picture
from desktop_app.domain.model_fit import Fit, Machine, plain_fit
from desktop_app.domain.model_specs import FetchProgress, InstalledModel, ModelFile, ModelRole, ModelSpec
from desktop_app.domain.turn_taking_values import Phase
from desktop_app.errors import AppError, EnvironmentProblem, UserCanFix
from desktop_app.ports import CancelToken
from desktop_app.services.hardware import Hardware
from desktop_app.services.history import History
from desktop_app.services.model_import import Wanted
from tests.ui.chat.stand_ins import SpokenWords


def spec(model_id: str, role: ModelRole, megabytes: int = 60) -> ModelSpec:
    file = ModelFile(name="file", sha256="0" * 64, bytes=megabytes * 1_000_000)
    return ModelSpec(
        id=model_id, role=role, title=model_id.title(), family="", licence="", origin="", files=(file,), ram_bytes=0
    )


class FewModels:
    """ModelLibrary's interface. `present` are the ids that are installed; fetching installs one after the other."""

    def __init__(self, *present: str) -> None:
        self.specs = (
            spec("small", "language"),
            spec("better", "language"),
            spec("ear", "hearing"),
            spec("joe", "voice"),
        )
        self.present = set(present)
        self.store = SimpleNamespace(root=Path(tempfile.gettempdir()))
        self.fail: AppError | None = None

    def starters(self, *, small: bool = False) -> tuple[ModelSpec, ...]:
        return self.specs

    def catalog(self) -> tuple[ModelSpec, ...]:
        return self.specs

    def use(self, role: ModelRole, model_id: str) -> None:
        self.used = (role, model_id)

    def add(self, wanted: Wanted, **_: object) -> InstalledModel:
        self.added = wanted
        return InstalledModel(id="added", role="language", title="Added", path="", sha256="", bytes=1)

    def remove(self, model_id: str) -> None:
        self.present.discard(model_id)

    def installed(self, role: ModelRole | None = None) -> tuple[InstalledModel, ...]:
        wanted = (one for one in self.specs if one.id in self.present and role in (None, one.role))
        return tuple(
            InstalledModel(id=one.id, role=one.role, title=one.title, path="", sha256="", bytes=one.bytes)
            for one in wanted
        )

    def chosen(self, role: ModelRole) -> InstalledModel:
        there = self.installed(role)
        if not there:
            raise UserCanFix("models.missing", "No language model is installed.", remedy="Fetch it.")
        return there[-1]

    def fetch(self, ids: Sequence[str], cancel: CancelToken) -> Iterator[FetchProgress]:
        for place, model_id in enumerate(ids):
            cancel.raise_if_cancelled()
            if self.fail:
                raise self.fail
            self.present.add(model_id)
            yield FetchProgress(model_id=model_id, stage="ready", done=place + 1, total=len(ids))


class OneMeasure:
    """ModelMeasure's interface: nothing is known until it was measured."""

    def __init__(self) -> None:
        self.done = False

    def results(self) -> dict[str, Measurement]:
        return {"": self._found()} if self.done else {}

    def measure(self, model_id: str, cancel: CancelToken) -> Measurement:
        self.done = True
        return self._found()

    def _found(self) -> Measurement:
        return Measurement(
            measured_at=0, prompt_per_s=200, answer_per_s=33, first_token_ms=400, memory_bytes=10**9, perplexity=12
        )


class ProcessorOnly:
    """HardwareService's interface on a computer of two cores."""

    def hardware(self) -> Hardware:
        return Hardware(gpu=False, gpu_name="", gpu_free=0, cores=2)


class Port:
    """An endpoint that listens to nobody. `taken` is a port that it refuses."""

    taken = 0

    def __init__(self, token: str, port: int) -> None:
        if port == Port.taken:
            raise EnvironmentProblem("endpoint.port", f"Port {port} is in use.", remedy="Choose another one.")
        self.token, self.address = token, f"http://127.0.0.1:{port}/v1"
        self._stopped = threading.Event()

    def serve(self) -> None:
        self._stopped.wait(30)

    def stop(self) -> None:
        self._stopped.set()


class EveryFit:
    """ModelFits' interface: 1 GB is free, and every model needs 100 MB beside its weights."""

    asked = 0

    def machine(self) -> Machine:
        self.asked += 1
        return Machine(free=1_000_000_000)

    def offered(self, spec: ModelSpec, machine: Machine, context_tokens: int = 0) -> Fit:
        return plain_fit(spec.bytes + 100_000_000, weights=spec.bytes, free=1_000_000_000)

    def installed(self, model: InstalledModel, machine: Machine, context_tokens: int = 0) -> Fit:
        return plain_fit(model.bytes + 100_000_000, weights=model.bytes, free=1_000_000_000)


class Voices(SpokenWords):
    """VoiceService's interface, with devices and a greeting that lasts until it is cancelled or `over`."""

    def __init__(self) -> None:
        super().__init__()
        self.greeted = 0
        self.played: list[Audio] = []
        self.mute: AppError | None = None

    def microphones(self) -> tuple[tuple[str, str], ...]:
        return (("mic-1", "Built-in microphone"), ("mic-2", "Headset"))

    def speakers(self) -> tuple[tuple[str, str], ...]:
        return (("out-1", "Built-in speakers"),)

    def play(self, sound: Audio, cancel: CancelToken) -> bool:
        self.played.append(sound)
        cancel.wait(30)
        return not cancel.cancelled

    def say_hello(self, cancel: CancelToken) -> bool:
        if self.mute:
            raise self.mute
        self.greeted += 1
        cancel.wait(10)
        cancel.raise_if_cancelled()
        return True


class ScriptedTalk:
    """TalkService's interface. The test says what happens; it reaches the window from another thread, as it would.

    With `gate` the opening waits for it. `pictures` are those that wait for the next question.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._turns = 0
        self.active = False
        self.conversation_id: str | None = None
        self.gate: threading.Event | None = None
        self.fail: AppError | None = None
        self.opening = False
        self.started = 0
        self.left = 0
        self.muted = False
        self.hushed = 0
        self.introduces = False
        self.pictures: tuple[Picture, ...] = ()
        self._turn = self._answer = self._text = ""
        self._on_event: Callable[[Event], None] = lambda event: None
        self._on_ended: Callable[[AppError | None], None] = lambda error: None

    def start(
        self,
        on_event: Callable[[Event], None],
        on_ended: Callable[[AppError | None], None],
        *,
        conversation_id: str | None,
        introduce: bool,
        on_level: Callable[[float], None],
        cancel: CancelToken,
    ) -> None:
        assert introduce
        self.opening = True
        if self.gate is not None:
            with cancel.calling(self.gate.set):
                self.gate.wait(30)
            cancel.raise_if_cancelled()
        if self.fail is not None:
            raise self.fail
        self.started += 1
        self.active, self.conversation_id, self.muted = True, conversation_id, False
        self._on_event, self._on_ended, self._on_level = on_event, on_ended, on_level

    def mute(self, muted: bool) -> None:
        self.muted = muted

    def hush(self) -> None:
        self.hushed += 1

    def show(self, pictures: tuple[Picture, ...]) -> None:
        self.pictures = pictures

    def leave(self) -> None:
        self.left += 1
        self.active = False

    # -- what the test has happen

    def tell(self, *events: Event) -> None:
        self._elsewhere(lambda: [self._on_event(event) for event in events])

    def phase(self, phase: Phase) -> None:
        self.tell(TalkPhaseChanged(turn_id="talk", phase=phase, muted=self.muted))

    def devices(self, microphone: str, speaker: str = "open", message: str = "", remedy: str = "") -> None:
        self.tell(
            DevicesChanged(turn_id="", microphone=microphone, speaker=speaker, message=message, remedy=remedy)  # type: ignore[arg-type]
        )

    def loud(self, level: float) -> None:
        self._elsewhere(lambda: self._on_level(level))

    def ask(self, text: str) -> None:
        """What was said is a question now, and its answer begins."""
        known = self.conversation_id
        conversation = self._history.conversation(known) if known else self._history.create()
        self.conversation_id = conversation.id
        parts, self.pictures = (*self.pictures, text), ()
        question = self._history.add_question(conversation.id, conversation.head_id, parts, spoken=True)
        answer = self._history.begin_answer(question.id, provenance=Provenance())
        self._turns += 1
        self._turn, self._answer, self._text = f"spoken{self._turns}", answer.id, ""
        self.tell(
            SpeechTranscribed(turn_id=self._turn, text=text, language="en", transcribe_ms=90.0),
            TurnStarted(
                turn_id=self._turn, conversation_id=conversation.id, question_id=question.id, answer_id=answer.id
            ),
        )

    def write(self, text: str) -> None:
        self._text += text
        self.tell(TextAdded(turn_id=self._turn, text=text))

    def speak(self, sentence: str) -> None:
        self.tell(SentenceSpoken(turn_id=self._turn, text=sentence, seconds=1.0))

    def played(self, sentence: str) -> None:
        self.tell(SentencePlayed(turn_id=self._turn, text=sentence))

    def finish(self, text: str | None = None, *, stopped_by: StoppedBy = "end") -> None:
        """The answer ends; `text` is what is kept of it."""
        self._keep(self._text if text is None else text, stopped_by)
        self.tell(TurnFinished(turn_id=self._turn, answer_id=self._answer, stopped_by=stopped_by))

    def interrupt(self, spoken: str) -> None:
        """After the answer was written: the person takes the floor."""
        self._keep(spoken, "person")
        self.tell(Interrupted(turn_id=self._turn, spoken=spoken))

    def fails(self, error: AppError, *, stored: bool = True) -> None:
        if stored:
            self._keep(self._text, "error")
        answer_id = self._answer if stored else ""
        self.tell(
            TurnFailed(
                turn_id=self._turn, answer_id=answer_id, code=error.code, message=error.message, remedy=error.remedy
            )
        )

    def end(self, error: AppError | None = None) -> None:
        self.active = False
        self._elsewhere(lambda: self._on_ended(error))

    def _keep(self, text: str, stopped_by: StoppedBy) -> None:
        status = "failed" if stopped_by == "error" else "done"
        self._history.finish_answer(
            self._answer, text, status=status, stopped_by=stopped_by, provenance=Provenance(), timings=Timings()
        )

    def _elsewhere(self, work: Callable[[], object]) -> None:
        thread = threading.Thread(target=work, name="talk")
        thread.start()
        thread.join()
