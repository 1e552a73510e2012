"""Whether it can be interrupted, whether it interrupts itself, whether it keeps first words, whether it invents any."""

from __future__ import annotations

import itertools
import math
import random
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from figures import Figure, at_most, plain
from voice_room import (
    INTERRUPTIONS,
    QUESTIONS,
    RAMBLING,
    TRIALS,
    Told,
    last_said_s,
    let_it_end,
    plain_words,
    spoken,
    start_story,
    talking,
)

ECHOES = tuple(itertools.product((-20.0, -10.0, -3.0), (80, 150)))
RAPID = 1.4
"""Speed of the assistant's voice at every other echo."""


@dataclass
class Trials:
    onset_ms: list[float] = field(default_factory=list)
    confirmed_ms: list[float] = field(default_factory=list)
    missed: int = 0
    between: int = 0
    alone: int = 0
    itself: int = 0
    hesitated: int = 0
    resumed: list[float] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return len(self.onset_ms) + self.missed

    @property
    def last(self) -> str:
        silent = round(self.onset_ms[-1]) if self.onset_ms else None
        counts = (
            f"missed {self.missed}, not counted {self.between}, itself {self.itself}, goes on {sum(self.resumed):g}"
        )
        return f"silent after {silent} ms; {counts} of {len(self.resumed)}"


def interruptions() -> Iterator[Figure]:
    """A story is interrupted, one is left alone, one is coughed into or knocked; at every echo. In the room's time."""
    say, draw, trials = spoken(), random.Random(1), Trials()
    for number, echo in enumerate(ECHOES):
        speed = RAPID if number % 2 else 1.0
        with talking(fast=True, echo=echo, voice_speed=speed, **RAMBLING) as (room, told, _, talk):
            for trial in range(TRIALS * number // len(ECHOES), TRIALS * (number + 1) // len(ECHOES)):
                _interrupt(trials, room, told, talk, say, draw, trial)
                _leave_alone(trials, room, told, talk, say, trial)
                _disturb(trials, room, told, talk, say, draw, trial)
                print(f"echo {echo}, speed {speed}: {trials.last}", file=sys.stderr, flush=True)
    yield from _figures(trials)


def _figures(trials: Trials) -> Iterator[Figure]:
    yield at_most(f"interruptions that were not taken, of {trials.tried}", [float(trials.missed)], 0, "", max)
    yield plain("  not counted: it was silent just then", [float(trials.between)], "")
    yield plain("silent after the person begins, median", trials.onset_ms, "ms")
    yield at_most("silent after the person begins, worst", trials.onset_ms, 500, "ms", max)
    late = float(sum(each > 500 for each in trials.onset_ms))
    yield at_most("of these later than 500 ms", [late], 0, "", max)
    yield at_most("silent after speech is confirmed, worst", trials.confirmed_ms, 200, "ms", max)
    yield at_most(f"answers of {trials.alone} that it interrupted itself", [float(trials.itself)], 0, "", max)
    yield plain("  answers in which it fell silent for a moment", [float(trials.hesitated)], "")
    share = sum(trials.resumed) / len(trials.resumed)
    name = f"coughs and knocks of {len(trials.resumed)} after which it goes on"
    yield Figure(name=name, value=share, unit="share", bound=">= 0.9", met=share >= 0.9)


def _interrupt(trials: Trials, room, told: Told, talk, say, draw: random.Random, number: int) -> None:
    """Silent is it only when nothing of the answer is said any more. One that was not speaking then, or was over half
    a second later, does not count."""
    sound = say(INTERRUPTIONS[number % len(INTERRUPTIONS)], number)
    start_story(room, told, say, number)
    stopped, since = told.count("Interrupted"), len(told.events)
    begins_s = room.speak(sound, at_s=room.now_s + draw.uniform(0.5, 2.0)).from_s
    let_it_end(room, talk)
    taken = told.count("Interrupted") > stopped
    speaks = all(last_said_s(room, begins_s + at, begins_s + at + 0.2) for at in (-0.2, *(() if taken else (0.5,))))
    if not speaks:
        trials.between += 1
    elif not taken:
        trials.missed += 1
    else:
        silent_s = last_said_s(room, begins_s, told.taken_s(since)) or begins_s
        trials.onset_ms.append((silent_s - begins_s) * 1000)
        trials.confirmed_ms.append(max(0.0, silent_s - told.phase_s("interrupted", since)) * 1000)


def _leave_alone(trials: Trials, room, told: Told, talk, say, number: int) -> None:
    """Nobody speaks, only the echo."""
    stopped = told.count("Interrupted") + told.count("FalseInterruption")
    start_story(room, told, say, number)
    begun_s = room.now_s
    let_it_end(room, talk)
    trials.alone += 1
    trials.itself += told.count("Interrupted") + told.count("FalseInterruption") > stopped
    trials.hesitated += told.hushes_since(begun_s) > 0


def _disturb(trials: Trials, room, told: Told, talk, say, draw: random.Random, number: int) -> None:
    """An answer that is not interrupted was said to its end."""
    start_story(room, told, say, number)
    stopped = told.count("Interrupted")
    from_s = room.speak((_knock if number % 2 else _cough)(draw), at_s=room.now_s + 1.0).from_s
    let_it_end(room, talk)
    if last_said_s(room, from_s - 0.2, from_s):
        trials.resumed.append(float(told.count("Interrupted") == stopped))
    else:
        trials.between += 1


def _cough(draw: random.Random) -> Any:
    from desktop_app.domain.audio import HEARING_RATE, Audio

    count = HEARING_RATE // 4
    return Audio(pcm=array("h", (round(draw.gauss(0, 6000) * (1 - at / count) ** 2) for at in range(count))).tobytes())


def _knock(draw: random.Random) -> Any:
    """Three thuds of 60 ms, 180 ms apart."""
    from desktop_app.domain.audio import HEARING_RATE, Audio

    count, apart = HEARING_RATE * 54 // 100, HEARING_RATE * 18 // 100
    pitch = draw.uniform(90, 180)
    thuds = (
        9000 * math.exp(-(at % apart) / HEARING_RATE / 0.02) * math.sin(2 * math.pi * pitch * at / HEARING_RATE)
        for at in range(count)
    )
    return Audio(pcm=array("h", map(round, thuds)).tobytes())


def first_words() -> Iterator[Figure]:
    """Whether the first word said is the first word heard: into silence, and over an answer on loudspeakers."""
    say, lost = spoken(), {"into silence": 0, "over an answer": 0}
    half = max(1, TRIALS // 2)
    with talking(fast=True, echo=(-10.0, 80), **RAMBLING) as (room, told, services, talk):
        for number in range(half):
            question = QUESTIONS[number % len(QUESTIONS)]
            lost["into silence"] += _first_is_lost(room, told, services, question, say(question, number))
            let_it_end(room, talk)
        for number in range(half):
            sentence = INTERRUPTIONS[number % len(INTERRUPTIONS)]
            sound = say(sentence, number)
            start_story(room, told, say, number)
            lost["over an answer"] += _first_is_lost(room, told, services, sentence, sound, after_s=1.0)
            let_it_end(room, talk)
    for where, count in lost.items():
        yield at_most(f"first words lost {where}, of {half}", [float(count)], 0, "", max)


def _first_is_lost(room, told: Told, services, said: str, sound, *, after_s: float = 0.0) -> bool:
    """The recogniser may take the word for another one: then what it hears in the sound alone counts as well."""
    from desktop_app.domain.audio import joined, silence
    from desktop_app.ports import CancelToken

    ended, began = told.count("SpeechEnded"), len(told.events)
    room.speak(sound, at_s=room.now_s + after_s)
    told.wait("SpeechEnded", ended + 1, 300)
    while not (room.idle and told.settled(began)):
        told.nap()
    quiet = silence(0.3, sound.rate)
    alone = services.voice.transcribe(joined([quiet, sound, quiet]), CancelToken()).text
    firsts = {words[0] for words in (plain_words(said), plain_words(alone)) if words}
    heard = plain_words(told.words_since(began))
    return not heard or heard[0] not in firsts


def nothing_said() -> Iterator[Figure]:
    """Silence, hum, hiss, typing and music: no turn may come of them."""
    from desktop_app.domain.audio import HEARING_RATE, Audio

    draw, length = random.Random(2), HEARING_RATE * 3
    with talking(fast=True) as (room, told, _, talk):
        for clip in range(20):
            samples = (round(_no_speech(clip % 5, at, draw)) for at in range(length))
            room.speak(Audio(pcm=array("h", samples).tobytes()))
            let_it_end(room, talk)
        turns = told.count("TurnStarted")
    yield at_most("turns made of 20 clips of silence, hum, hiss, typing, music", [float(turns)], 0, "", max)


def _no_speech(kind: int, at: int, draw: random.Random) -> float:
    from desktop_app.domain.audio import HEARING_RATE

    match kind:
        case 0:
            return 0.0
        case 1:
            return 1500 * math.sin(2 * math.pi * 50 * at / HEARING_RATE)
        case 2:
            return draw.gauss(0, 400)
        case 3:
            return draw.gauss(0, 5000) if at % 3200 < 60 else draw.gauss(0, 30)
    pitch = 220 * 2 ** ((0, 4, 7, 12)[at // 8000 % 4] / 12)
    return sum(2000 / part * math.sin(2 * math.pi * part * pitch * at / HEARING_RATE) for part in (1, 2, 3))
