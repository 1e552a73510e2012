"""The parts of the usability tests that need no window: times, trends, scores, scenarios, the jail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from usability_tests import jail, klm, sus
from usability_tests.contrast import contrast, pairs
from usability_tests.scenario import FOLDER, Step, all_scenarios, read
from usability_tests.trends import history, worse

ROOT = Path(__file__).resolve().parents[2]


def steps(*lines: str) -> tuple[Step, ...]:
    return tuple(Step(verb=line.split(" ", 1)[0], what=line.split(" ", 1)[1]) for line in lines)


@pytest.mark.parametrize(
    ("lines", "operators"),
    [
        (("click Send",), "MPBB"),
        (("type aB",), "MKKK"),
        (("type ab", "press Enter"), "MKKK"),
        (("press Ctrl+K", "type ab"), "MKKKK"),
        (("click Message", "type a", "click Send"), "MPBBHKHMPBB"),
        (("press Tab x3",), "MKKK"),
        (("type a", "press Ctrl+Shift+C"), "MKMKKK"),
        (("hover You: *", "click Edit"), "MPPBB"),
        (("click A", "wait idle", "see B", "click C"), "MPBBMPBB"),
    ],
)
def test_operators_follow_the_rules_of_the_model(lines: tuple[str, ...], operators: str) -> None:
    assert "".join(klm.operators(steps(*lines))) == operators


def test_seconds_add_up() -> None:
    assert klm.seconds(("M", "P", "B", "B", "H", "K")) == pytest.approx(1.35 + 1.10 + 0.2 + 0.4 + 0.28)
    assert klm.seconds(()) == 0


def test_every_scenario_reads_and_has_a_person_in_it() -> None:
    found = all_scenarios()
    assert len(found) == len(list(FOLDER.glob("*.toml")))
    assert len({scenario.id for scenario in found}) == len(found)
    for scenario in found:
        assert scenario.task and scenario.title and scenario.success, scenario.id
        assert any(way.name == "keyboard" for way in scenario.ways), scenario.id
        for way in scenario.ways:
            assert 0 < way.optimum <= sum(step.counts for step in way.steps)
            assert klm.seconds(klm.operators(way.steps)) <= way.budget_s


@pytest.mark.parametrize("line", ["jump high", "click", ""])
def test_a_line_that_is_no_step_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "01-odd.toml"
    way = f'[mouse]\noptimum = 1\nbudget_s = 1.0\nsteps = ["{line}"]\n'
    file.write_text(f'title = "A"\ntask = "B"\nsuccess = ["says C"]\n{way}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"01-odd\.toml"):
        read(file)


def told(**values: object) -> dict[str, object]:
    one = {"name": "a", "way": "mouse", "real": False, "klm_s": 10.0, "steps": 3, "backtracks": 0, "dead_clicks": 0}
    return {"made_at": "now", "scenarios": [one | values]}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, ()),
        ({"klm_s": 10.9}, ()),
        ({"klm_s": 11.2}, ("klm_s",)),
        ({"steps": 4, "dead_clicks": 1}, ("steps", "dead_clicks")),
        ({"klm_s": 5.0, "steps": 1}, ()),
        ({"name": "new", "klm_s": 99.0}, ()),
        ({"real": True, "klm_s": 99.0}, ()),
    ],
)
def test_only_what_is_a_tenth_worse_is_a_regression(values: dict[str, object], found: tuple[str, ...]) -> None:
    assert tuple(change.what for change in worse(told(**values), told())) == found


def test_history_survives_a_torn_line(tmp_path: Path) -> None:
    history.add(tmp_path, told())
    with (tmp_path / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"made_at": ')
    runs = history.add(tmp_path, told(klm_s=12.0))
    assert history.of(runs, "a", "mouse")[-1] == 12.0


def test_sus_is_scored_as_published() -> None:
    assert sus.sus([3] * 10) == 50
    assert sus.sus([5, 1] * 5) == 100
    assert sus.sus([1, 5] * 5) == 0
    with pytest.raises(ValueError, match="ten answers"):
        sus.sus([3] * 9)


def test_few_answers_are_not_enough(tmp_path: Path) -> None:
    lines: list[str] = []
    assert sus.tell(tmp_path, lines.append) == 1
    for number in range(3):
        sheet = f"consent = true\nsus = [4, 2, 4, 1, 5, 2, 4, 1, 4, {1 + number}]\n[seq]\nask = {4 + number}\n"
        (tmp_path / f"p{number}.toml").write_text(sheet, encoding="utf-8")
    (tmp_path / "p9.toml").write_text("consent = false\nsus = []\n", encoding="utf-8")
    assert sus.tell(tmp_path, lines.append) == 0
    assert "n = 3): not enough to conclude" in lines[1]
    assert lines[2].startswith("ask: SEQ 5.0 (2.5 to 7.5")


def test_results_hold_nothing_that_was_made_up() -> None:
    kept = {path.name for path in (ROOT / "usability_tests" / "results").iterdir()}
    assert kept == {"README.md"} or all(name == "README.md" or name.startswith("p") for name in kept)


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark", "high_contrast"])
def test_colours_that_meet_can_be_told_apart(theme: str) -> None:
    weak = [f"{one.over} on {one.under}: {one.ratio}" for one in pairs() if one.theme == theme and not one.enough]
    assert not weak


@pytest.mark.skipif(jail.version() < jail.NEEDED_VERSION, reason="no Landlock here, and so no monkey either")
def test_nothing_outside_of_the_jail_can_be_changed(tmp_path: Path) -> None:
    cage, precious = tmp_path / "cage", tmp_path / "precious"
    cage.mkdir()
    precious.write_text("kept", encoding="utf-8")
    script = f"""
import pathlib, subprocess, sys
from usability_tests import jail
jail.enter(pathlib.Path({str(cage)!r}))
precious, new = pathlib.Path({str(precious)!r}), pathlib.Path({str(tmp_path)!r}, "new")
for attempt in (precious.unlink, new.mkdir):
    try:
        attempt()
    except PermissionError:
        print("refused")
pathlib.Path({str(cage)!r}, "mine").write_text("written")
print(subprocess.run(["rm", "-rf", {str(precious)!r}], capture_output=True).returncode)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["refused", "refused", "1"]
    assert precious.read_text(encoding="utf-8") == "kept"
    assert (cage / "mine").read_text(encoding="utf-8") == "written"


def test_without_landlock_nobody_is_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jail, "version", lambda: 0)
    with pytest.raises(jail.NoJail, match="no Landlock"):
        jail.enter(tmp_path / "cage")
