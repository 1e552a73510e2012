"""What the journeys over real devices do, each in a process of its own: Qt looks for a sound server only once.

`python -m tests.journeys.audio_scenes SCENE MODELS main|worker` prints one JSON object.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy
from PySide6.QtCore import QCoreApplication, QMetaObject
from PySide6.QtMultimedia import QAudioFormat

from desktop_app.app import build
from desktop_app.domain.audio import BLOCK_MS, HEARING_RATE, Audio, joined
from desktop_app.domain.events import Event, FirstAudio, Interrupted, SentencePlayed, SpeechTranscribed, TurnFailed
from desktop_app.engines.piper import PiperSynthesizer
from desktop_app.engines.qt_audio import QtMicrophone, QtSpeaker
from desktop_app.engines.qt_live_speaker import QtLiveSpeaker
from desktop_app.engines.silero import SileroDetector
from desktop_app.engines.whisper import WhisperRecognizer
from desktop_app.errors import AppError, EnvironmentProblem
from desktop_app.paths import places, resources
from desktop_app.ports import CancelToken
from desktop_app.services.voice import VoiceService
from desktop_app.services.wav import read_wav, write_wav
from desktop_app.settings import Settings

STORY = "Tell me a long story about a bird at the sea."
QUESTION = resources() / "samples" / "capital_of_france.wav"
RATE = 22_050


class Listener:
    """Records what the loudspeaker plays. Its short latency keeps that of the virtual devices short, too."""

    def __init__(self, source: str = "speaker.monitor") -> None:
        command = ["parec", "--device", source, "--latency-msec=20", "--format=s16le", f"--rate={RATE}", "--channels=1"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self._pcm = bytearray()
        self._arrivals: list[tuple[int, float]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        wait_for(lambda: bool(self._pcm))

    def _read(self) -> None:
        assert self._process.stdout is not None
        while block := self._process.stdout.read(882):
            self._pcm += block
            self._arrivals.append((len(self._pcm) // 2, time.monotonic()))

    @property
    def heard(self) -> Audio:
        return Audio(pcm=bytes(self._pcm[: len(self._pcm) // 2 * 2]), rate=RATE)

    def listen(self, seconds: float) -> None:
        """Until so much more was heard."""
        size = len(self._pcm) + int(seconds * RATE) * 2
        wait_for(lambda: len(self._pcm) >= size)

    def heard_at(self, sample: int) -> float:
        """When that sample had arrived, as `time.monotonic`."""
        return next(when for samples, when in self._arrivals if samples > sample)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(5)
        self._reader.join(5)
        assert self._process.stdout is not None
        self._process.stdout.close()


class CountedTones:
    """What a conversation hands over: each block a tone of its own pitch, by which it is known again; or silence."""

    PITCHES = 32

    def __init__(self, *, loud: bool = True) -> None:
        self.loud = loud
        self.asked: list[tuple[float, int | None]] = []
        """When each block was asked for, and its number among the loud ones."""
        self._numbers = itertools.count()

    def __call__(self) -> bytes:
        number = next(self._numbers) if self.loud else None
        self.asked.append((time.monotonic(), number))
        if number is None:
            return bytes(2 * (RATE * BLOCK_MS // 1000))
        turns = numpy.arange(RATE * BLOCK_MS // 1000) / RATE * self._hertz(number)
        return (9_000 * numpy.sin(2 * numpy.pi * turns)).astype("<i2").tobytes()

    def asked_at(self, number: int) -> float:
        return next(when for when, known in self.asked if known == number)

    def _hertz(self, number: int) -> float:
        return 1000 / BLOCK_MS * (16 + 2 * (number % self.PITCHES))

    @classmethod
    def numbers_in(cls, audio: Audio) -> list[int]:
        """The blocks that were heard, in their order; silence between them does not count."""
        size = audio.rate * BLOCK_MS // 1000
        samples = numpy.frombuffer(audio.pcm, "<i2").astype(float)
        windows = numpy.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 4]
        loud = windows[numpy.abs(windows).mean(axis=1) > 500]
        strongest = numpy.abs(numpy.fft.rfft(loud)).argmax(axis=1)
        return [number for number, _ in itertools.groupby(round((int(harmonic) - 16) / 2) for harmonic in strongest)]

    @classmethod
    def jumps_in(cls, audio: Audio) -> int:
        """How often a block was left out, or heard twice."""
        numbers = cls.numbers_in(audio)
        return sum((later - earlier) % cls.PITCHES != 1 for earlier, later in itertools.pairwise(numbers))


class Recording:
    """What the microphone hears, block by block."""

    def __init__(self) -> None:
        self.blocks: list[tuple[float, bytes]] = []
        self.lost: list[float] = []

    def take(self, block: bytes) -> None:
        self.blocks.append((time.monotonic(), block))

    @property
    def heard(self) -> Audio:
        return Audio(pcm=b"".join(block for _, block in self.blocks), rate=HEARING_RATE)


@contextlib.contextmanager
def open_room(echo_db: float = 0.0, latency_ms: int = 20) -> Iterator[None]:
    """The microphone `vmic` hears the loudspeaker `speaker`, beside what is played into `micsink`, so much quieter."""
    wanted = ["source=speaker.monitor", "sink=micsink", f"latency_msec={latency_ms}"]
    loopback = pactl("load-module", "module-loopback", *wanted)
    inputs = json.loads(pactl("--format=json", "list", "sink-inputs"))
    [number] = [entry["index"] for entry in inputs if str(entry["owner_module"]) == loopback]
    pactl("set-sink-input-volume", str(number), f"{echo_db:+}dB")
    try:
        yield
    finally:
        pactl("unload-module", loopback)


def pactl(*words: str) -> str:
    return subprocess.run(["pactl", *words], check=True, capture_output=True, text=True).stdout.strip()


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


def audible(audio: Audio) -> tuple[int, int]:
    """The first and the last sample that can be heard; twice 0 in silence."""
    loud = numpy.flatnonzero(numpy.abs(numpy.frombuffer(audio.pcm, "<i2").astype(int)) > 200)
    return (int(loud[0]), int(loud[-1])) if len(loud) else (0, 0)


def loud_seconds(audio: Audio) -> float:
    """Seconds from the first sound to the last."""
    start, end = audible(audio)
    return (end - start) / audio.rate


def longest_gap_ms(audio: Audio) -> float:
    """The longest silence between the first sound and the last."""
    loud = numpy.flatnonzero(numpy.abs(numpy.frombuffer(audio.pcm, "<i2").astype(int)) > 200)
    return float(numpy.diff(loud).max(initial=0)) / audio.rate * 1000


def latency_ms(tones: CountedTones, listener: Listener) -> float:
    """From the moment the first loud block was asked for until its first sample was heard."""
    return (listener.heard_at(audible(listener.heard)[0]) - tones.asked_at(0)) * 1000


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


def live_tones(models: str) -> dict[str, Any]:
    """Five seconds handed over block by block."""
    listener, speaker, tones, lost = Listener(), QtLiveSpeaker(), CountedTones(loud=False), list[float]()
    speaker.start(tones, lambda: lost.append(time.monotonic()), rate=RATE, device_id="speaker")
    listener.listen(0.5)
    tones.loud = True
    listener.listen(5.5)
    tones.loud = False
    listener.listen(0.5)
    speaker.stop()
    asked = len(tones.asked)
    listener.listen(0.2)
    listener.close()
    return {
        "seconds": loud_seconds(listener.heard),
        "handed_seconds": sum(number is not None for _, number in tones.asked) * BLOCK_MS / 1000,
        "jumps": CountedTones.jumps_in(listener.heard),
        "gap_ms": longest_gap_ms(listener.heard),
        "latency_ms": latency_ms(tones, listener),
        "asked_after_stop": len(tones.asked) - asked,
        "lost": len(lost),
    }


def live_other_samples(models: str) -> dict[str, Any]:
    """As on a device that takes nothing but stereo floats of another rate."""
    theirs = QAudioFormat()
    theirs.setSampleRate(24_000)
    theirs.setChannelCount(2)
    theirs.setSampleFormat(QAudioFormat.SampleFormat.Float)
    with mock.patch("desktop_app.engines.qt_live_speaker.format_for", return_value=theirs):
        return live_tones(models)


def live_silence(models: str) -> dict[str, Any]:
    """Silence is handed over in the middle; a second time, the speaker is stopped."""
    silent_after: dict[str, float] = {}
    for way in ("handed_silence", "stopped"):
        listener, speaker, tones = Listener(), QtLiveSpeaker(), CountedTones()
        speaker.start(tones, lambda: None, rate=RATE, device_id="speaker")
        listener.listen(1.0)
        began = time.monotonic()
        if way == "stopped":
            speaker.stop()
        tones.loud = False
        listener.listen(0.6)
        speaker.stop()
        listener.close()
        silent_after[way] = (listener.heard_at(audible(listener.heard)[1]) - began) * 1000
    return {"silent_after_ms": silent_after, "latency_ms": latency_ms(tones, listener)}


def live_trouble(models: str) -> dict[str, Any]:
    """The source of the sound fails for a while: silence, one complaint, and it goes on."""
    complaints: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: complaints.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("desktop_app").addHandler(handler)
    listener, speaker, tones, failures = Listener(), QtLiveSpeaker(), CountedTones(), [0]

    def failing() -> bytes:
        block = tones()
        failures[0] += 1
        if 20 <= failures[0] < 30:
            raise RuntimeError("no sound today")
        return b"" if 30 <= failures[0] < 35 else block

    speaker.start(failing, lambda: None, rate=RATE, device_id="speaker")
    listener.listen(2.5)
    speaker.stop()
    listener.close()
    return {
        "complaints": complaints,
        "gap_ms": longest_gap_ms(listener.heard),
        "seconds": loud_seconds(listener.heard),
    }


def live_stop_from_within(models: str) -> dict[str, Any]:
    """Stopped by its own source, and used again."""
    speaker, tones, again = QtLiveSpeaker(), CountedTones(), CountedTones()

    def stopping() -> bytes:
        if len(tones.asked) == 10:
            speaker.stop()
        return tones()

    listener = Listener()
    speaker.start(stopping, lambda: None, rate=RATE, device_id="speaker")
    listener.listen(1.0)
    speaker.start(again, lambda: None, rate=RATE, device_id="speaker")
    listener.listen(0.5)
    speaker.stop()
    speaker.stop()
    listener.close()
    return {"asked": len(tones.asked), "again": len(again.asked)}


def live_lost(models: str, *gone: str) -> dict[str, Any]:
    """The loudspeaker goes away while it is open."""
    listener, speaker, tones, lost = Listener(), QtLiveSpeaker(), CountedTones(), list[float]()
    speaker.start(tones, lambda: lost.append(time.monotonic()), rate=RATE, device_id="speaker")
    listener.listen(0.3)
    listener.close()
    began = time.monotonic()
    pactl(*gone)
    wait_for(lambda: bool(lost))
    asked = len(tones.asked)
    threading.Event().wait(1.0)
    asked_after_loss = len(tones.asked) - asked
    speaker.stop()
    try:
        speaker.start(tones, lambda: None, rate=RATE, device_id="speaker")
        error = None
    except EnvironmentProblem as caught:
        error = caught.as_dict()
    speaker.stop()
    return {
        "lost": len(lost),
        "after_s": lost[0] - began,
        "asked_after_loss": asked_after_loss,
        "error": error,
        "speakers": [number for number, _ in QtSpeaker().devices()],
    }


def live_server_stopped(models: str) -> dict[str, Any]:
    return live_lost(models, "exit")


def live_unplugged(models: str) -> dict[str, Any]:
    modules = (line.split("\t") for line in pactl("list", "short", "modules").splitlines())
    [number] = [module[0] for module in modules if "sink_name=speaker" in module[2]]
    return live_lost(models, "unload-module", number)


def live_echo(models: str) -> dict[str, Any]:
    """The microphone hears the loudspeaker of the same conversation."""
    microphone, speaker, tones, recording = QtMicrophone(), QtLiveSpeaker(), CountedTones(loud=False), Recording()
    lost: list[str] = []
    with open_room(echo_db=-6):
        microphone.start(recording.take, lambda: lost.append("microphone"), "vmic")
        wait_for(lambda: bool(recording.blocks))
        speaker.start(tones, lambda: lost.append("speaker"), rate=RATE, device_id="speaker")
        began = len(recording.blocks)
        wait_for(lambda: len(recording.blocks) >= began + 25)
        tones.loud = True
        wait_for(lambda: len(recording.blocks) >= began + 100)
        tones.loud = False
        wait_for(lambda: len(recording.blocks) >= began + 120)
        speaker.stop()
        microphone.stop()
    block = audible(recording.heard)[0] * 1000 // HEARING_RATE // BLOCK_MS
    return {
        "seconds": loud_seconds(recording.heard),
        "jumps": CountedTones.jumps_in(recording.heard),
        "gap_ms": longest_gap_ms(recording.heard),
        "loudest": int(numpy.abs(numpy.frombuffer(recording.heard.pcm, "<i2").astype(int)).max()),
        "delay_ms": (recording.blocks[block][0] - tones.asked_at(0)) * 1000,
        "lost": lost,
    }


def busy_microphone(models: str) -> dict[str, Any]:
    """The microphone is heard while another thread of ours does not rest."""
    recording, microphone, over = Recording(), QtMicrophone(), threading.Event()

    def work() -> None:
        while not over.is_set():
            sum(range(200_000))

    microphone.start(recording.take, lambda: recording.lost.append(time.monotonic()), "vmic")
    wait_for(lambda: bool(recording.blocks))
    worker = threading.Thread(target=work)
    worker.start()
    began, heard = time.monotonic(), recording.heard.seconds
    over.wait(3.0)
    over.set()
    worker.join()
    took = time.monotonic() - began
    wait_for(lambda: recording.heard.seconds - heard >= took - 0.3, 10)
    microphone.stop()
    return {"seconds": recording.heard.seconds - heard, "took": took, "lost": len(recording.lost)}


def hands_free(models: str) -> dict[str, Any]:
    """A whole conversation: the loudspeaker is heard by the microphone, and the second question interrupts."""
    events: list[Event] = []
    ended: list[AppError | None] = []

    def seen(kind: type) -> list[Any]:
        return [event for event in events if isinstance(event, kind)]

    with tempfile.TemporaryDirectory() as folder, open_room(echo_db=-10):
        home = replace(places(Path(folder)), models=Path(models)).create()
        services = build(home)
        services.preferences.change(
            microphone="vmic",
            speaker="speaker",
            language_model="smollm2-135m",
            system_prompt="You tell stories. Every answer is a long story of ten sentences.",
            temperature=0.0,
            max_tokens=160,
        )
        services.talk.start(events.append, ended.append)
        listener = Listener()
        try:
            story = Path(folder) / "story.wav"
            write_wav(story, joined(list(services.voice.synthesize(STORY, CancelToken()))))
            for turn, spoken in ((1, story), (2, QUESTION)):
                subprocess.run(["paplay", "--device=micsink", "--latency-msec=30", str(spoken)], check=True)
                wait_for(lambda turn=turn: len(seen(SpeechTranscribed)) >= turn, 110)  # type: ignore[misc]
                wait_for(lambda turn=turn: len(seen(FirstAudio)) >= turn, 110)  # type: ignore[misc]
                wait_for(lambda: bool(seen(SentencePlayed)), 110)
            listener.listen(2.0)
        finally:
            services.talk.leave()
            listener.close()
            services.close()
    return {
        "heard": [event.text for event in seen(SpeechTranscribed)],
        "interrupted": [event.spoken for event in seen(Interrupted)],
        "played_s": loud_seconds(listener.heard),
        "failed": [event.code for event in seen(TurnFailed)],
        "ended": ended,
    }


@contextlib.contextmanager
def no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    new = set(threading.enumerate()) - before
    # Python remembers a Qt thread that has logged something, even when it has ended.
    assert all(thread.name.startswith("Dummy-") for thread in new), new


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
