"""A conversation's devices on a real (virtual) sound server: closed while muted, waited for, tested with a tone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import pulse

pytestmark = [pytest.mark.audio, pytest.mark.slow, pytest.mark.flaky(reruns=3)]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server() -> Iterator[pulse.PulseServer]:
    try:
        with pulse.running() as started:
            yield started
    except pulse.CannotStart as reason:
        pytest.skip(f"NO REAL AUDIO WAS TESTED: PulseAudio cannot start here: {reason}")


def play(server: pulse.PulseServer, scene: str) -> dict[str, Any]:
    command = [sys.executable, "-W", "error", "-m", "tests.journeys.device_scenes", scene]
    done = subprocess.run(command, env=server.env, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_a_muted_microphone_is_closed_as_the_server_sees_it(server: pulse.PulseServer) -> None:
    result = play(server, "muting")
    assert result["listening"] == result["again"] == result["before"] + 1
    assert result["after"] == result["before"]
    assert result["shown"] == ["open/open", "muted/open", "open/open"]


def test_a_microphone_that_comes_back_is_heard_again(server: pulse.PulseServer) -> None:
    result = play(server, "unplugged_and_back")
    assert result["back"] and result["anew"] == 1
    assert result["shown"] == ["open/open", "gone/open", "open/open"]
    assert result["missing"]["message"] == "No microphone was found."
    assert result["missing"]["remedy"]


def test_a_sound_server_that_is_started_again_only_pauses_the_conversation(server: pulse.PulseServer) -> None:
    result = play(server, "server_restarted")
    assert result["back"]
    assert result["shown"][0] == "open/open" and result["shown"][-2:] == ["open/open", "muted/open"]
    assert "gone/gone" in result["shown"]
    assert result["missing"]["message"] == "The sound server of this computer stopped."


def test_the_sound_check_hears_its_tone_where_it_can_be_heard(server: pulse.PulseServer) -> None:
    result = play(server, "hears_itself")
    assert result["aloud"]["heard_tone"] and result["aloud"]["tone_db"] > -40
    assert result["silent"] == "audio.microphone_silent"
