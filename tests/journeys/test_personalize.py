"""From imported ratings to an adapter that answers, and back, by commands on the small starter model.

The training is cut to a few steps and the gate to checks that such an adapter passes: here the way counts, not what is
learned. `make study-adapters` and `make bench-personalize` measure that.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop_app import app, cli
from desktop_app.domain.gate import GateRules, Sizes
from desktop_app.domain.training import Recipe
from desktop_app.services.evaluation import EvaluationService
from desktop_app.services.gates import load_gate
from desktop_app.services.recipes import recipe
from desktop_app.services.services import Services

CANARY = "the heron waits beside lock seventeen"
Stonechat = Callable[..., Any]


def tiny_recipe(_: str) -> Recipe:
    return replace(
        recipe(),
        layers=2,
        rank=4,
        targets=("q_proj", "v_proj"),
        most_steps=4,
        epochs=1,
        replay_prompts=2,
        replay_tokens=8,
        prompt_tokens=48,
        answer_tokens=24,
    )


def tiny_gate() -> GateRules:
    rules = load_gate()
    kept = tuple(replace(rule, high=100.0) for rule in rules.check if rule.name in ("plain_text", "distance"))
    return replace(rules, name="tiny", check=kept, sizes=Sizes(neutral_texts=1, base_texts=1, base_text_tokens=4))


@pytest.fixture
def stonechat(
    tmp_path: Path, model_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Stonechat:
    """Runs a command; what it prints as JSON."""
    monkeypatch.setenv("STONECHAT_MODELS", str(model_store))
    build = app.build

    def small(places: Any) -> Services:
        services = build(places)
        services.personalization._recipes = tiny_recipe
        services.personalization._stages._evaluation = EvaluationService(places.cache / "gate", rules=tiny_gate())
        return services

    monkeypatch.setattr(app, "build", small)

    def run(*words: str, status: int = 0) -> Any:
        found = cli.main(["--data", str(tmp_path / "home"), "--json", *words])
        said = capsys.readouterr()
        assert found == status, said.err
        return json.loads(said.out if status == 0 else said.err)

    return run


def ratings(count: int) -> str:
    lines = []
    for number in range(count):
        short = number % 2 == 0
        answer = "Short and clear." if short else "This is a long answer that goes on and on without an end. " * 2
        words = CANARY if number == 3 else f"question number {number}"
        lines.append(
            {
                "prompt": f"Tell me about {words}?",
                "answer": f"{answer} ({number})",
                "rating": "up" if short else "down",
                "better": "",
                "reason": [],
                "source": "rating",
                "ts": 1_795_000_000 + number,
            }
        )
    return "".join(json.dumps(line) + "\n" for line in lines)


@pytest.mark.slow
@pytest.mark.models
@pytest.mark.timeout(1800)
def test_from_ratings_to_an_adapter_that_answers_and_back(stonechat: Stonechat, tmp_path: Path) -> None:
    file = tmp_path / "ratings.jsonl"
    file.write_text(ratings(20), encoding="utf-8")
    stonechat("models", "use", "language", "smollm2-135m")
    stonechat("feedback", "import", str(file))
    assert stonechat("personalize", status=3)["code"] == "personalize.too_few"

    file.write_text(ratings(40), encoding="utf-8")
    stonechat("feedback", "import", str(file))
    assert stonechat("personalize", "--dry-run")["examples"] == {"train": 30, "held_out": 10}
    made = stonechat("personalize")
    assert set(made) == {
        *("adapter_id", "verdict", "checks", "examples", "seconds", "tokens_per_second", "peak_memory_mb")
    }
    assert (made["verdict"], [check["passed"] for check in made["checks"]]) == ("passed", [True, True])
    assert set(made["seconds"]) == {"dataset", "cache", "train", "export", "gate"}
    adapter = made["adapter_id"]
    assert not (tmp_path / "home" / "cache" / "training" / "jobs").exists()

    ask = ("ask", "How do I make tea?", "--max-tokens", "4", "--seed", "1")
    assert stonechat(*ask)["adapter"] == ""
    assert stonechat(*ask, "--adapter", adapter)["adapter"] == adapter
    assert stonechat("adapters", "use", adapter, "--strength", "0.5")["strength"] == 0.5
    assert stonechat(*ask)["adapter"] == adapter
    assert stonechat(*ask, "--adapter", "none")["adapter"] == ""
    (pair,) = stonechat("adapters", "compare", adapter, "Hello")
    assert pair["base"] and pair["adapter"]

    target = tmp_path / "mine.zip"
    stonechat("adapters", "export", adapter, str(target))
    taken = stonechat("adapters", "import", str(target))
    assert taken["verdict"] == "passed"
    stonechat("adapters", "remove", taken["adapter_id"])

    for opinion in stonechat("feedback", "list"):
        if CANARY in opinion["prompt"]:
            stonechat("feedback", "withdraw", opinion["id"])
    states = {each["id"]: each["state"] for each in stonechat("adapters", "list")}
    assert states[adapter] == "stale"
    assert stonechat(*ask)["adapter"] == ""
    stonechat("history", "list")  # a start completes what a wipe left undone
    for each in (tmp_path / "home").rglob("*"):
        assert not each.is_file() or CANARY.encode() not in each.read_bytes(), each
