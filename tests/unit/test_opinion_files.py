"""Ratings as files and as commands: out and in again, strangers' files refused whole, the headless twin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop_app.cli import main
from desktop_app.domain.feedback import Pick, Rating, Reason
from desktop_app.domain.opinion_lines import line_of, opinions_in
from desktop_app.errors import UserCanFix
from desktop_app.services.feedback_files import export_to, import_from
from tests.unit.feedback_kit import Kit, feedback_kit
from tests.unit.storage_kit import answer

GOOD = {"prompt": "q", "answer": "a", "rating": "up", "better": "", "reason": [], "source": "rating", "ts": 5}


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with feedback_kit(tmp_path) as made:
        yield made


def test_what_goes_out_comes_in_again_once(kit: Kit, tmp_path: Path) -> None:
    first, second = kit.answers(("q1", "a1"), ("q2", "a2\nwith a line"))
    kit.feedback.rate(first, liked=False, reasons=(Reason(kind="custom", words="no poetry"),), better="b", comment="c")
    again = answer(kit.history, kit.history.message(second).parent_id or "", "other").id
    kit.feedback.prefer(again, second)
    file = tmp_path / "out.jsonl"
    assert export_to(kit.feedback, file) == 2
    assert import_from(kit.feedback, file) == 0
    for opinion in kit.feedback.list():
        kit.feedback.withdraw(opinion.id)
    assert import_from(kit.feedback, file) == 2
    pick, rating = kit.feedback.list()
    assert isinstance(rating, Rating)
    assert (rating.liked, rating.reasons[0].words, rating.better, rating.comment) == (False, "no poetry", "b", "c")
    assert isinstance(pick, Pick)
    assert (pick.answer, pick.worse, pick.imported) == ("other", "a2\nwith a line", True)
    assert [example.prompt[-1].text for example in kit.feedback.examples()] == ["q1", "q1", "q2"]


@pytest.mark.parametrize(
    "broken",
    [
        "not json",
        "[1]",
        "[" * 100_000,
        json.dumps({**GOOD, "prompt": 3}),
        json.dumps({**GOOD, "rating": "sideways"}),
        json.dumps({**GOOD, "ts": "yesterday"}),
        json.dumps({**GOOD, "ts": -1e300}),
        json.dumps({**GOOD, "rating": None}),
        json.dumps({**GOOD, "source": "signal", "reason": ["breathed"]}),
        json.dumps({**GOOD, "reason": [["x"]]}),
        json.dumps({**GOOD, "answer": "x" * 100_001}),
    ],
)
def test_a_file_with_one_bad_line_is_refused_whole(broken: str, kit: Kit, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text(f"{json.dumps(GOOD)}\n{broken}\n", encoding="utf-8")
    with pytest.raises(UserCanFix, match="Line 2"):
        import_from(kit.feedback, file)
    assert kit.feedback.list() == ()


def test_no_text_at_all_and_no_file_are_refused(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name in ("bytes", "nowhere"):
        with pytest.raises(UserCanFix):
            import_from(kit.feedback, tmp_path / name)


def test_other_ways_to_write_a_line_are_understood() -> None:
    (read,) = opinions_in([json.dumps({**GOOD, "rating": 1, "reason": "too_long", "ts": "2026-01-02T03:04:05+00:00"})])
    assert isinstance(read, Rating)
    assert (read.liked, read.reasons, read.created_at) == (True, (Reason(kind="too_long"),), 1767323045.0)
    assert json.loads(line_of(read))["rating"] == "up"


def test_the_headless_twin(kit: Kit, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (id_,) = kit.answers(("How?", "Like this, at length."))
    again = answer(kit.history, kit.history.message(id_).parent_id or "", "So.").id
    kit.history.close()

    def stonechat(*words: str) -> Any:
        assert main([*words, "--data", str(tmp_path), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    rated = stonechat("rate", id_, "--down", "--reason", "too_long", "--reason", "no poetry", "--better", "Thus.")
    assert (rated["rating"], rated["reasons"], rated["better"]) == ("down", ["too_long", "no poetry"], "Thus.")
    assert stonechat("prefer", again, id_)["over"] == id_
    assert len(stonechat("feedback", "list")) == 2
    assert stonechat("feedback", "export", str(tmp_path / "out.jsonl"))["count"] == 2
    assert stonechat("feedback", "withdraw", rated["id"])["done"] == "withdraw"
    assert stonechat("feedback", "import", str(tmp_path / "out.jsonl"))["count"] == 1
    rule = stonechat("rules", "add", "Be", "kind.")
    assert [each["text"] for each in stonechat("rules", "list")] == ["Be kind."]
    assert stonechat("rules", "propose") == []
    assert stonechat("rules", "edit", rule["id"], "Be brief.")["text"] == "Be brief."
    assert stonechat("rules", "remove", rule["id"])["done"] == "remove"
    assert main(["rules", "frown", "--data", str(tmp_path), "--json"]) == 2
    assert main(["rate", "nowhere", "--up", "--data", str(tmp_path), "--json"]) == 3
