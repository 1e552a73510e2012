"""The pieces of the packages that can be looked at without building one."""

from __future__ import annotations

import configparser
import gzip
import re
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as xml
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from desktop_app import frozen, system_libraries

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the packages for Linux")


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The modules of packaging/release, as build.py finds them."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    import release
    import release.archive
    import release.bundle
    import release.contents
    import release.deb
    import release.personalize

    yield release
    for name in [name for name in sys.modules if name == "release" or name.startswith("release.")]:
        del sys.modules[name]


def test_the_launcher_takes_what_the_window_reads(release: ModuleType) -> None:
    entry = configparser.RawConfigParser()
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read_string(release.deb.filled_in("stonechat.desktop"))
    launcher = entry["Desktop Entry"]
    assert launcher["Exec"] == "stonechat run %F"
    assert launcher["Icon"] == "stonechat"
    kinds = set(launcher["MimeType"].strip(";").split(";"))
    assert {"image/png", "image/jpeg", "image/webp", "audio/x-wav", "application/x-gguf"} <= kinds
    listed = xml.fromstring(release.deb.filled_in("stonechat.metainfo.xml"))
    assert {each.text for each in listed.iter("mediatype")} == kinds
    assert listed.findtext("id") == "stonechat.desktop"
    assert xml.fromstring(release.deb.filled_in("stonechat-mime.xml")) is not None


def test_no_place_is_left_to_fill_in(release: ModuleType) -> None:
    for name in ("stonechat.1", "stonechat.metainfo.xml", "INSTALL.txt"):
        assert "@" not in release.deb.filled_in(name)


def test_the_package_asks_for_what_the_doctor_looks_for(release: ModuleType, tmp_path: Path) -> None:
    package = release.deb.application(tmp_path)
    control = package.control(2_000_000)
    depends = control.split("Depends: ")[1].splitlines()[0]
    needed = [need.package for need in system_libraries.NEEDS if need.use in ("window", "sound")]
    assert all(name in depends.split(", ") for name in needed)
    assert "python" not in depends
    assert "Installed-Size: 1954\n" in control
    assert re.search(r"^Version: \d+\.\d+\.\d+$", control, re.MULTILINE)
    assert all(line.startswith(" ") for line in control.split("Description: ")[1].splitlines()[1:])


def test_a_package_with_models_is_newer_than_one_without(release: ModuleType, tmp_path: Path) -> None:
    plain, carrying = release.deb.application(tmp_path), release.deb.application(tmp_path, models=tmp_path)
    assert carrying.name == plain.name
    assert carrying.version == f"{plain.version}+models"


def test_the_script_after_removal_is_sound(release: ModuleType) -> None:
    script = release.deb.FILES / "postrm"
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    for words in (["remove"], ["upgrade", "1"]):
        assert subprocess.run(["sh", str(script), *words], capture_output=True, check=False).stdout == b""


def test_what_goes_in_and_what_stays_out(release: ModuleType) -> None:
    stays = release.contents.stays
    wheel = "/somewhere/site-packages/x"
    assert stays("PySide6/Qt/lib/libQt6Widgets.so.6", wheel)
    assert stays("PySide6/Qt/plugins/platforms/libqxcb.so", wheel)
    assert stays("libssl.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3")
    assert not stays("PySide6/Qt/lib/libavcodec.so.63", wheel)
    assert not stays("PySide6/Qt/lib/libQt6Qml.so.6", wheel)
    assert not stays("PySide6/Qt/plugins/multimedia/libffmpegmediaplugin.so", wheel)
    assert not stays("libpulse.so.0", "/usr/lib/x86_64-linux-gnu/libpulse.so.0")
    assert not stays("libstdc++.so.6", "/lib/x86_64-linux-gnu/libstdc++.so.6")


def test_the_bundle_has_no_part_of_the_second_pack_or_of_the_tools(release: ModuleType) -> None:
    left_out = set(release.contents.EXCLUDED)
    assert {"torch", "transformers", "peft", "pytest", "mypy", "PyInstaller", "tkinter"} <= left_out
    assert not left_out & set(release.contents.WHOLE)
    assert "sqlite3" in release.contents.standard_library()


def test_every_data_file_that_packages_need_is_found(release: ModuleType) -> None:
    found = release.bundle.data_of(release.contents.PACKAGE_DATA)
    targets = {target for _, target in found}
    assert {"rapidocr/models", "qtawesome/fonts", "livekit/rtc/resources", "pip/_vendor/certifi"} <= targets
    assert any(target.startswith("piper/espeak-ng-data") for target in targets)
    with pytest.raises(Exception, match="has none of"):
        release.bundle.data_of({"certifi": ("nothing-like-this",)})


def test_the_second_pack_is_training_and_nothing_that_the_program_brings(release: ModuleType) -> None:
    names = {package.metadata["Name"].lower() for package in release.personalize.pack_packages()}
    assert {"torch", "transformers", "peft", "gguf", "safetensors"} <= names
    assert not names & {"numpy", "tokenizers", "pyside6-essentials", "pytest", "setuptools"}
    peft = next(each for each in release.personalize.pack_packages() if each.metadata["Name"] == "peft")
    files = release.personalize.kept_files(peft)
    assert "peft/__init__.py" in files
    assert not [name for name in files if "__pycache__" in name or name.endswith("RECORD")]


def test_the_same_files_make_the_same_archive_and_manifest(release: ModuleType, tmp_path: Path) -> None:
    made = []
    for turn in ("one", "two"):
        folder = tmp_path / turn
        (folder / "inner").mkdir(parents=True)
        for name in sorted(("b", "a", "inner/c"), reverse=turn == "two"):
            (folder / name).write_text(name * 3000)
        (folder / "inner" / "same").write_text("a" * 6000)
        release.bundle.write_manifest(folder)
        made.append(release.archive.tar_gz(tmp_path / f"{turn}.tar.gz", {"program": folder}).read_bytes())
    assert made[0] == made[1]
    with tarfile.open(tmp_path / "one.tar.gz") as archive:
        assert [entry.name for entry in archive][:2] == ["program", "program/MANIFEST.sha256"]
        assert {(entry.mtime, entry.uid, entry.uname) for entry in archive} == {(1700000000, 0, "")}
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "MANIFEST.sha256"], cwd=tmp_path / "one", check=False)
    assert checked.returncode == 0


def test_files_with_the_same_bytes_become_links(release: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("library.so", "library.so.1", "inner/library.so"):
        (tmp_path / name).write_bytes(b"x" * 5000)
    release.bundle.link_doubles(tmp_path)
    assert [file.relative_to(tmp_path).as_posix() for file in release.bundle.files_of(tmp_path)] == ["inner/library.so"]
    assert (tmp_path / "library.so.1").read_bytes() == b"x" * 5000


def test_sums_are_signed_where_there_is_a_key(
    release: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(release.archive, "BUILD", tmp_path)
    monkeypatch.delenv(release.archive.KEY, raising=False)
    file = tmp_path / "a.deb"
    file.write_bytes(b"x")
    assert release.archive.sums([file]) == [tmp_path / "SHA256SUMS"]
    assert "not signed" in capsys.readouterr().out
    assert (tmp_path / "SHA256SUMS").read_text().endswith("  a.deb\n")


def test_the_manual_page_names_every_exit_code(release: ModuleType) -> None:
    page = gzip.decompress(gzip.compress(release.deb.filled_in("stonechat.1").encode(), mtime=0)).decode()
    assert "0 done, 2 wrong usage, 3 " in page


def test_parts_start_as_modules_in_a_tree_and_by_name_in_a_frozen_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert frozen.part_command("pip") == (sys.executable, "-m", "pip")
    assert frozen.run_part([frozen.PART_WORD, "pip"]) is False
    with pytest.raises(ValueError):
        frozen.part_command("os")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "stonechat"))
    assert frozen.part_command("pip") == (sys.executable, "--part", "pip")
    assert frozen.run_part(["--part", "os"]) is False
    assert frozen.run_part(["ask", "pip"]) is False


def test_a_frozen_program_finds_what_lies_beside_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "stonechat"))
    (tmp_path / frozen.PACK).mkdir()
    frozen.settle_in()
    assert frozen.beside(frozen.PACK) is None and str(tmp_path / frozen.PACK) not in sys.path
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/before")
    frozen.settle_in()
    assert sys.path[-1] == str(tmp_path / frozen.PACK)
    import os

    assert os.environ["LD_LIBRARY_PATH"] == "/before"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
