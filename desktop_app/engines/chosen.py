"""The engines that the person chose, each in its child: configured when used, so that a new choice acts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from desktop_app.domain.audio import Audio, Transcript
from desktop_app.domain.model_specs import InstalledModel, ModelRole
from desktop_app.domain.pictures import Evidence
from desktop_app.engines.adapter_check import check_adapter
from desktop_app.engines.host import EngineHost
from desktop_app.engines.hosted import (
    HostedDetector,
    HostedEar,
    HostedLanguageModel,
    HostedPictureReader,
    HostedQuantizer,
    HostedRecognizer,
    HostedSynthesizer,
    HostedTrainer,
)
from desktop_app.engines.late_audio import LateLiveSpeaker, LateMicrophone, LateSpeaker
from desktop_app.engines.training_room import free_threads, why_not
from desktop_app.errors import UserCanFix
from desktop_app.ports import CancelToken, LanguageModel, LiveSpeaker, Microphone, Speaker
from desktop_app.settings import Settings

JUDGE_CONTEXT = 2048
TRAINER_IDLE_S = 20.0
"""torch gives back little of the memory that it took: the child ends soon after a training."""

Find = Callable[[ModelRole, str], InstalledModel]


class ChosenEngines:
    """`find(role, id)` gives the installed model ("" takes the choice) or raises UserCanFix("models.missing")."""

    def __init__(self, find: Find, settings: Callable[[], Settings]) -> None:
        self._find = find
        self._settings = settings
        engine = "desktop_app.engines"
        idle_s = settings().idle_unload_minutes * 60.0
        # Behind the window and the voice, which must not wait for it.
        self._model = EngineHost("language model", f"{engine}.llama:LlamaModel", {}, idle_s=idle_s, polite=True)
        self._ears = EngineHost("recogniser", f"{engine}.whisper:WhisperRecognizer", {}, idle_s=idle_s)
        self._vad = EngineHost("voice detector", f"{engine}.silero:SileroDetector", {}, idle_s=idle_s)
        self._ear = EngineHost("live ear", f"{engine}.live_ear:EchoFreeEar", {}, idle_s=idle_s)
        self._voice = EngineHost("voice", f"{engine}.piper:PiperSynthesizer", {}, idle_s=idle_s)
        self._eyes = EngineHost("picture reader", f"{engine}.picture_reader:RapidOcrReader", {}, idle_s=idle_s)
        self._judge = EngineHost("judge", f"{engine}.llama:LlamaModel", {}, idle_s=TRAINER_IDLE_S, polite=True)
        self._trainer = EngineHost(
            "trainer", f"{engine}.peft_trainer:PeftTrainer", {}, idle_s=TRAINER_IDLE_S, polite=True
        )
        self._hosts = (self._model, self._ears, self._vad, self._ear, self._voice, self._eyes)
        self.recognizer = ChosenRecognizer(self)
        self.detector = HostedDetector(self._vad)
        self.ear = HostedEar(self._ear)
        self.synthesizer = ChosenSynthesizer(self)
        self.reader = ChosenReader(self)
        self.trainer = HostedTrainer(self._trainer, why_not)

    def model(self, model_id: str) -> LanguageModel:
        """The language model, not necessarily loaded yet."""
        found, settings = self._find("language", model_id), self._settings()
        self._model.configure(
            {
                "model_path": found.path,
                "projector_path": found.projector_path,
                "sha256": found.sha256,
                "name": found.title,
                "context_tokens": min(settings.context_tokens, found.context_tokens or settings.context_tokens),
                "threads": settings.threads,
                "kv_type": settings.kv_type,
                "gpu_layers": settings.gpu_layers,
            }
        )
        return HostedLanguageModel(self._model)

    def judge(self, model: InstalledModel) -> LanguageModel:
        """The same model in a child of its own, on the cores that are free now: adapters are judged beside the talk."""
        self._judge.configure(
            {
                "model_path": model.path,
                "projector_path": "",
                "sha256": model.sha256,
                "name": model.title,
                "context_tokens": JUDGE_CONTEXT,
                "threads": free_threads(),
            }
        )
        return HostedLanguageModel(self._judge)

    def check_adapter(self, path: Path) -> None:
        """Look at an adapter file for the chosen model before anything opens it. Raises UserCanFix("adapter.*")."""
        base = self._find("language", "")
        check_adapter(path, Path(base.path), base.sha256)

    def microphone(self) -> Microphone:
        return LateMicrophone()

    def speaker(self) -> Speaker:
        return LateSpeaker()

    def live_speaker(self) -> LiveSpeaker:
        return LateLiveSpeaker()

    def unload_after(self, minutes: int) -> None:
        """Give a child's memory back after that long without a call, from its next call on; 0 never."""
        for host in self._hosts:
            host.idle_s = minutes * 60.0

    def restart(self) -> None:
        self._model.stop()

    def close(self) -> None:
        for host in (*self._hosts, self._trainer, self._judge):
            host.stop()

    def ears(self) -> HostedRecognizer:
        model_dir = str(Path(self._find("hearing", "").path).parent)
        settings = self._settings()
        self._ears.configure(
            {
                "model_dir": model_dir,
                "expected_words": settings.expected_words,
                "language": settings.hearing_language,
            }
        )
        return HostedRecognizer(self._ears)

    def mouth(self) -> HostedSynthesizer:
        self._voice.configure({"model_path": self._find("voice", "").path})
        return HostedSynthesizer(self._voice)

    def eyes(self) -> HostedPictureReader:
        self._eyes.configure({"labels_onnx": self._find("labels", "").path})
        return HostedPictureReader(self._eyes)

    def decoder(self) -> HostedPictureReader:
        """The same child, which can take pictures in without the labels."""
        try:
            return self.eyes()
        except UserCanFix:
            self._eyes.configure({"labels_onnx": ""})
            return HostedPictureReader(self._eyes)


def hardware() -> tuple[bool, str, int, int]:
    """See `LlamaHardware.look`; asked in a child that ends at once. Raises AppError."""
    host = EngineHost("look at the hardware", "desktop_app.engines.llama_hardware:LlamaHardware", {})
    try:
        return cast("tuple[bool, str, int, int]", host.call("look"))
    finally:
        host.stop()


def quantizer() -> HostedQuantizer:
    """Makes models smaller, in a child of its own."""
    host = EngineHost("quantizer", "desktop_app.engines.llama_quantize:LlamaQuantizer", {}, polite=True)
    return HostedQuantizer(host)


class ChosenRecognizer:
    def __init__(self, engines: ChosenEngines) -> None:
        self._engines = engines

    def transcribe(self, audio: Audio, cancel: CancelToken) -> Transcript:
        return self._engines.ears().transcribe(audio, cancel)

    def close(self) -> None:
        return


class ChosenSynthesizer:
    def __init__(self, engines: ChosenEngines) -> None:
        self._engines = engines

    def speak(self, text: str, cancel: CancelToken, *, speed: float = 1.0) -> Iterator[Audio]:
        return self._engines.mouth().speak(text, cancel, speed=speed)

    def close(self) -> None:
        return


class ChosenReader:
    def __init__(self, engines: ChosenEngines) -> None:
        self._engines = engines

    def read(self, picture: Path, cancel: CancelToken) -> Evidence:
        return self._engines.eyes().read(picture, cancel)

    def decode(self, data: bytes, name: str) -> tuple[bytes, int, int]:
        return self._engines.decoder().decode(data, name)

    def close(self) -> None:
        return
