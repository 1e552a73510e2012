"""Hands-free conversation: how soon it answers, whether it can be interrupted, whether it interrupts itself.

The voices are made by Piper, the person's faster or slower than the assistant's. Answer times are taken in real time;
interruptions with time standing still while engines think, so that they tell about the rules and not about the load.
"""

from __future__ import annotations

import itertools
import math
import os
import random
import tempfile
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from figures import Figure, at_least, at_most, plain

TURNS = int(os.environ.get("TURNS", "30"))
TRIALS = int(os.environ.get("TRIALS", "40"))
FIXED_PAUSE_S = 0.6
"""The silence after which the sequential pipeline takes a turn for over."""
ECHOES = tuple(itertools.product((-20.0, -10.0, -3.0), (80, 150)))
QUESTIONS = (
    "What is the capital of France?",
    "How many legs does a spider have?",
    "Can you name three rivers and where they are?",
    "How do bees make honey?",
    "Why is the sky blue?",
    "What is the difference between a lake and a pond?",
    "Tell me something about the moon.",
    "How does a bicycle stay upright?",
    "What should I cook tonight?",
    "How do I boil an egg?",
)
INTERRUPTIONS = (
    "Stop, please, that is enough for now.",
    "Wait, I wanted to ask something else.",
    "No, tell me about the weather instead.",
    "Excuse me, what is the capital of Italy?",
)
STORY = "Tell me a long story about a bird at the sea."
RAMBLING = {
    "language_model": "smollm2-135m",
    "system_prompt": "You tell stories. Every answer is a long story of ten sentences.",
    "temperature": 0.0,
    "max_tokens": 96,
}


@dataclass
class Told:
    """Events with the time they came, in seconds of `time.monotonic`."""

    events: list[tuple[float, object]] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, event: object) -> None:
        with self.came:
            self.events.append((time.monotonic(), event))
            self.came.notify_all()

    def wait(self, name: str, count: int, timeout: float = 60) -> bool:
        with self.came:
            return self.came.wait_for(lambda: self.count(name) >= count, timeout)

    def count(self, name: str) -> int:
        return sum(type(event).__name__ == name for _, event in self.events)

    def times(self, name: str) -> list[float]:
        return [at for at, event in self.events if type(event).__name__ == name]


def spoken(speeds: tuple[float, ...] = (0.9, 1.0, 1.15, 1.3)) -> Callable[[str, int], object]:
    """Gives a sentence as 16 kHz sound; the number chooses the speed."""
    from desktop_app.domain.audio import HEARING_RATE, Audio, joined
    from desktop_app.domain.resampling import resampled
    from desktop_app.engines.piper import PiperSynthesizer
    from desktop_app.paths import places
    from desktop_app.ports import CancelToken

    voice = PiperSynthesizer(str(next((places().models / "piper-joe-en").glob("*.onnx"))))

    def say(text: str, number: int) -> Audio:
        sound = joined(list(voice.speak(text, CancelToken(), speed=speeds[number % len(speeds)])))
        pcm = array("h", resampled(sound, HEARING_RATE).pcm)
        loud = [at for at, sample in enumerate(pcm) if abs(sample) > 300]
        return Audio(pcm=pcm[loud[0] : loud[-1] + 1].tobytes())

    return say


@contextmanager
def talking(*, fast: bool, echo: tuple[float, int] | None = None, **settings: object) -> Iterator[tuple]:
    """(room, told, services, talk) of a running conversation in a room that is silent at first."""
    from desktop_app.app import build
    from desktop_app.domain.audio import HEARING_RATE, silence
    from desktop_app.engines.wav_room import WavRoom
    from desktop_app.paths import places

    with tempfile.TemporaryDirectory() as folder:
        home = replace(places(Path(folder)), models=places().models).create()
        services = build(home)
        services.preferences.change(**{"max_tokens": 48, "temperature": 0.0, **settings})
        room = WavRoom(
            silence(1, HEARING_RATE),
            stays_open=True,
            echo_db=echo[0] if echo else None,
            echo_delay_ms=echo[1] if echo else 0,
            waits=(lambda: talk.session is not None and talk.session.working) if fast else None,
        )
        talk = services.talk.elsewhere(room.microphone(), room.speaker())
        told = Told()
        try:
            talk.start(told, lambda _: None)
            yield room, told, services, talk
        finally:
            talk.leave()
            services.close()


def answers() -> Iterator[Figure]:
    """End of speech to the first sound of the answer, beside the same engines one after the other."""
    say = spoken()
    ours, one_by_one, parts = [], [], []
    with talking(fast=False, max_tokens=96) as (room, told, services, talk):
        sequential = _Sequential(services)
        for number in range(TURNS):
            sound = say(QUESTIONS[number % len(QUESTIONS)], number)
            begun = told.count("FirstAudio")
            ended = room.speak(sound)
            if told.wait("FirstAudio", begun + 1):
                first, words, token = (
                    told.times(name)[-1] for name in ("FirstAudio", "SpeechTranscribed", "FirstToken")
                )
                ours.append(first - ended)
                parts.append((words - ended, token - words, first - token))
            _let_it_end(room, talk)
            one_by_one.append(sequential.answer(sound))
    waits, thinks, speaks = zip(*parts, strict=True)
    yield plain("answers that came", [float(len(ours))], f"of {TURNS}")
    yield plain("sequential pipeline: end of speech to first sound, p50", one_by_one, "s")
    yield at_most("hands-free: end of speech to first sound, p50", ours, 1.0, "s")
    yield at_most("hands-free: the same, p95", ours, 2.0, "s", _p95)
    yield plain("  of this: until the turn is over and transcribed", waits, "s")
    yield plain("  of this: until the model writes", thinks, "s")
    yield plain("  of this: until the first words are sound", speaks, "s")
    ratios = [a / b for a, b in zip(sorted(one_by_one), sorted(ours), strict=False)]
    yield at_least("times sooner than the sequential pipeline, p50", ratios, 2.5, "ratio")


class _Sequential:
    """Waits, hears, thinks to the end, makes all the sound: nothing overlaps."""

    def __init__(self, services) -> None:
        self._services = services

    def answer(self, sound) -> float:
        """Seconds from the end of `sound` to the first sound of the answer."""
        from desktop_app.domain.audio import Audio, joined, silence
        from desktop_app.domain.events import TextAdded
        from desktop_app.ports import CancelToken

        started = time.monotonic()
        time.sleep(FIXED_PAUSE_S)
        quiet = silence(0.3, sound.rate)
        heard = self._services.voice.transcribe(joined([quiet, Audio(pcm=sound.pcm), quiet]), CancelToken())
        events = self._services.chat.ask(heard.text or "Hello", cancel=CancelToken())
        text = "".join(event.text for event in events if isinstance(event, TextAdded))
        list(self._services.voice.synthesize(text, CancelToken()))
        return time.monotonic() - started


def interruptions() -> Iterator[Figure]:
    """A story is interrupted, at every echo; then as many stories are left alone. In the room's own time."""
    say = spoken()
    draw = random.Random(1)
    onset, missed, itself, stories, coughs = [], 0, 0, 0, []
    for echo in ECHOES:
        with talking(fast=True, echo=echo, **RAMBLING) as (room, told, _, talk):
            for number in range(-(-TRIALS // len(ECHOES))):
                _start_story(room, told, say, number)
                began, at = told.count("Interrupted"), room.now_s + draw.uniform(0.5, 2.0)
                room.speak(say(INTERRUPTIONS[number % len(INTERRUPTIONS)], number), at_s=at)
                silent = _silent_from(room, at)
                if silent is None or not told.wait("Interrupted", began + 1, 30):
                    missed += 1
                else:
                    onset.append((silent - at) * 1000)
                _let_it_end(room, talk)
                # left alone: nobody speaks, only the echo
                paused = told.count("Interrupted") + told.count("FalseInterruption")
                _start_story(room, told, say, number)
                _let_it_end(room, talk)
                stories += 1
                itself += told.count("Interrupted") + told.count("FalseInterruption") > paused
                # a cough
                _start_story(room, told, say, number)
                stopped = told.count("Interrupted")
                room.speak(_cough(draw), at_s=room.now_s + 1.0)
                _let_it_end(room, talk)
                coughs.append(float(told.count("Interrupted") == stopped))
    tried = len(onset) + missed
    yield at_most(f"interruptions that were not taken, of {tried}", [float(missed)], 0, "", max)
    yield at_most("silent after the person begins, median", onset, 500, "ms")
    yield at_most("silent after the person begins, worst", onset, 500, "ms", max)
    yield at_most(f"answers of {stories} that it interrupted itself", [float(itself)], 0, "", max)
    share = sum(coughs) / len(coughs)
    yield Figure(name="coughs after which it goes on", value=share, unit="share", bound=">= 0.9", met=share >= 0.9)


def _start_story(room, told: Told, say, number: int) -> None:
    begun = told.count("FirstAudio")
    room.speak(say(STORY, number))
    told.wait("FirstAudio", begun + 1, 60)


def _let_it_end(room, talk) -> None:
    calm = 0
    while calm < 25:
        time.sleep(0.01)
        calm = calm + 1 if talk.session.quiet and room.idle else 0


def _silent_from(room, at_s: float) -> float | None:
    """The room's time from which nothing was said for a fifth of a second; None if that never came."""
    while room.now_s < at_s + 3:
        time.sleep(0.005)
    said = room.said
    step = said.rate // 25
    blocks = [any(said.pcm[2 * at : 2 * (at + step)]) for at in range(round(at_s * said.rate), said.samples, step)]
    for number in range(min(len(blocks), 60)):
        if not any(blocks[number : number + 5]):
            return at_s + number / 25
    return None


def _cough(draw: random.Random):
    from desktop_app.domain.audio import HEARING_RATE, Audio

    count = HEARING_RATE // 4
    return Audio(pcm=array("h", (round(draw.gauss(0, 6000) * (1 - at / count) ** 2) for at in range(count))).tobytes())


def nothing_said() -> Iterator[Figure]:
    """Silence, hum, hiss, typing and a tone: no turn may come of them."""
    from desktop_app.domain.audio import HEARING_RATE, Audio

    draw = random.Random(2)
    length = HEARING_RATE * 3

    def sound(kind: int, at: int) -> float:
        if kind == 0:
            return 0.0
        if kind == 1:
            return 1500 * math.sin(2 * math.pi * 50 * at / HEARING_RATE)
        if kind == 2:
            return draw.gauss(0, 400)
        if kind == 3:
            return draw.gauss(0, 5000) if at % 3200 < 60 else draw.gauss(0, 30)
        return 3000 * math.sin(2 * math.pi * (220 * 2 ** ((at // 8000) % 5 / 12)) * at / HEARING_RATE)

    with talking(fast=True) as (room, told, _, talk):
        for clip in range(20):
            room.speak(Audio(pcm=array("h", (round(sound(clip % 5, at)) for at in range(length))).tobytes()))
            _let_it_end(room, talk)
        turns = told.count("TurnStarted")
    yield at_most("turns made of 20 clips of silence, hum, hiss, typing, tones", [float(turns)], 0, "", max)


def _p95(samples) -> float:
    return sorted(samples)[round(0.95 * (len(samples) - 1))]
