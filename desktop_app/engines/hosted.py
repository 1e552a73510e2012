"""The ports in front of an `EngineHost`: the same engines, in a child process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from desktop_app.domain.audio import Audio, EarBlock, Span, Transcript
from desktop_app.domain.generation import AnswerScore, GenerationEvent, ModelAbilities, ModelRequest
from desktop_app.domain.pictures import Evidence
from desktop_app.domain.training import TrainingEvent, TrainingJob
from desktop_app.engines.host import EngineHost
from desktop_app.ports import CancelToken


class _Hosted:
    def __init__(self, host: EngineHost) -> None:
        self.host = host

    def close(self) -> None:
        self.host.stop()


class HostedLanguageModel(_Hosted):
    def load(self) -> ModelAbilities:
        return cast(ModelAbilities, self.host.call("load"))

    def count_tokens(self, request: ModelRequest) -> int:
        return cast(int, self.host.call("count_tokens", request))

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        return self.host.stream("stream", request, cancel=cancel)

    def score(self, request: ModelRequest, answer: str) -> AnswerScore:
        return cast(AnswerScore, self.host.call("score", request, answer))

    def divergence(self, request: ModelRequest, answer: str) -> float:
        return cast(float, self.host.call("divergence", request, answer))

    def use_adapter(self, path: str, strength: float = 1.0) -> None:
        self.host.call("use_adapter", path, strength)


class HostedRecognizer(_Hosted):
    def transcribe(self, audio: Audio, cancel: CancelToken) -> Transcript:
        return cast(Transcript, self.host.call("transcribe", audio, cancel=cancel))


class HostedDetector(_Hosted):
    def speech(self, audio: Audio) -> tuple[Span, ...]:
        return cast("tuple[Span, ...]", self.host.call("speech", audio))


class HostedEar(_Hosted):
    def hear(self, microphone: bytes, played: bytes) -> EarBlock:
        return cast(EarBlock, self.host.call("hear", microphone, played))

    def reset(self) -> None:
        self.host.call("reset")


class HostedSynthesizer(_Hosted):
    def speak(self, text: str, cancel: CancelToken, *, speed: float = 1.0) -> Iterator[Audio]:
        return self.host.stream("speak", text, cancel=cancel, speed=speed)


class HostedPictureReader(_Hosted):
    def read(self, picture: Path, cancel: CancelToken) -> Evidence:
        return cast(Evidence, self.host.call("read", str(picture), cancel=cancel))

    def decode(self, data: bytes, name: str) -> tuple[bytes, int, int]:
        return cast("tuple[bytes, int, int]", self.host.call("decode", data, name))


class HostedQuantizer(_Hosted):
    def quantize(self, source: str, target: str, kind: str, cancel: CancelToken) -> Iterator[int]:
        return self.host.stream("quantize", source, target, kind, cancel=cancel)


class HostedTrainer(_Hosted):
    """A pause outlives the child: the next one starts paused. `check` runs here, so that it waits for no training."""

    def __init__(self, host: EngineHost, check: Callable[[str], str]) -> None:
        super().__init__(host)
        self.check = check
        self._paused = False

    def train(self, job: TrainingJob, cancel: CancelToken) -> Iterator[TrainingEvent]:
        self.host.start()
        self.host.tell("pause" if self._paused else "resume")
        return self.host.stream("train", job, cancel=cancel)

    def pause(self) -> None:
        self._paused = True
        self.host.tell("pause")

    def resume(self) -> None:
        self._paused = False
        self.host.tell("resume")

    def forget(self, job: TrainingJob) -> None:
        self.host.call("forget", job)
