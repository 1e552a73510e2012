"""The doctor: every problem has a remedy, and a sound machine has none."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from desktop_app import system_libraries
from desktop_app.services.doctor import Doctor, Finding
from desktop_app.services.model_library import ModelLibrary
from desktop_app.services.model_store import FileRecord, ModelRecord
from desktop_app.system_libraries import NEEDS, Need
from tests.unit import models_kit as kit
from tests.unit.gguf_kit import gguf


def put(library: ModelLibrary, role: str, name: str, data: bytes) -> None:
    folder = library.store.folder(role)
    folder.mkdir(parents=True)
    (folder / name).write_bytes(data)
    record = FileRecord(name=name, bytes=len(data), sha256=kit.digest(data))
    library.store.write(ModelRecord(id=role, role=role, title=role, files=(record,)))  # type: ignore[arg-type]


@pytest.fixture
def library(tmp_path: Path) -> ModelLibrary:
    library = kit.library(kit.home(tmp_path))
    put(library, "language", "m.gguf", gguf())
    for role in ("hearing", "voice", "labels"):
        put(library, role, "m.bin", b"data")
    return library


@pytest.fixture
def whole_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "missing", lambda _uses: ())


def problems(doctor: Doctor) -> dict[str, Finding]:
    return {finding.name: finding for finding in doctor.check() if not finding.ok}


@pytest.mark.usefixtures("whole_system")
def test_a_sound_machine_has_no_problems(tmp_path: Path, library: ModelLibrary) -> None:
    doctor = Doctor(
        kit.home(tmp_path), library, lambda _plays: [Finding(name="qt platform", ok=True, value="offscreen")]
    )
    findings = doctor.check()
    assert [finding for finding in findings if not finding.ok] == []
    assert "qt platform" in [finding.name for finding in findings]
    assert any(kit.digest(gguf()) in finding.value for finding in findings)
    json.dumps([dataclasses.asdict(finding) for finding in findings])


def test_every_problem_has_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "missing", lambda uses: [need for need in NEEDS if need.use in uses])
    places = kit.home(tmp_path / "home")
    found = problems(Doctor(places, kit.library(places)))
    assert {"window libraries", "sound libraries", "fonts", "language model", "hearing model"} <= set(found)
    assert all(finding.remedy for finding in found.values())
    assert "libxcb-cursor0" in found["window libraries"].remedy


@pytest.mark.usefixtures("whole_system")
def test_a_changed_file_and_a_bad_header_are_found(tmp_path: Path, library: ModelLibrary) -> None:
    (library.store.folder("hearing") / "m.bin").write_bytes(b"dama")
    folder = library.store.folder("rotten")
    folder.mkdir()
    (folder / "m.gguf").write_bytes(b"GGUF" + bytes(100))
    record = FileRecord(name="m.gguf", bytes=104, sha256=kit.digest(b"GGUF" + bytes(100)))
    library.store.write(ModelRecord(id="rotten", role="language", title="rotten", files=(record,)))
    found = problems(Doctor(kit.home(tmp_path), library))
    assert set(found) == {"model hearing", "model rotten"}
    assert found["model hearing"].value == "changed: m.bin" and found["model hearing"].remedy


@pytest.mark.usefixtures("whole_system")
def test_a_data_folder_that_cannot_be_made_is_found(tmp_path: Path, library: ModelLibrary) -> None:
    (tmp_path / "file").write_text("in the way")
    places = dataclasses.replace(kit.home(tmp_path), data=tmp_path / "file" / "home")
    found = problems(Doctor(places, library))
    assert "data folder" in found and found["data folder"].remedy


def test_missing_libraries_are_told_from_those_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries.sys, "platform", "linux")
    monkeypatch.setattr(
        system_libraries,
        "NEEDS",
        (
            Need(what="libc.so.6", package="libc6", use="window"),
            Need(what="libnever.so.1", package="libnever1", use="window"),
            Need(what="libnever-sound.so.1", package="libnever-sound1", use="sound"),
            Need(what="sh", package="dash", use="window", kind="program"),
            Need(what="never-a-program", package="never", use="window", kind="program"),
            Need(what="NeverAFont", package="fonts-never", use="window", kind="font"),
        ),
    )
    expected = ["libnever1", "never", "fonts-never"]
    assert [need.package for need in system_libraries.missing(["window"])] == expected
    monkeypatch.setattr(system_libraries, "_known_libraries", frozenset)
    assert [need.package for need in system_libraries.missing(["window"])] == expected
    monkeypatch.setattr(system_libraries.sys, "platform", "win32")
    assert system_libraries.missing(["window"]) == ()


def test_one_command_installs_each_package_once() -> None:
    twice = [NEEDS[0], NEEDS[1], NEEDS[0]]
    assert system_libraries.install_command(twice).endswith(f"{NEEDS[0].package} {NEEDS[1].package}")
