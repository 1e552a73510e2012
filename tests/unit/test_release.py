"""What a release is made with: notes, the list of parts, and the ways of the systems that cannot be tried here."""

from __future__ import annotations

import json
import plistlib
import re
import sys
from datetime import date
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from desktop_app import __version__
from desktop_app.services import licences

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a module of the folder `packaging`, as `build.py` does."""
    monkeypatch.syspath_prepend(str(PACKAGING))
    before = set(sys.modules)

    def load(name: str) -> ModuleType:
        return import_module(name)

    yield load
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("release", "release_notes"):
            del sys.modules[name]


def test_the_version_stands_in_one_place() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'dynamic = ["version"]' in text
    assert not re.search(r"^version = ", text, re.MULTILINE)
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def test_the_fragments_of_now_make_a_section(tools: Any) -> None:
    notes = tools("release_notes")
    fragments = sorted((PACKAGING / "changelog").glob("*.md"))
    texts = [file.read_text(encoding="utf-8").split("\nNot built yet")[0] for file in fragments]
    section = notes.compiled("9.9.9", date(2027, 1, 31), texts)
    assert section.startswith("## 9.9.9, 2027-01-31\n\n### Added\n\n- ")
    assert section.count("### Added") == section.count("### Fixed") == 1
    with pytest.raises(ValueError, match="no heading"):
        notes.compiled("9.9.9", date(2027, 1, 31), ["### Improved\n\n- all"])


def test_a_release_moves_the_fragments_and_the_version(tools: Any, tmp_path: Path) -> None:
    notes = tools("release_notes")
    (tmp_path / "packaging" / "changelog").mkdir(parents=True)
    (tmp_path / "packaging" / "changelog" / "1.md").write_text("### Fixed\n\n- A thing.\n")
    (tmp_path / "desktop_app").mkdir()
    (tmp_path / "desktop_app" / "__init__.py").write_text('__version__ = "0.1.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\nPreface.\n\n## 0.1.0, 2026-11-24\n\n- First.\n")
    assert notes.main(["0.2.0"], tmp_path) == 2
    assert notes.main(["0.2.0", "2027-01-31"], tmp_path) == 0
    assert not list((tmp_path / "packaging" / "changelog").iterdir())
    assert "0.2.0" in (tmp_path / "desktop_app" / "__init__.py").read_text()
    headings = re.findall(r"^## .*$", (tmp_path / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings == ["## 0.2.0, 2027-01-31", "## 0.1.0, 2026-11-24"]


def test_every_part_has_a_licence() -> None:
    found = licences.collected()
    assert found[0].name == licences.OURS and "GENERAL PUBLIC LICENSE" in found[0].text
    names = {each.name for each in found}
    assert {"PySide6_Essentials", "msgspec", "Qt", "Inter", "SmolLM2 135M Instruct"} <= names
    assert [each.name for each in found if each.kind != "package" and not each.licence] == []
    lacking = [each.name for each in found if each.kind == "package" and not (each.licence or each.text)]
    assert not lacking


def test_tools_of_the_developer_are_no_part() -> None:
    names = {each.name.casefold() for each in licences.packages(("",))}
    assert not names & {"pytest", "mypy", "ruff", "torch", "pyinstaller", "hypothesis"}


def test_the_list_of_parts_is_cyclonedx(tools: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cyclonedx")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    sbom = tools("release.sbom")
    monkeypatch.setattr(sbom, "check_lock", lambda: None)
    bill = json.loads(sbom.write(tmp_path / "bill.json").read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["version"] == __version__
    addresses = {each.get("purl", "") for each in bill["components"]}
    assert any(address.startswith("pkg:pypi/llama-cpp-python@") for address in addresses)
    assert {"library", "machine-learning-model"} == {each["type"] for each in bill["components"]}
    again = sbom.write(tmp_path / "again.json").read_bytes()
    assert again == (tmp_path / "bill.json").read_bytes()


def test_the_windows_installer_names_what_is_there(tools: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = tools("release.windows")
    words = [str(word) for word in windows.command(Path("frozen"))]
    script = Path(words[-1]).read_text(encoding="utf-8")
    defined = {word[2:].split("=")[0] for word in words if word.startswith("/D")}
    assert set(re.findall(r"\{#(\w+)\}", script)) == defined
    assert (ROOT / "LICENSE").is_file()
    assert "/DSign" not in words
    monkeypatch.setenv("STONECHAT_SIGN", "signtool sign $f")
    assert "/Sstonechat=signtool sign $f" in windows.command(Path("frozen"))


def test_macos_asks_for_the_microphone_in_words(tools: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    macos = tools("release.macos")
    assert "microphone" in macos.INFO["NSMicrophoneUsageDescription"]
    rights = plistlib.loads(macos.ENTITLEMENTS.read_bytes())
    assert rights["com.apple.security.device.audio-input"] is True
    assert plistlib.loads(plistlib.dumps(macos.INFO)) == macos.INFO
    assert macos.signing(Path("a.app"))[-2:] == ["-", Path("a.app")]
    monkeypatch.setenv("STONECHAT_IDENTITY", "Developer ID Application: A (B)")
    assert "runtime" in macos.signing(Path("a.app"))


def test_the_workflow_builds_each_system_with_what_is_there() -> None:
    flow = yaml.safe_load((PACKAGING / "ci" / "packages.yml").read_text(encoding="utf-8"))
    build = flow["jobs"]["build"]
    systems = [each["system"] for each in build["strategy"]["matrix"]["include"]]
    assert systems == ["linux", "windows", "macos"]
    commands = " ".join(step.get("run", "") for step in build["steps"])
    scripts = set(re.findall(r"packaging/\w+\.py", commands))
    assert scripts == {"packaging/bootstrap.py", "packaging/build.py"}
    assert all((ROOT / script).is_file() for script in scripts)
    assert all((PACKAGING / "release" / f"{system}.py").is_file() for system in systems)
