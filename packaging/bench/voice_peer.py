"""A peer on the same sounds: a local Pipecat pipeline with the same Whisper and Piper models, and both with a language
model that answers at once, so that only hearing, turn-taking and speaking are compared.

It is installed from the package index into build/peer, never into our own environment.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from figures import Figure, plain
from voice_room import QUESTIONS, TURNS, Told, let_it_end, spoken

PEER = "pipecat-ai[whisper,piper,silero]==1.14.0"
FOLDER = Path(__file__).resolve().parents[2] / "build" / "peer"
CHILD = Path(__file__).resolve().parent / "voice_peer_child.py"
ANSWER = "That is a good question, and the answer to it is short."


def peer() -> Iterator[Figure]:
    """End of speech to the first sound, in real time."""
    from desktop_app.services.wav import write_wav

    say = spoken()
    sounds = [say(QUESTIONS[number % len(QUESTIONS)], number) for number in range(TURNS)]
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.wav" for number in range(len(sounds))]
        for file, sound in zip(files, sounds, strict=True):
            write_wav(file, sound)
        theirs = _theirs(files)
    ours = _ours(sounds)
    yield plain(f"{PEER}: end of speech to first sound, p50", theirs or [float("nan")], "s")
    yield plain("  answers that came", [float(len(theirs))], f"of {TURNS}")
    yield plain("hands-free, same sounds, p50", ours or [float("nan")], "s")
    yield plain("  answers that came", [float(len(ours))], f"of {TURNS}")


def _theirs(files: list[Path]) -> list[float]:
    from desktop_app.paths import places

    python = _installed()
    voice = next((places().models / "piper-joe-en").glob("*.onnx"))
    command = [python, CHILD, places().models / "whisper-tiny-en", voice.parent, voice.stem, ANSWER, *files]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the peer failed:\n{done.stderr[-2000:]}")
    return list(map(float, json.loads(done.stdout.splitlines()[-1])))


def _installed() -> Path:
    python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (FOLDER / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", PEER], check=True)
        (FOLDER / "ready").write_text(PEER, encoding="utf-8")
    return python


def _ours(sounds: list[Any]) -> list[float]:
    from desktop_app.domain.audio import HEARING_RATE, silence
    from desktop_app.engines.wav_room import WavRoom

    with _Instant() as talk_with:
        room = WavRoom(silence(1, HEARING_RATE), stays_open=True)
        told, talk, seconds = Told(room=room), talk_with(room), []
        talk.start(told, lambda _: None)
        for sound in sounds:
            begun = told.count("FirstAudio")
            ended = room.speak(sound).over_at
            if told.wait("FirstAudio", begun + 1, 30):
                seconds.append(told.times("FirstAudio")[-1] - ended)
            let_it_end(room, talk)
        talk.leave()
        room.close()
    return seconds


class _Instant:
    """Conversations of the whole application, except that its language model says `ANSWER` at once."""

    def __enter__(self) -> Any:
        from dataclasses import replace

        from desktop_app.app import build
        from desktop_app.paths import places

        self._folder = tempfile.TemporaryDirectory()
        home = replace(places(Path(self._folder.name)), models=places().models).create()
        self._services = build(home)
        return self._talk_in

    def __exit__(self, *_: object) -> None:
        self._services.close()
        self._folder.cleanup()

    def _talk_in(self, room: Any) -> Any:
        from desktop_app.services.chat import ChatService
        from desktop_app.services.talk import TalkService

        services, talk = self._services, self._services.talk
        return TalkService(
            ear=talk._ear,
            recognizer=talk._recognizer,
            synthesizer=talk._synthesizer,
            microphone=room.microphone(),
            speaker=room.speaker(),
            chat=ChatService(services.history, _Models(), services.attachments, services.preferences),
            history=services.history,
            preferences=services.preferences,
        )


class _Models:
    def __init__(self) -> None:
        from desktop_app.engines.scripted import ScriptedModel

        self._model = ScriptedModel(context_tokens=1_000_000)
        for _ in itertools.repeat(None, 1_000):
            self._model.enqueue(ANSWER)

    def model(self, _: str) -> Any:
        return self._model

    def restart(self) -> None:
        return
