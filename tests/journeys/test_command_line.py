"""The headless twin on the real starter models: type, say, show; the keys of `ask --json` are a contract."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop_app.paths import resources

pytestmark = [pytest.mark.models, pytest.mark.slow]
SAMPLES = resources() / "samples"


def stonechat(home: Path, store: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "STONECHAT_MODELS": str(store), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run(
        [sys.executable, "-m", "desktop_app", "--data", str(home), *words],
        capture_output=True,
        text=True,
        env=environment,
        timeout=240,
        check=False,
    )


def asked(home: Path, store: Path, *words: str) -> dict[str, Any]:
    done = stonechat(
        home, store, "ask", "--json", "--model", "smollm2-135m", "--seed", "1", "--temperature", "0",
        "--max-tokens", "24", *words,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_typing_speaking_and_showing_in_one_conversation(tmp_path: Path, model_store: Path) -> None:
    typed = asked(tmp_path, model_store, "Name a bird.")
    assert set(typed) == {
        "answer_id", "conversation_id", "text", "model", "adapter", "stopped_by", "pictures", "transcript", "timings",
    }  # fmt: skip
    assert typed["text"]
    assert typed["timings"]["tokens"] > 0

    spoken_to = tmp_path / "answer.wav"
    spoken = asked(
        tmp_path, model_store, "--conversation", typed["conversation_id"],
        "--audio", str(SAMPLES / "capital_of_france.wav"), "--speak", str(spoken_to),
    )  # fmt: skip
    assert "capital of france" in spoken["transcript"].lower()
    assert spoken["conversation_id"] == typed["conversation_id"]
    assert spoken_to.stat().st_size > 1000

    shown = asked(tmp_path, model_store, "What does it say?", "--image", str(SAMPLES / "pictures" / "poster.png"))
    (picture,) = shown["pictures"]
    assert picture["seen_by"] == "reader"
    assert any("Jazz" in line["text"] for line in picture["evidence"]["text"])

    listed = json.loads(stonechat(tmp_path, model_store, "history", "--json").stdout)
    assert {each["id"] for each in listed} == {typed["conversation_id"], shown["conversation_id"]}


def test_the_same_seed_gives_the_same_answer(tmp_path: Path, model_store: Path) -> None:
    first, second = (asked(tmp_path, model_store, "Name a colour.") for _ in range(2))
    assert first["text"] == second["text"]


def test_errors_are_a_sentence_and_an_exit_code(tmp_path: Path, model_store: Path) -> None:
    empty = stonechat(tmp_path, model_store, "ask", "  ", "--json")
    assert empty.returncode == 3
    assert set(json.loads(empty.stderr)) == {"code", "message", "remedy"}
    no_models = stonechat(tmp_path, tmp_path / "none", "ask", "Hello", "--json")
    assert no_models.returncode == 3
    assert json.loads(no_models.stderr)["code"].startswith("models.")
    assert stonechat(tmp_path, model_store, "dance").returncode == 2
    assert stonechat(tmp_path, model_store, "history", "show", "nothing").returncode == 3


def test_typing_speaking_and_showing_need_no_network(tmp_path: Path, model_store: Path) -> None:
    """In a network namespace without any interface, loopback included: a connection could not even be tried."""
    closed = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*closed, "true"], check=False).returncode:
        pytest.skip("this machine does not let us close the network")
    done = subprocess.run(
        [
            *closed, sys.executable, "-m", "desktop_app", "ask", "What does it say?", "--json",
            "--data", str(tmp_path), "--model", "smollm2-135m", "--max-tokens", "8",
            "--audio", str(SAMPLES / "capital_of_france.wav"),
            "--image", str(SAMPLES / "pictures" / "poster.png"),
            "--speak", str(tmp_path / "answer.wav"),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "STONECHAT_MODELS": str(model_store)},
        timeout=240,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["text"]
    assert "france" in answer["transcript"].lower()
