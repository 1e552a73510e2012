"""An hour of conversation at real speed: memory, clocks, and whether every turn came through."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from figures import Figure, at_most, plain
from voice_room import MINUTES, QUESTIONS, spoken, talking

PROGRESS = Path(__file__).resolve().parents[2] / "build" / "bench-voice-hour.jsonl"
SETTLED = 1 / 6
"""Memory is compared from this share of the time on: ten minutes of an hour."""
PAUSE_S = 6.0
INTERRUPTED_EVERY = 5


def hour() -> Iterator[Figure]:
    """A question, its answer, a pause; every fifth answer is interrupted by the next question."""
    say = spoken()
    memory: list[tuple[float, float]] = []
    drift_ms: list[float] = []
    asked = lost = 0
    PROGRESS.parent.mkdir(exist_ok=True)
    talked = talking(fast=False, keep=False, echo=(-10.0, 80), language_model="smollm2-135m", max_tokens=64)
    with talked as (room, told, _, talk), PROGRESS.open("w") as progress:
        began, before_s = time.monotonic(), room.now_s
        while time.monotonic() - began < MINUTES * 60:
            turns, answered = told.count("SpeechTranscribed"), told.count("FirstAudio")
            room.speak(say(QUESTIONS[asked % len(QUESTIONS)], asked))
            asked += 1
            lost += not told.wait("SpeechTranscribed", turns + 1, 90)
            told.wait("FirstAudio", answered + 1, 60)
            if asked % INTERRUPTED_EVERY:
                _let_it_end(room, talk)
                time.sleep(PAUSE_S)
            else:
                time.sleep(1.5)
            passed = time.monotonic() - began
            memory.append((passed, _resident_mb()))
            drift_ms.append(abs((talk.session.clock_s - before_s) - passed) * 1000)
            line = {"minutes": passed / 60, "mb": memory[-1][1], "drift_ms": drift_ms[-1], "asked": asked, "lost": lost}
            progress.write(json.dumps(line) + "\n")
            progress.flush()
    settled = [mb for at, mb in memory if at >= MINUTES * 60 * SETTLED]
    tenth = max(1, len(settled) // 10)
    growth = (sum(settled[-tenth:]) / tenth) / (sum(settled[:tenth]) / tenth) - 1
    yield plain("minutes of conversation", [memory[-1][0] / 60], "min")
    yield plain("questions asked", [float(asked)], "")
    yield at_most("turns that were lost", [float(lost)], 0, "")
    yield plain("memory of all processes at the end", [memory[-1][1]], "MB")
    yield at_most("memory grown after the first sixth", [growth * 100], 5, "%")
    yield at_most("microphone's clock against the wall's, median", drift_ms, 100, "ms")
    yield plain("the same at the end", drift_ms[-1:], "ms")


def _let_it_end(room, talk) -> None:
    calm, began = 0, time.monotonic()
    while calm < 10 and time.monotonic() - began < 90:
        time.sleep(0.05)
        calm = calm + 1 if talk.session.quiet and room.idle else 0


def _resident_mb() -> float:
    """Of this process and its children; what they share is counted once for each."""
    ours = psutil.Process()
    sizes = []
    for process in (ours, *ours.children(recursive=True)):
        try:
            sizes.append(process.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return sum(sizes) / 2**20
