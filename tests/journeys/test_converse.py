"""Hands-free, through the real program on the real starter models: sound files for microphone and loudspeaker."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from desktop_app.domain.audio import HEARING_RATE, Audio, decibels, joined, silence
from desktop_app.domain.resampling import resampled
from desktop_app.engines.piper import PiperSynthesizer
from desktop_app.ports import CancelToken
from desktop_app.services.wav import read_wav, write_wav
from tests.journeys.test_command_line import SAMPLES, stonechat

pytestmark = [pytest.mark.models, pytest.mark.slow]
Event = dict[str, Any]
RAMBLING = {
    "language_model": "smollm2-135m",
    "system_prompt": "You tell stories. Every answer is a long story of ten sentences.",
}


@pytest.fixture(scope="module")
def voice(model_store: Path) -> PiperSynthesizer:
    return PiperSynthesizer(str(next((model_store / "piper-joe-en").glob("*.onnx"))))


@pytest.fixture(scope="module")
def question() -> Audio:
    return resampled(read_wav(SAMPLES / "capital_of_france.wav"), HEARING_RATE)


def say(voice: PiperSynthesizer, text: str) -> Audio:
    return resampled(joined(list(voice.speak(text, CancelToken()))), HEARING_RATE)


def pause(seconds: float) -> Audio:
    return silence(seconds, HEARING_RATE)


def conversed(tmp_path: Path, store: Path, *sounds: Audio, echo: str = "", **settings: object) -> list[Event]:
    write_wav(tmp_path / "mic.wav", joined(sounds))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "settings.json").write_text(json.dumps({"temperature": 0.0, "max_tokens": 128, **settings}))
    done = stonechat(
        tmp_path / "home", store, "converse", "--in", str(tmp_path / "mic.wav"), "--out", str(tmp_path / "said.wav"),
        "--fast", "--json", *(("--echo", echo) if echo else ()),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def names(events: list[Event]) -> list[str]:
    return [event["event"] for event in events]


def heard(events: list[Event]) -> list[str]:
    return [event["text"].lower() for event in events if event["event"] == "SpeechTranscribed"]


def test_two_questions_are_answered_one_after_the_other(
    tmp_path: Path, model_store: Path, voice: PiperSynthesizer, question: Audio
) -> None:
    italy = say(voice, "And what is the capital of Italy?")
    events = conversed(tmp_path, model_store, pause(1), question, pause(8), italy, pause(2))
    first, second = heard(events)
    assert "capital of france" in first and "capital" in second
    order = names(events)
    wanted = [
        "SpeechStarted",
        "SpeechEnded",
        "TurnStarted",
        "SpeechTranscribed",
        "FirstToken",
        "FirstAudio",
        "SentencePlayed",
    ]
    places = [order.index(name) for name in wanted]
    assert places == sorted(places)
    assert order.count("TurnFinished") == 2
    assert len({event["conversation_id"] for event in events if event["event"] == "TurnStarted"}) == 1
    assert all(earlier["t"] <= later["t"] for earlier, later in pairwise(events))
    assert decibels(read_wav(tmp_path / "said.wav").pcm) > -60


def test_an_interruption_stops_the_answer_and_keeps_only_what_was_heard(
    tmp_path: Path, model_store: Path, voice: PiperSynthesizer, question: Audio
) -> None:
    long = say(voice, "Tell me a long story about a bird at the sea.")
    events = conversed(tmp_path, model_store, pause(1), long, pause(3.0), question, pause(2), **RAMBLING, max_tokens=64)
    told = [(event["event"], event.get("text", event.get("spoken", ""))) for event in events]
    interrupted = next((event for event in events if event["event"] == "Interrupted"), None)
    assert interrupted is not None and interrupted["spoken"], told
    assert "capital of france" in heard(events)[-1]
    conversation = next(event["conversation_id"] for event in events if event["event"] == "TurnStarted")
    shown = json.loads(stonechat(tmp_path / "home", model_store, "history", "show", conversation, "--json").stdout)
    assert "".join(shown[1]["parts"]) == interrupted["spoken"]
    assert shown[1]["stopped_by"] == "person"


@pytest.mark.parametrize("echo", ["-10,80", "-3,150"])
def test_on_loudspeakers_it_does_not_answer_itself(
    tmp_path: Path, model_store: Path, question: Audio, echo: str
) -> None:
    events = conversed(tmp_path, model_store, pause(1), question, pause(6), echo=echo)
    assert len(heard(events)) == 1
    assert "Interrupted" not in names(events)


def test_noise_and_silence_are_no_turn(tmp_path: Path, model_store: Path) -> None:
    draw = random.Random(1)
    hiss = Audio(pcm=array("h", (round(draw.gauss(0, 300)) for _ in range(HEARING_RATE * 4))).tobytes())
    click = Audio(pcm=array("h", [20_000, -20_000] * 160).tobytes())
    events = conversed(tmp_path, model_store, pause(1), hiss, pause(1), click, pause(1), click, pause(2))
    assert "TurnStarted" not in names(events)


def test_an_echo_that_is_not_understood_is_a_usage_error(tmp_path: Path, model_store: Path) -> None:
    write_wav(tmp_path / "mic.wav", pause(1))
    done = stonechat(tmp_path, model_store, "converse", "--in", str(tmp_path / "mic.wav"), "--echo", "loud", "--json")
    assert done.returncode == 2
    assert json.loads(done.stderr)["code"] == "cli.usage"


def test_talking_needs_no_network(tmp_path: Path, model_store: Path, question: Audio) -> None:
    """In a network namespace without any interface; the echo canceller's library could talk, and is not asked to."""
    closed = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*closed, "true"], check=False).returncode:
        pytest.skip("this machine does not let us close the network")
    write_wav(tmp_path / "mic.wav", joined([pause(1), question, pause(2)]))
    done = subprocess.run(
        [*closed, sys.executable, "-m", "desktop_app", "converse", "--in", str(tmp_path / "mic.wav"), "--fast",
         "--json", "--data", str(tmp_path / "home")],
        capture_output=True, text=True, timeout=240, check=False,
        env={**os.environ, "STONECHAT_MODELS": str(model_store)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert "capital of france" in heard(events)[0]
    assert "FirstAudio" in names(events)
