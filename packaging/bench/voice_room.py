"""The room of the voice benchmarks: a person made of Piper's voice, a running conversation, and what it tells.

The person's voice is faster or slower than the assistant's. In a fast room time stands still while engines think, so
that what is measured in the room's own time tells about the rules and not about the load.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

MINUTES = float(os.environ.get("MINUTES", "60"))
TURNS = int(os.environ.get("TURNS", "30"))
TRIALS = int(os.environ.get("TRIALS", "40"))
"""Shorter for a try: the environment says so."""

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
    "threads": 1,
}
"""One thread: nothing is timed that it writes, and two wait for each other where other work goes on."""


@dataclass
class Told:
    """Events with the time they came, in seconds of `time.monotonic` and of the room."""

    events: list[tuple[float, Any]] = field(default_factory=list)
    room_s: list[float] = field(default_factory=list)
    room: Any = None
    hushed_s: list[float] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, event: object) -> None:
        with self.came:
            self.events.append((time.monotonic(), event))
            self.room_s.append(self.room.now_s if self.room is not None else 0.0)
            self.came.notify_all()

    def hushes_since(self, room_s: float) -> int:
        """How often it fell silent for a moment, to hear whether somebody speaks."""
        return sum(at >= room_s for at in self.hushed_s)

    def nap(self) -> None:
        time.sleep(0.005)

    def wait(self, name: str, count: int, timeout: float = 60) -> bool:
        with self.came:
            return self.came.wait_for(lambda: self.count(name) >= count, timeout)

    def count(self, name: str) -> int:
        return sum(type(event).__name__ == name for _, event in self.events)

    def phase_s(self, phase: str, since: int) -> float:
        """The room's time at which that phase was first shown, from event number `since` on."""
        shown = ((at, event) for at, (_, event) in zip(self.room_s[since:], self.events[since:], strict=False))
        return next((at for at, event in shown if getattr(event, "phase", "") == phase), 0.0)

    def taken_s(self, since: int) -> float:
        """The room's time at which the person was given the floor after an interruption."""
        interrupted = False
        for at, (_, event) in zip(self.room_s[since:], self.events[since:], strict=False):
            phase = getattr(event, "phase", "")
            if interrupted and phase not in ("", "interrupted", "answering"):
                return at
            interrupted = interrupted or phase == "interrupted"
        return self.room_s[-1]

    def words_since(self, since: int) -> str:
        """The last words that were heard from event number `since` on, of a turn or of what may become one."""
        names = ("SpeechTranscribed", "PartialTranscript")
        heard = (event.text for _, event in self.events[since:] if type(event).__name__ in names)
        return max(list(heard)[-1:], default="")

    def settled(self, since: int) -> bool:
        """Whether what was said from event number `since` on has become a turn, or was dropped."""
        phases = [event.phase for _, event in self.events[since:] if hasattr(event, "phase")]
        return bool(phases) and phases[-1] in ("thinking", "answering", "quiet")

    def times(self, name: str) -> list[float]:
        return [at for at, event in self.events if type(event).__name__ == name]


def plain_words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.casefold().replace("'", ""))


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
def talking(
    *, fast: bool, echo: tuple[float, int] | None = None, keep: bool = True, **settings: object
) -> Iterator[tuple]:
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
            keep=keep,
            echo_db=echo[0] if echo else None,
            echo_delay_ms=echo[1] if echo else 0,
            waits=(lambda: talk.session is not None and talk.session.working) if fast else None,
        )
        talk = services.talk.elsewhere(room.microphone(), room.speaker())
        told = Told(room=room)
        try:
            talk.start(told, lambda _: None)
            _note_hushes(talk.session, told)
            yield room, told, services, talk
        finally:
            talk.leave()
            room.close()
            services.close()


def _note_hushes(session: Any, told: Told) -> None:
    """The session tells nobody of them; so the benchmark looks at what it does with its mouth."""
    pause = session._mouth.pause

    def noted() -> None:
        told.hushed_s.append(told.room.now_s)
        pause()

    session._mouth.pause = noted


def start_story(room, told: Told, say, number: int) -> None:
    begun, sound = told.count("FirstAudio"), say(STORY, number)
    room.speak(sound)
    told.wait("FirstAudio", begun + 1, 300)


def let_it_end(room, talk) -> None:
    """Until everything is heard, answered and said."""
    calm = 0
    while calm < 25:
        time.sleep(0.01)
        calm = calm + 1 if talk.session.quiet and room.idle else 0


def last_said_s(room, from_s: float, to_s: float) -> float | None:
    """The room's time at which the last sound ends that was said between these two; None where nothing was."""
    said = room.said
    step = said.rate // 25
    first, end = (round(seconds * said.rate) for seconds in (from_s, to_s))
    sounding = [at + step for at in range(first, end, step) if any(said.pcm[2 * at : 2 * min(end, at + step)])]
    return min(end, sounding[-1]) / said.rate if sounding else None
