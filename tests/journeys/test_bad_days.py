"""What goes wrong on real machines, through the real program: a clear sentence, and nothing lost."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import wave
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PIL import Image

from desktop_app.app import build
from desktop_app.domain.events import TurnFailed, TurnFinished
from desktop_app.paths import places
from desktop_app.ports import CancelToken
from desktop_app.services.chat import AskOptions
from tests.fakes.projector import random_projector
from tests.journeys.test_command_line import asked, stonechat
from tests.unit import gguf_kit

pytestmark = [pytest.mark.models, pytest.mark.slow]
SMALL = "smollm2-135m"


def refused(home: Path, store: Path, *words: str) -> str:
    """The code of the error that the command ends with; it must be one that the person can mend."""
    done = stonechat(home, store, *words, "--json")
    assert done.returncode == 3, done.stderr
    said = json.loads(done.stderr)
    assert said["message"] and said["remedy"]
    return str(said["code"])


def test_a_killed_program_keeps_the_question_and_what_was_written(tmp_path: Path, model_store: Path) -> None:
    command = [
        sys.executable, "-u", "-m", "desktop_app", "ask", "Tell me a long story about the sea.",
        "--data", str(tmp_path), "--model", SMALL, "--max-tokens", "2000", "--temperature", "1.5", "--seed", "3",
    ]  # fmt: skip
    program = subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "STONECHAT_MODELS": str(model_store)}, text=True
    )
    assert program.stdout is not None
    seen = ""
    while len(seen) < 400:
        piece = program.stdout.read(20)
        assert piece, "the answer ended before the program could be killed"
        seen += piece
    children = psutil.Process(program.pid).children(recursive=True)
    program.send_signal(signal.SIGKILL)
    program.communicate()
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert gone and not alive
    (kept,) = json.loads(stonechat(tmp_path, model_store, "history", "--json").stdout)
    question, answer = json.loads(stonechat(tmp_path, model_store, "history", "show", kept["id"], "--json").stdout)
    assert question["parts"] == ["Tell me a long story about the sea."]
    assert answer["status"] == "interrupted"
    written = "".join(answer["parts"])
    assert seen.startswith(written[: len(seen)]) and len(written) > 100


def test_two_programs_on_one_folder(tmp_path: Path, model_store: Path) -> None:
    environment = {**os.environ, "STONECHAT_MODELS": str(model_store)}
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "desktop_app", "ask", f"Say {word}.", "--json", "--data", str(tmp_path),
             "--model", SMALL, "--max-tokens", "8"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True,
        )
        for word in ("one", "two")
    ]  # fmt: skip
    for each in both:
        _, errors = each.communicate(timeout=240)
        assert each.returncode == 0, errors
    assert len(json.loads(stonechat(tmp_path, model_store, "history", "--json").stdout)) == 2


def test_a_model_file_deleted_while_it_is_loaded(tmp_path: Path, model_store: Path) -> None:
    """The loaded model goes on; a fresh start says what is missing. Nothing that was said is lost."""
    own = tmp_path / "models"
    shutil.copytree(model_store / SMALL, own / SMALL)
    home = tmp_path / "home"
    services = build(replace(places(home), models=own).create())
    options = AskOptions(model_id=SMALL, max_tokens=4, temperature=0, seed=1)
    try:
        assert isinstance([*services.chat.ask("Hello", options=options, cancel=CancelToken())][-1], TurnFinished)
        next((own / SMALL).glob("*.gguf")).unlink()
        last = [*services.chat.ask("Again", options=options, cancel=CancelToken())][-1]
        assert isinstance(last, TurnFailed | TurnFinished)
        if isinstance(last, TurnFailed):
            assert last.code.startswith("models.") and last.remedy
    finally:
        services.close()
    assert refused(home, own, "ask", "Once more", "--model", SMALL).startswith("models.")
    assert len(json.loads(stonechat(home, own, "history", "--json").stdout)) == 3


def test_control_characters_do_not_reach_the_store(tmp_path: Path, model_store: Path) -> None:
    answer = asked(tmp_path, model_store, "Say\x1b[31m hi\x07 \u202e\x7f.")
    shown = stonechat(tmp_path, model_store, "history", "show", answer["conversation_id"], "--json").stdout
    (text,) = json.loads(shown)[0]["parts"]
    assert "\x1b" not in text and "\x07" not in text and "hi" in text


def pictures(folder: Path) -> dict[str, str]:
    """File name to the code it is refused with."""
    folder.mkdir()
    (folder / "empty.png").write_bytes(b"")
    Image.new("RGB", (64, 64), "red").save(folder / "whole.png")
    (folder / "cut.png").write_bytes((folder / "whole.png").read_bytes()[:60])
    (folder / "words.jpg").write_text("I am not a picture.")
    Image.new("1", (20_000, 20_000)).save(folder / "bomb.png")
    Image.new("L", (10_000, 5_000)).save(folder / "huge.jpg")
    return {
        "empty.png": "picture.empty",
        "cut.png": "picture.unreadable",
        "words.jpg": "picture.not_a_picture",
        "bomb.png": "picture.too_large",
        "huge.jpg": "picture.too_large",
    }


def test_pictures_that_are_none(tmp_path: Path, model_store: Path) -> None:
    for name, code in pictures(tmp_path / "pictures").items():
        found = refused(
            tmp_path / "home", model_store, "ask", "What is it?", "--image", str(tmp_path / "pictures" / name)
        )
        assert found == code, name


def test_an_animated_picture_shows_its_first_frame(tmp_path: Path, model_store: Path) -> None:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    answer = asked(tmp_path / "home", model_store, "Which colour?", "--image", str(tmp_path / "two.gif"))
    assert answer["pictures"][0]["evidence"]["colours"][0]["name"] == "red"


def test_an_hour_of_sound_is_refused_at_once(tmp_path: Path, model_store: Path) -> None:
    with wave.open(str(tmp_path / "hour.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        for _ in range(60):
            file.writeframes(bytes(2 * 16_000 * 60))
    assert refused(tmp_path / "home", model_store, "ask", "--audio", str(tmp_path / "hour.wav")) == "audio.too_long"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"GGUF" + b"\xff" * 100, "models.bad_file"),
        (gguf_kit.gguf(gguf_kit.model_keys(general__architecture="toaster")), "models.unknown_architecture"),
        (gguf_kit.gguf(tensors=[]), "models.incomplete"),
        (gguf_kit.gguf(cut=40), "models.cut_off"),
        (b"", "models.cut_off"),
    ],
)
def test_model_files_that_are_none(tmp_path: Path, model_store: Path, content: bytes, code: str) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    assert refused(tmp_path / "home", tmp_path / "models", "models", "add", str(file)) == code


def test_a_model_with_a_projector_sees_the_picture_itself(tmp_path: Path, model_store: Path) -> None:
    (tmp_path / "files").mkdir()
    with contextlib.suppress(OSError):
        os.link(next((model_store / SMALL).glob("*.gguf")), tmp_path / "files" / "seer.gguf")
    if not (tmp_path / "files" / "seer.gguf").exists():
        shutil.copy(next((model_store / SMALL).glob("*.gguf")), tmp_path / "files" / "seer.gguf")
    random_projector(tmp_path / "files" / "mmproj-seer.gguf")
    Image.new("RGB", (120, 80), "red").save(tmp_path / "red.png")
    own, home = tmp_path / "models", tmp_path / "home"
    added = json.loads(stonechat(home, own, "models", "add", str(tmp_path / "files" / "seer.gguf"), "--json").stdout)
    done = stonechat(
        home, own, "ask", "What is it?", "--image", str(tmp_path / "red.png"), "--model", added["id"],
        "--max-tokens", "4", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (picture,) = json.loads(done.stdout)["pictures"]
    assert picture["seen_by"] == "model"
    assert picture["evidence"] == {"text": [], "labels": [], "colours": []}
