"""How soon it answers, beside the same engines one after the other, and where the time goes."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator

from figures import Figure, at_least, at_most, plain
from voice_chart import draw_stages
from voice_room import QUESTIONS, TURNS, Told, let_it_end, spoken, talking

FIXED_PAUSE_S = 0.6
"""The silence after which the sequential pipeline takes a turn for over."""
STAGES = (
    "until speech is over and transcribed",
    "until the turn is over",
    "until the model writes",
    "until the first words are sound",
)


def answers() -> Iterator[Figure]:
    """End of speech to the first sound of the answer, in real time."""
    say = spoken()
    ours: list[float] = []
    stages: list[list[float]] = []
    one_by_one: list[list[float]] = []
    pairs: list[tuple[float, float]] = []
    with talking(fast=False, max_tokens=96) as (room, told, services, talk):
        sequential = Sequential(services)
        for number in range(TURNS):
            sound = say(QUESTIONS[number % len(QUESTIONS)], number)
            begun, since = told.count("FirstAudio"), len(told.events)
            ended = room.speak(sound).over_at
            if told.wait("FirstAudio", begun + 1):
                stages.append(_stages(told, since, ended))
                ours.append(sum(stages[-1]))
            let_it_end(room, talk)
            one_by_one.append(sequential.answer(sound))
            if len(ours) > len(pairs):
                pairs.append((sum(one_by_one[-1]), ours[-1]))
    draw_stages({"one after the other": (sequential.STAGES, one_by_one), "hands-free": (STAGES, stages)})
    yield plain("answers that came", [float(len(ours))], f"of {TURNS}")
    totals = [sum(each) for each in one_by_one]
    yield plain("sequential pipeline: end of speech to first sound, p50", totals, "s")
    yield at_most("hands-free: end of speech to first sound, p50", ours, 1.0, "s")
    yield at_most("hands-free: the same, p95", ours, 2.0, "s", _p95)
    for name, samples in zip(STAGES, zip(*stages, strict=True), strict=True):
        yield plain(f"  of this: {name}", samples, "s")
    ratio = statistics.median(totals) / statistics.median(ours)
    yield at_least("times sooner than the sequential pipeline, p50 to p50", [ratio], 2.5, "ratio")
    yield plain("  the same turn by turn, median", [a / b for a, b in pairs], "ratio")


def _stages(told: Told, since: int, ended: float) -> list[float]:
    """Seconds of each of `STAGES`. The model may write before the turn is over: then that stage is as good as none."""
    last = {type(event).__name__: at for at, event in told.events[since:] if at >= ended - 0.5}
    first = next(at for at, event in told.events[since:] if type(event).__name__ == "FirstAudio")
    marks = [ended]
    for name in ("PartialTranscript", "SpeechTranscribed", "FirstToken"):
        marks.append(min(first, max(marks[-1], last.get(name, marks[-1]))))
    marks.append(first)
    return [later - earlier for earlier, later in itertools.pairwise(marks)]


class Sequential:
    """Waits, hears, thinks to the end, makes all the sound: nothing overlaps."""

    STAGES = ("a fixed pause", "all words", "the whole answer", "all of its sound")

    def __init__(self, services) -> None:
        self._services = services

    def answer(self, sound) -> list[float]:
        """Seconds of each stage, from the end of `sound` to the first sound of the answer."""
        from desktop_app.domain.audio import Audio, joined, silence
        from desktop_app.domain.events import TextAdded
        from desktop_app.ports import CancelToken

        marks = [time.monotonic()]
        time.sleep(FIXED_PAUSE_S)
        marks.append(time.monotonic())
        quiet = silence(0.3, sound.rate)
        heard = self._services.voice.transcribe(joined([quiet, Audio(pcm=sound.pcm), quiet]), CancelToken())
        marks.append(time.monotonic())
        events = self._services.chat.ask(heard.text or "Hello", cancel=CancelToken())
        text = "".join(event.text for event in events if isinstance(event, TextAdded))
        marks.append(time.monotonic())
        list(self._services.voice.synthesize(text, CancelToken()))
        marks.append(time.monotonic())
        return [later - earlier for earlier, later in itertools.pairwise(marks)]


def _p95(samples) -> float:
    return sorted(samples)[round(0.95 * (len(samples) - 1))]
