"""`personalize` and `adapters` as commands: what they print as JSON and in words. Scripted engines, real storage."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desktop_app import cli_personalize
from desktop_app.errors import UserCanFix
from desktop_app.services.blind import BlindService
from tests.unit.personalize_kit import Kit, kit

Run = Callable[..., Any]


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Kit]:
    with kit(tmp_path / "home") as made:
        yield made


@pytest.fixture
def run(it: Kit, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("adapters", "list")`: what it prints, read as JSON unless `words`."""
    services: Any = SimpleNamespace(
        personalization=it.service,
        adapters=it.adapters,
        blind=BlindService(it.adapters, lambda _: it.bases.model, lambda: ""),
        library=SimpleNamespace(chosen=lambda _: it.bases.chosen()),
    )

    def command(name: str, *rest: str, words: bool = False, **options: Any) -> Any:
        given = {"recipe": "", "dry_run": False, "force_small": False, "strength": None, **options}
        arguments = argparse.Namespace(json=not words, words=list(rest), **given)
        assert getattr(cli_personalize, name)(services, arguments) == 0
        said = capsys.readouterr().out
        return said if words else json.loads(said)

    return command


def test_the_keys_of_personalize_are_a_contract(run: Run, it: Kit) -> None:
    made = run("personalize")
    assert list(made) == [
        *("adapter_id", "verdict", "checks", "examples", "seconds", "tokens_per_second", "peak_memory_mb")
    ]
    assert {"name", "value", "base", "bound", "passed"} <= set(made["checks"][0])
    assert made["examples"] == {"train": 36, "held_out": 12}
    assert list(made["seconds"]) == ["dataset", "cache", "train", "export", "gate"]
    assert it.registry.find(made["adapter_id"]).state == "offered"


def test_in_words_it_says_what_to_do_next(run: Run) -> None:
    said = run("personalize", words=True)
    assert "ok  Your own ratings:" in said and "stonechat adapters use" in said
    assert "Nothing was done." in run("personalize", words=True, dry_run=True)


def test_an_adapter_is_listed_used_reported_and_removed(run: Run, tmp_path: Path) -> None:
    made = run("personalize")["adapter_id"]
    assert [each["id"] for each in run("adapters", "list")] == [made]
    used = run("adapters", "use", made, strength=0.25)
    assert (used["active"], used["strength"], used["learned_from"]) == (True, 0.25, 36)
    assert run("adapters", "report", made[-6:])["verdict"] == "passed"
    assert run("adapters", "compare", made, "Hello you")[0] == {
        "prompt": "Hello you",
        "base": "Hello you",
        "adapter": "Hello you",
    }
    assert run("adapters", "export", made, str(tmp_path / "a.zip"))["done"] == "export"
    assert run("adapters", "import", str(tmp_path / "a.zip"))["verdict"] == "passed"
    assert [each["id"] for each in run("adapters", "off")] == [made]
    assert run("adapters", "remove", made) == {"done": "remove", "id": made}
    assert "offered" in run("adapters", words=True) and made not in run("adapters", words=True)


def test_an_unfinished_command_is_explained(run: Run) -> None:
    with pytest.raises(UserCanFix) as refused:
        run("adapters", "use")
    assert (refused.value.exit_code, refused.value.code) == (2, "cli.usage")
