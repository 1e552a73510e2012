"""What the journeys over real devices do, each in a process of its own: Qt looks for a sound server only once.

`python -m tests.journeys.audio_scenes SCENE MODELS main|worker` prints one JSON object.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QMetaObject

from desktop_app.domain.audio import Audio
from desktop_app.engines.piper import PiperSynthesizer
from desktop_app.engines.qt_audio import QtMicrophone, QtSpeaker
from desktop_app.engines.silero import SileroDetector
from desktop_app.engines.whisper import WhisperRecognizer
from desktop_app.errors import AppError, EnvironmentProblem
from desktop_app.paths import resources
from desktop_app.ports import CancelToken
from desktop_app.services.voice import VoiceService
from desktop_app.services.wav import read_wav
from desktop_app.settings import Settings

QUESTION = resources() / "samples" / "capital_of_france.wav"
RATE = 22_050


class Listener:
    """Records what the loudspeaker plays. Its short latency keeps that of the virtual devices short, too."""

    def __init__(self, source: str = "speaker.monitor") -> None:
        command = ["parec", "--device", source, "--latency-msec=20", "--format=s16le", f"--rate={RATE}", "--channels=1"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self._pcm = bytearray()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        wait_for(lambda: bool(self._pcm))

    def _read(self) -> None:
        assert self._process.stdout is not None
        while block := self._process.stdout.read(882):
            self._pcm += block

    @property
    def heard(self) -> Audio:
        return Audio(pcm=bytes(self._pcm[: len(self._pcm) // 2 * 2]), rate=RATE)

    def listen(self, seconds: float) -> None:
        """Until so much more was heard."""
        size = len(self._pcm) + int(seconds * RATE) * 2
        wait_for(lambda: len(self._pcm) >= size)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(5)
        self._reader.join(5)
        assert self._process.stdout is not None
        self._process.stdout.close()


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        threading.Event().wait(0.005)


def voice_service(models: str) -> VoiceService:
    folder = Path(models)
    return VoiceService(
        WhisperRecognizer(str(folder / "whisper-tiny-en")),
        SileroDetector(),
        PiperSynthesizer(str(folder / "piper-joe-en" / "en_US-joe-medium.onnx")),
        QtMicrophone(),
        QtSpeaker(),
        lambda: Settings(speaker="speaker", microphone="vmic"),
    )


def loud_seconds(audio: Audio) -> float:
    """Seconds from the first sound to the last."""
    loud = [i for i, value in enumerate(memoryview(audio.pcm).cast("h")) if abs(value) > 200]
    return (loud[-1] - loud[0]) / audio.rate if loud else 0.0


def spoken_turn(models: str) -> dict[str, Any]:
    """The question is played into the virtual microphone and understood."""
    voice = voice_service(models)
    levels: list[tuple[float, float]] = []
    lost: list[AppError] = []
    voice.start_recording(lambda level, seconds: levels.append((level, seconds)), lost.append)
    wait_for(lambda: bool(levels))
    subprocess.run(["paplay", "--device=micsink", "--latency-msec=30", str(QUESTION)], check=True)
    played = levels[-1][1]
    wait_for(lambda: levels[-1][1] >= played + 0.5)
    audio = voice.stop_recording()
    heard = voice.words_in(audio, CancelToken())
    began = time.monotonic()
    voice.transcribe(audio, CancelToken())
    return {
        "text": heard.text,
        "seconds": audio.seconds,
        "loudest": max(level for level, _ in levels),
        "levels": len(levels),
        "lost": [error.code for error in lost],
        "transcribe_ms": (time.monotonic() - began) * 1000,
    }


def played_sound(models: str) -> dict[str, Any]:
    """What the speaker plays is what its monitor hears."""
    listener, speaker, question = Listener(), QtSpeaker(), read_wav(QUESTION)
    began = time.monotonic()
    finished = speaker.play(question, CancelToken(), "speaker")
    took = time.monotonic() - began
    listener.listen(0.3)
    listener.close()
    heard = voice_service(models).transcribe(listener.heard, CancelToken())
    return {"finished": finished, "took": took, "seconds": question.seconds, "text": heard.text}


def stopped_sound(models: str) -> dict[str, Any]:
    """Cancelled in the middle, it is silent at once."""
    listener, cancel, question = Listener(), CancelToken(), read_wav(QUESTION)
    finished: list[bool] = []
    player = threading.Thread(target=lambda: finished.append(QtSpeaker().play(question, cancel, "speaker")))
    player.start()
    wait_for(lambda: loud_seconds(listener.heard) > 0.5)
    cancel.cancel()
    began = time.monotonic()
    player.join()
    took = time.monotonic() - began
    stopped_at = listener.heard.seconds
    listener.listen(0.5)
    listener.close()
    rest = listener.heard.pcm[int(stopped_at * RATE) * 2 :]
    return {"finished": finished[0], "took": took, "sound_after": loud_seconds(Audio(pcm=rest, rate=RATE))}


def read_aloud(models: str) -> dict[str, Any]:
    """An answer with code in it is spoken, sentence by sentence."""
    listener, voice = Listener(), voice_service(models)
    list(voice.synthesize("Warm.", CancelToken()))
    events: list[tuple[float, str, str]] = []
    began = time.monotonic()
    narrator = voice.narrator(
        "turn",
        CancelToken(),
        lambda event: events.append((time.monotonic() - began, type(event).__name__, getattr(event, "text", ""))),
    )
    for letter in "The capital of France is Paris.\n\n```python\nprint(1)\n```\n\nIt lies on a river.":
        narrator.feed(letter)
    narrator.finish()
    finished = narrator.wait()
    listener.listen(0.3)
    listener.close()
    heard = voice.transcribe(listener.heard, CancelToken())
    return {
        "finished": finished,
        "events": [(name, text) for _, name, text in events],
        "first_audio_ms": events[0][0] * 1000,
        "text": heard.text,
    }


def unplugged(models: str) -> dict[str, Any]:
    """The microphone goes away while it records: what was heard is kept."""
    voice = voice_service(models)
    levels: list[float] = []
    lost: list[AppError] = []
    voice.start_recording(lambda _level, seconds: levels.append(seconds), lost.append)
    wait_for(lambda: bool(levels) and levels[-1] >= 0.5)
    subprocess.run(["pactl", "unload-module", "module-remap-source"], check=True)
    wait_for(lambda: bool(lost))
    audio = voice.stop_recording()
    return {"lost": [error.code for error in lost], "seconds": audio.seconds, **started_without_devices(voice)}


def nothing_there(models: str) -> dict[str, Any]:
    """What is said where there is no device."""
    return started_without_devices(voice_service(models))


def started_without_devices(voice: VoiceService) -> dict[str, Any]:
    try:
        voice.start_recording(lambda _level, _seconds: None, lambda _error: None)
        error = None
    except EnvironmentProblem as caught:
        error = caught.as_dict()
    return {"error": error, "microphones": voice.microphones(), "speakers": voice.speakers()}


def server_stopped(models: str) -> dict[str, Any]:
    """The whole sound server goes away while it records."""
    voice = voice_service(models)
    lost: list[AppError] = []
    voice.speakers()
    voice.start_recording(lambda _level, _seconds: None, lost.append)
    subprocess.run(["pactl", "exit"], check=True)
    wait_for(lambda: bool(lost))
    voice.stop_recording()
    try:
        QtSpeaker().play(read_wav(QUESTION), CancelToken())
        error = None
    except EnvironmentProblem as caught:
        error = caught.code
    return {"lost": [error.code for error in lost], "speaker": error, **started_without_devices(voice)}


@contextlib.contextmanager
def no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert not set(threading.enumerate()) - before, threading.enumerate()


def in_a_worker(scene: Callable[[str], dict[str, Any]], models: str) -> dict[str, Any]:
    """As in the window: the main thread runs Qt's event loop meanwhile."""
    with futures.ThreadPoolExecutor(1) as pool:
        result = pool.submit(scene, models)
        result.add_done_callback(lambda _: QMetaObject.invokeMethod(QCoreApplication.instance(), "quit"))
        QCoreApplication.exec()
    return result.result()


def main() -> None:
    name, models, where = sys.argv[1:]
    scene = globals()[name]
    application = QCoreApplication([])
    with no_thread_left():
        result = in_a_worker(scene, models) if where == "worker" else scene(models)
    sys.stdout.write(json.dumps(result))
    del application


if __name__ == "__main__":
    main()
