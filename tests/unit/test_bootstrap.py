"""The set-up script: does its work once, says what it cannot do, and is what make and CI call."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from desktop_app import system_libraries
from desktop_app.system_libraries import Need

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with an environment of its own that is empty."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "packaging" / "bootstrap.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "stamp")
    monkeypatch.setattr(module, "LOG", tmp_path / "build" / "setup.log")
    monkeypatch.setattr(sys, "path", list(sys.path))
    return module


@pytest.fixture
def started(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What would be run in the environment; all of it succeeds."""
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(bootstrap, "in_venv", lambda *command, offscreen=False: calls.append(command) or 0)
    monkeypatch.setattr(bootstrap, "environment", lambda: None)
    monkeypatch.setattr(bootstrap, "system_libraries", lambda _uses: None)
    return calls


def never(*_arguments: object) -> None:
    raise AssertionError("this must not happen")


def test_make_and_ci_call_what_the_script_offers(bootstrap: ModuleType) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert set(re.findall(r"^COMMANDS := (.*)$", makefile, re.MULTILINE)[0].split()) == set(bootstrap.COMMANDS)
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', "make test"]


def test_help_says_every_command(bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["help"]) == 0
    said = capsys.readouterr().out
    assert all(name in said and meaning in said for name, meaning in bootstrap.COMMANDS.items())


@pytest.mark.parametrize("arguments", [["fly"], ["run", "--fast"]])
def test_a_wrong_command_is_a_usage_error(bootstrap: ModuleType, arguments: list[str]) -> None:
    assert bootstrap.main(arguments) == 2


def test_the_environment_is_made_once(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed: list[tuple[str, ...]] = []
    monkeypatch.setattr(bootstrap, "make_venv", lambda: (tmp_path / ".venv").mkdir(exist_ok=True))
    monkeypatch.setattr(bootstrap, "install", lambda *what: installed.append(what))
    bootstrap.environment()
    assert [what[0] for what in installed] == [installed[0][0], "-r", "--no-deps"]
    assert installed[0][0].startswith("pip==")
    monkeypatch.setattr(bootstrap, "install", never)
    bootstrap.environment()
    lock = tmp_path / "lock"
    lock.write_text("pip==1\n")
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    with pytest.raises(AssertionError, match="must not happen"):
        bootstrap.environment()


def test_an_install_that_fails_is_tried_again_next_time(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "make_venv", lambda: (tmp_path / ".venv").mkdir(exist_ok=True))
    monkeypatch.setattr(bootstrap, "venv_python", lambda: Path(sys.executable))
    with pytest.raises(bootstrap.Stop, match=r"setup\.log"):
        bootstrap.install("--no-such-option")
    assert "no such option" in (tmp_path / "build" / "setup.log").read_text()
    assert not bootstrap.STAMP.exists()


def test_a_missing_venv_module_gets_one_sentence(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "The virtual environment was not created successfully because ensurepip is not available."
    monkeypatch.setattr(bootstrap, "system_libraries", lambda _uses: None)
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_k: subprocess.CompletedProcess([], 1, said, ""))
    assert bootstrap.main(["setup"]) == 4
    assert "sudo apt-get install -y python3-venv" in capsys.readouterr().err


def test_an_old_python_looks_for_a_newer_one(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST", (3, 90))
    monkeypatch.setattr(bootstrap, "NEWEST", (3, 91))
    assert bootstrap.main(["setup"]) == 4
    assert "Stonechat needs Python 3.90 to 3.91" in capsys.readouterr().err


def test_run_opens_the_window_where_there_is_a_display(
    bootstrap: ModuleType, started: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    assert bootstrap.main(["run", "--small"]) == 0
    assert started == [("-m", "desktop_app", "setup", "--small"), ("-m", "desktop_app")]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_run_without_a_display_says_so_and_runs_the_demo(
    bootstrap: ModuleType,
    started: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert bootstrap.main(["run"]) == 0
    assert started[-1] == ("-m", "desktop_app", "demo")
    assert "no display" in capsys.readouterr().out


def test_the_tests_need_the_models(
    bootstrap: ModuleType, started: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bootstrap.main(["test"]) == 0
    assert started[-1] == ("-m", "pytest")
    monkeypatch.setattr(bootstrap, "in_venv", lambda *command, offscreen=False: 3 if "setup" in command else never())
    assert bootstrap.main(["test"]) == 3


def test_check_runs_everything_and_fails_when_one_fails(
    bootstrap: ModuleType,
    started: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert bootstrap.main(["check"]) == 0
    assert len(started) == 5
    monkeypatch.setattr(bootstrap, "in_venv", lambda *command, offscreen=False: int("mypy" in command))
    assert bootstrap.main(["check"]) == 1
    assert "Failed: Types" in capsys.readouterr().out


Apt = Callable[..., int]


@pytest.fixture
def lacking(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """A system that lacks one library; the calls of apt-get, all of which succeed."""
    calls: list[tuple[str, ...]] = []
    need = Need(what="libnever.so.1", package="libnever1", use="window")
    monkeypatch.setattr(system_libraries, "missing", lambda _uses: (need,))
    monkeypatch.setattr(bootstrap, "can_make_venv", lambda: False)
    monkeypatch.setattr(bootstrap, "apt_get", lambda *command: calls.append(command) or 0)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: "/usr/bin/apt-get")
    return calls


def test_root_installs_what_is_missing(
    bootstrap: ModuleType, lacking: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0, raising=False)
    bootstrap.system_libraries(bootstrap.USES)
    assert lacking == [("update",), ("install", "-y", "--no-install-recommends", "libnever1", "python3-venv")]


def test_others_get_the_one_command_and_go_on(
    bootstrap: ModuleType,
    lacking: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000, raising=False)
    bootstrap.system_libraries(bootstrap.USES)
    assert lacking == []
    assert "sudo apt-get install -y --no-install-recommends libnever1 python3-venv" in capsys.readouterr().out


def test_the_lock_pins_what_the_project_asks_for() -> None:
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if not line.startswith("#")]
    pins = [re.fullmatch(r"([A-Za-z0-9_.-]+)==([A-Za-z0-9.]+)(; sys_platform != \"linux\")?", line) for line in lines]
    assert all(pins)
    locked = {pin[1].lower().replace("_", "-"): pin[2] for pin in pins if pin}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    for wanted in [*project["dependencies"], *optional["dev"], *optional["personalize"], "pip==26.3"]:
        name, version = wanted.split(";")[0].split("==")
        assert locked[name.lower().replace("_", "-")] == version
    assert "hatchling" in locked


def test_the_licence_is_the_whole_text() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Version 3, 29 June 2007" in text and "END OF TERMS AND CONDITIONS" in text
