"""Real devices: a question spoken into a microphone is understood, an answer is heard from a loudspeaker."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from desktop_app.domain.audio import BLOCK_MS
from tests.fakes import pulse

pytestmark = [pytest.mark.audio, pytest.mark.models, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
HARMLESS = ("pipewire-0.3", "Using Qt multimedia with FFmpeg", "PulseAudioService")
QUESTION = "what is the capital of france"
Play = Callable[..., dict[str, Any]]


@pytest.fixture
def server() -> Iterator[pulse.PulseServer]:
    try:
        with pulse.running() as started:
            yield started
    except pulse.CannotStart as reason:
        pytest.skip(f"NO REAL AUDIO WAS TESTED: PulseAudio cannot start here: {reason}")


def play_scene(name: str, env: dict[str, str], models: Path, *, thread: str = "worker") -> dict[str, Any]:
    """Run a scene of `audio_scenes` in a process of its own: clean end, nothing on its error output."""
    command = [sys.executable, "-W", "error", "-m", "tests.journeys.audio_scenes", name, str(models), thread]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=280)
    complaints = [line for line in done.stderr.splitlines() if not any(known in line for known in HARMLESS)]
    assert (done.returncode, complaints) == (0, [])
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.fixture
def play(server: pulse.PulseServer, model_store: Path) -> Play:
    return partial(play_scene, env=server.env, models=model_store)


def plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c == " ").strip()


@pytest.mark.parametrize("thread", ["main", "worker"])
def test_a_question_spoken_into_the_microphone_is_understood(play: Play, thread: str) -> None:
    turn = play("spoken_turn", thread=thread)
    assert plain(turn["text"]) == QUESTION
    assert turn["seconds"] > 2.5
    assert 0.5 < turn["loudest"] <= 1.0
    assert turn["levels"] == pytest.approx(turn["seconds"] * 25, abs=2)
    assert turn["lost"] == []


def test_what_is_played_is_heard_from_the_loudspeaker(play: Play) -> None:
    result = play("played_sound")
    assert result["finished"] is True
    assert plain(result["text"]) == QUESTION
    assert result["seconds"] - 0.3 < result["took"] < result["seconds"] + 3


def test_a_stopped_sound_is_silent_at_once(play: Play) -> None:
    result = play("stopped_sound")
    assert result["finished"] is False
    assert result["took"] < 0.2
    assert result["sound_after"] < 0.2


def test_an_answer_is_read_aloud_without_its_code(play: Play) -> None:
    result = play("read_aloud")
    first, second = "The capital of France is Paris.", "It lies on a river."
    assert result["finished"] is True
    assert result["events"] == [
        ["SentenceSpoken", first],
        ["SentencePlayed", first],
        ["SentenceSpoken", second],
        ["SentencePlayed", second],
    ]
    assert "paris" in plain(result["text"])
    assert "river" in plain(result["text"])


def test_a_microphone_unplugged_while_recording_keeps_what_was_heard(play: Play) -> None:
    result = play("unplugged")
    assert result["lost"] == ["audio.microphone_lost"]
    assert result["seconds"] >= 0.5
    assert result["error"]["code"] == "audio.no_microphone"
    assert result["microphones"] == []


def test_a_sound_server_that_stops_is_an_error_and_not_the_end(play: Play) -> None:
    result = play("server_stopped")
    assert result["lost"] == ["audio.microphone_lost"]
    assert result["error"]["code"] == result["speaker"] == "audio.server_lost"
    assert result["microphones"] == result["speakers"] == []


def test_without_a_microphone_there_is_a_remedy(server: pulse.PulseServer, play: Play) -> None:
    server.unplug_microphone()
    error = play("nothing_there")["error"]
    assert error["code"] == "audio.no_microphone"
    assert error["remedy"]


@pytest.mark.parametrize("thread", ["main", "worker"])
def test_what_is_handed_over_block_by_block_is_heard_without_gaps(play: Play, thread: str) -> None:
    result = play("live_tones", thread=thread)
    sys.stdout.write(f"from a block asked for to the monitor: {result['latency_ms']:.0f} ms\n")
    assert result["latency_ms"] <= 250
    assert result["gap_ms"] < BLOCK_MS
    assert result["jumps"] <= 2
    assert result["seconds"] == pytest.approx(result["handed_seconds"], abs=0.1)
    assert (result["asked_after_stop"], result["lost"]) == (0, 0)


def test_a_device_that_wants_other_samples_gets_them(play: Play) -> None:
    result = play("live_other_samples")
    assert result["latency_ms"] <= 250
    assert result["gap_ms"] < BLOCK_MS
    assert result["jumps"] <= 2
    assert result["seconds"] == pytest.approx(result["handed_seconds"], abs=0.1)


def test_a_conversation_falls_silent_at_once(play: Play) -> None:
    result = play("live_silence")
    assert result["silent_after_ms"]["handed_silence"] < 250 + BLOCK_MS
    assert result["silent_after_ms"]["stopped"] < 100


def test_a_failing_source_of_sound_is_silence_and_one_complaint(play: Play) -> None:
    result = play("live_trouble")
    assert result["complaints"] == ["the source of the conversation's sound raised an error"]
    assert result["gap_ms"] == pytest.approx(15 * BLOCK_MS, abs=50)
    assert result["seconds"] > 2.0


def test_the_source_of_sound_may_stop_the_speaker_and_start_it_later(play: Play) -> None:
    result = play("live_stop_from_within")
    assert result["asked"] == 11
    assert result["again"] > 10


def test_a_sound_server_that_stops_ends_the_conversation_once(play: Play) -> None:
    result = play("live_server_stopped")
    assert (result["lost"], result["asked_after_loss"]) == (1, 0)
    assert result["after_s"] < 3
    assert result["error"]["code"] == "audio.server_lost"


def test_a_loudspeaker_unplugged_is_lost_once_and_another_one_is_found(play: Play) -> None:
    result = play("live_unplugged")
    assert (result["lost"], result["asked_after_loss"]) == (1, 0)
    assert result["after_s"] < 3
    assert result["error"] is None
    assert result["speakers"] == ["micsink"]


def test_the_microphone_hears_the_loudspeaker_of_the_same_conversation(play: Play) -> None:
    result = play("live_echo")
    sys.stdout.write(f"from a block asked for to the microphone: {result['delay_ms']:.0f} ms\n")
    assert result["seconds"] == pytest.approx(3, abs=0.15)
    assert result["jumps"] <= 2
    assert result["gap_ms"] < BLOCK_MS
    assert result["loudest"] == pytest.approx(4_500, rel=0.1)
    assert result["delay_ms"] < 400
    assert result["lost"] == []


@pytest.mark.flaky(reruns=3)
def test_a_busy_machine_loses_nothing_of_the_microphone(play: Play) -> None:
    result = play("busy_microphone")
    assert result["seconds"] > 0.9 * result["took"]
    assert result["lost"] == 0


@pytest.mark.flaky(reruns=3)
def test_a_hands_free_conversation_on_loudspeakers(play: Play) -> None:
    """What must hold on a slow machine, too: how well the first sentence was understood is not asked here."""
    result = play("hands_free")
    assert len(result["heard"]) >= 2
    assert any(word in plain(result["heard"][-1]) for word in ("france", "capital"))
    assert result["interrupted"]  # the story; leaving may cut the second answer short too
    assert result["played_s"] > 1
    assert (result["failed"], result["ended"]) == ([], [None])
