"""The ports: what the application asks of engines, as Protocols, and the token that stops them.

An engine is blocking and free of Qt. Each port's behaviour is stated once more, executable, in `tests/contracts`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, runtime_checkable

from desktop_app.domain.audio import Audio, EarBlock, Span, Transcript
from desktop_app.domain.generation import AnswerScore, GenerationEvent, ModelAbilities, ModelRequest
from desktop_app.domain.key_chords import KeyChord
from desktop_app.domain.lora import LoraAdapter
from desktop_app.domain.model_specs import FetchStep, ModelSpec
from desktop_app.domain.pictures import Evidence
from desktop_app.domain.training import TrainingEvent, TrainingJob
from desktop_app.errors import Cancelled


class CancelToken:
    """Says stop, once, to everything that holds it. Safe from any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def cancel(self) -> None:
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def raise_if_cancelled(self) -> None:
        """Raises `Cancelled`."""
        if self.cancelled:
            raise Cancelled

    def wait(self, seconds: float) -> bool:
        """Sleep until cancelled, at most `seconds`; True when cancelled."""
        return self._event.wait(seconds)

    @contextmanager
    def calling(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call `callback` once if the token is (or gets) cancelled inside the block."""
        with self._lock:
            pending = not self._event.is_set()
            if pending:
                self._callbacks.append(callback)
        if not pending:
            callback()
        try:
            yield
        finally:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)


@runtime_checkable
class LanguageModel(Protocol):
    """A language model, one caller at a time."""

    def load(self) -> ModelAbilities:
        """Load the weights unless they are loaded. Raises AppError with the reason, never crashes the caller."""
        ...

    def count_tokens(self, request: ModelRequest) -> int:
        """Tokens of the prompt that `stream` would read for this request, pictures included."""
        ...

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        """Progress, text, and exactly one `GenerationEnded` at the end.

        A cancelled stream ends with `stopped_by="person"`; it does not raise. Raises AppError otherwise.
        """
        ...

    def score(self, request: ModelRequest, answer: str) -> AnswerScore:
        """How likely `answer` is after the request's messages; of a bare text when there are no messages.

        Raises UserCanFix("chat.too_long"), AppError.
        """
        ...

    def divergence(self, request: ModelRequest, answer: str) -> float:
        """How far the adapter in use moves the model on `answer`: mean KL(without || with) per token, in nats."""
        ...

    def use_adapter(self, path: str, strength: float = 1.0) -> None:
        """Answer with this adapter from now on, until it is changed or the model is closed; "" with none.

        A model that was unloaded in between has none: say it before each turn, the same again costs next to nothing.

        `strength` is 0 to 1. The model is loaded if it is not. Nothing that was read under another adapter is reused;
        without one, answers are those of the base to the bit. A file that cannot be used changes nothing.
        Raises UserCanFix("adapter.*").
        """
        ...

    def close(self) -> None:
        """Give the memory back. Loading again is allowed."""
        ...


@runtime_checkable
class SpeechRecognizer(Protocol):
    def transcribe(self, audio: Audio, cancel: CancelToken) -> Transcript:
        """Words in `audio` (16 kHz). Empty text when nothing trustworthy was said. Raises Cancelled, AppError."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class VoiceDetector(Protocol):
    def speech(self, audio: Audio) -> tuple[Span, ...]:
        """Stretches of speech in `audio` (16 kHz), in order, not overlapping."""
        ...


@runtime_checkable
class LiveEar(Protocol):
    """Listens block by block, while the loudspeaker may be playing."""

    def hear(self, microphone: bytes, played: bytes) -> EarBlock:
        """Both are 40 ms of 16 kHz PCM of the same moment; `played` is silence while nothing plays."""
        ...

    def reset(self) -> None:
        """The devices have changed, or there was a gap."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class SpeechSynthesizer(Protocol):
    def speak(self, text: str, cancel: CancelToken, *, speed: float = 1.0) -> Iterator[Audio]:
        """The text as sound, one chunk per sentence. Ends early when cancelled. Raises AppError."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class PictureReader(Protocol):
    def read(self, picture: Path, cancel: CancelToken) -> Evidence:
        """What stands in a stored picture. Raises Cancelled, AppError."""
        ...

    def close(self) -> None: ...


class Microphone(Protocol):
    """Records 16 kHz mono. `on_block` is called with PCM blocks of about 40 ms from any thread."""

    def devices(self) -> tuple[tuple[str, str], ...]:
        """(id, name) of each input, the default first."""
        ...

    def start(
        self,
        on_block: Callable[[bytes], None],
        on_lost: Callable[[], None],
        device_id: str = "",
    ) -> None:
        """Raises EnvironmentProblem when there is no microphone. `on_lost`: unplugged while recording."""
        ...

    def stop(self) -> None: ...


class Speaker(Protocol):
    """Plays sound in 40 ms blocks, so that `stop` is heard at once."""

    def devices(self) -> tuple[tuple[str, str], ...]: ...

    def play(self, audio: Audio, cancel: CancelToken, device_id: str = "") -> bool:
        """Play to the end (True) or until cancelled (False); blocks. Raises EnvironmentProblem."""
        ...


class LiveSpeaker(Protocol):
    """A loudspeaker that stays open for a whole conversation and asks for sound when it needs some."""

    def start(
        self, next_block: Callable[[], bytes], on_lost: Callable[[], None], *, rate: int, device_id: str = ""
    ) -> None:
        """`next_block` is called from any thread and gives exactly 40 ms of mono 16-bit PCM at `rate`, silence too.

        It is asked for as late as the device allows (at most 200 ms ahead). `on_lost`: the device went away.
        Raises EnvironmentProblem.
        """
        ...

    def stop(self) -> None:
        """After this, no block is asked for any more."""
        ...


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the epoch; may jump."""
        ...

    def monotonic(self) -> float:
        """Seconds; never goes back."""
        ...


class ModelFetcher(Protocol):
    def fetch(self, spec: ModelSpec, folder: Path, cancel: CancelToken) -> Iterator[FetchStep]:
        """Bring every file of `spec` into `folder` under its own name, checked; a file that is there is kept.

        What is already downloaded is used, and kept when it ends early. Raises Cancelled, AppError.
        """
        ...

    def space_needed(self, specs: Sequence[ModelSpec]) -> int:
        """Bytes that the downloads themselves will take at their peak, beside the installed files."""
        ...

    def volume(self) -> Path:
        """A folder on the disk that takes the downloads."""
        ...


class Endpoint(Protocol):
    """Where other programs of this computer may ask."""

    @property
    def address(self) -> str: ...

    def serve(self) -> None:
        """Until `stop`, from another thread."""
        ...

    def stop(self) -> None: ...


@runtime_checkable
class PictureDecoder(Protocol):
    def decode(self, data: bytes, name: str) -> tuple[bytes, int, int]:
        """(PNG, width, height) of untrusted bytes: upright, flat, bare. Raises UserCanFix("picture.*")."""
        ...


@runtime_checkable
class Trainer(Protocol):
    """Makes adapters from what a person taught. One training at a time; the same job gives the same adapter."""

    def check(self, base_path: str) -> str:
        """ "" when this model can be trained here, else why not, in a sentence. Looks at the file's head only."""
        ...

    def train(self, job: TrainingJob, cancel: CancelToken) -> Iterator[TrainingEvent]:
        """Progress, and exactly one `TrainingEnded` at the end, when the adapter file is there.

        A job that was interrupted, by whatever, goes on where it was. Raises Cancelled,
        UserCanFix("training.*"), AppError; then there is no adapter file.
        """
        ...

    def pause(self) -> None:
        """Compute nothing more, within 200 ms; from any thread, at any time, also before `train`."""
        ...

    def resume(self) -> None: ...

    def forget(self, job: TrainingJob) -> None:
        """Remove what an interrupted training of this job has left behind."""
        ...

    def close(self) -> None: ...


class AdapterExporter(Protocol):
    def export(self, adapter: LoraAdapter, path: Path) -> None:
        """Write the file that the language model can use; it appears at once and whole. Raises AppError."""
        ...


class TalkKey(Protocol):
    """A key that is heard while another program is in front."""

    def listen(
        self, chord: KeyChord, pressed: Callable[[str], None], released: Callable[[], None]
    ) -> Callable[[], None]:
        """Call these from a thread of its own whenever the key goes down and up; gives what ends it.

        `pressed` is told what lets a window come to the front ("" where nothing is needed). Blocks until the system has
        agreed, which may be a question to the person. Raises EnvironmentProblem or UserCanFix ("key.*").
        """
        ...


class LoginStart(Protocol):
    """Whether Stonechat starts when the person logs in, as the system knows it."""

    def is_on(self) -> bool: ...

    def turn(self, on: bool) -> None:
        """Raises EnvironmentProblem("login.not_changed")."""
        ...
