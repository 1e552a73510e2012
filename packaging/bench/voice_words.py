"""How many words each installed recogniser hears wrong, before and after names are expected, and what it costs."""

from __future__ import annotations

import random
import resource
from array import array
from collections.abc import Iterator

from figures import Figure, plain
from voice_room import QUESTIONS, TRIALS, plain_words, spoken

MODELS = ("whisper-tiny-en", "whisper-base")
NAMES = ("Okafor", "Zephyrine", "Stonechat", "Llanberis", "Qwen", "Piotr")
NAMED = (
    "Please call Okafor about the meeting.",
    "Is Zephyrine coming to dinner tonight?",
    "What does the Stonechat eat in winter?",
    "How far is it from here to Llanberis?",
    "Tell me what Qwen can do.",
    "Write a letter to Piotr and say thank you.",
)
NOISE = 60
"""Standard deviation of the hiss under every sentence, in 16-bit steps: -55 dBFS."""


def words() -> Iterator[Figure]:
    """The same sentences for all; hiss under them; four speeds. Processor time is that of the recogniser alone."""
    from desktop_app.paths import places

    texts = (*QUESTIONS, *NAMED)
    say, draw = spoken(), random.Random(3)
    clips = [(texts[n % len(texts)], _hissing(say(texts[n % len(texts)], n), draw)) for n in range(max(TRIALS, 4))]
    for model in MODELS:
        folder = places().models / model
        if not folder.is_dir():
            print(f"{model} is not installed, so it is left out. Fetch it: stonechat models fetch {model}")
            continue
        for when, expected in (("", ""), (", names expected", ", ".join(NAMES))):
            errors, named, spent_ms = _heard(str(folder), clips, expected)
            yield plain(f"{model}{when}: words heard wrong, all sentences", [errors], "%")
            yield plain(f"{model}{when}: words heard wrong, sentences with names", [named], "%")
            yield plain(f"{model}{when}: processor time of an utterance", [spent_ms], "ms")


def _heard(folder: str, clips: list, expected: str) -> tuple[float, float, float]:
    """Percent of words wrong in all, in the named ones; processor milliseconds of one."""
    from desktop_app.engines.whisper import WhisperRecognizer
    from desktop_app.ports import CancelToken

    recognizer = WhisperRecognizer(folder, threads=2, expected_words=expected)
    recognizer.transcribe(clips[0][1], CancelToken())
    wrong = {True: 0, False: 0}
    said = {True: 0, False: 0}
    began = _processor_s()
    for text, sound in clips:
        wrong[text in NAMED] += word_errors(text, recognizer.transcribe(sound, CancelToken()).text)
        said[text in NAMED] += len(plain_words(text))
    spent = (_processor_s() - began) * 1000 / len(clips)
    recognizer.close()
    everything = 100 * sum(wrong.values()) / sum(said.values())
    return everything, 100 * wrong[True] / max(1, said[True]), spent


def word_errors(said: str, heard: str) -> int:
    """Words to insert, delete or replace (Levenshtein distance over words)."""
    wanted, got = plain_words(said), plain_words(heard)
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (word != other))
    return row[-1]


def _hissing(sound, draw: random.Random):
    from desktop_app.domain.audio import HEARING_RATE, Audio, joined, silence

    quiet = silence(0.3, HEARING_RATE)
    samples = array("h", joined([quiet, sound, quiet]).pcm)
    hiss = (max(-32768, min(32767, sample + round(draw.gauss(0, NOISE)))) for sample in samples)
    return Audio(pcm=array("h", hiss).tobytes())


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
