"""How well do adapters learn a hidden preference? Simulated people, noise, counts and recipes; four conditions each.

`make study-adapters`, or `python packaging/study/adapters.py [KEY=VALUE[,VALUE...]]...` with the keys of `GRID`. Each
finished cell is a file under build/study/adapters, so it can be stopped and started again, and several grids add up.
A person rates sampled answers to ten prompts (thumbs; `EDITED` of the disliked ones are rewritten); a share `noise` of
the thumbs is turned round. `shuffled=20` deals the labels out anew, 20 times: what passes the gate then is luck.
Twenty prompts that were never rated are asked of the base, with the rule in words, with the adapter, and with both.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from many_answers import ManyAnswers  # noqa: E402  siblings of this file
from people import ADAPTERS, PEOPLE, Person, Verdict  # noqa: E402

from desktop_app.domain.blind_comparison import wilson  # noqa: E402
from desktop_app.domain.dataset import Dataset, snapshot  # noqa: E402
from desktop_app.domain.feedback import TrainingExample  # noqa: E402
from desktop_app.domain.generation import Sampling  # noqa: E402
from desktop_app.domain.messages import said  # noqa: E402
from desktop_app.domain.training import Recipe, TrainingEnded, TrainingJob  # noqa: E402
from desktop_app.engines.llama_chorus import MOST_VOICES  # noqa: E402
from desktop_app.files import sha256_of  # noqa: E402
from desktop_app.paths import places  # noqa: E402
from desktop_app.ports import CancelToken  # noqa: E402
from desktop_app.settings import SYSTEM_PROMPT  # noqa: E402

WORK = ROOT / "build" / "study" / "adapters"
TABLE = ROOT / "build" / "study" / "adapters.md"
MOST_TOKENS = 96
EDITED = 0.3
NOBODY = "-"
GRID: dict[str, list[str]] = {
    "model": ["smollm2-135m"],
    "person": list(ADAPTERS),
    "noise": ["0.1"],
    "count": ["100"],
    "recipe": ["bco"],
    "seed": ["1"],
    "conditions": ["base+rules+adapter+both"],
    "gate": ["1"],
    "shuffled": ["0"],
}


def main() -> int:
    grid = {**GRID, **{key: values.split(",") for key, _, values in (word.partition("=") for word in sys.argv[1:])}}
    if unknown := set(grid) - set(GRID):
        raise SystemExit(f"unknown: {', '.join(unknown)}; the keys are {', '.join(GRID)}")
    WORK.mkdir(parents=True, exist_ok=True)
    times = int(grid.pop("shuffled")[0])
    if times:
        grid["person"] = grid["person"] if len(grid["person"]) < len(ADAPTERS) else ["short"]
        grid["conditions"], grid["seed"] = [NOBODY], [str(-number) for number in range(1, times + 1)]
    cells = [Cell(**dict(zip(grid, values, strict=True))) for values in itertools.product(*grid.values())]
    for number, cell in enumerate(cells, 1):
        if not cell.file.exists():
            cell.run()
            write_table()
        print(f"{number}/{len(cells)} {cell.name}: {cell.line()}", flush=True)
    write_table()
    return 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cell:
    """One point of the grid. A negative `seed` deals the labels out anew."""

    model: str
    person: str
    noise: str
    count: str
    recipe: str
    seed: str
    conditions: str
    gate: str

    @property
    def name(self) -> str:
        return f"{self.model} {self.person} noise {self.noise} n {self.count} {self.recipe} seed {self.seed}"

    @property
    def file(self) -> Path:
        return WORK / f"{self.name}.json"

    def run(self) -> None:
        started = time.perf_counter()
        engine = Engine(self.model)
        person = PEOPLE[self.person]
        recipe = recipe_named(self.recipe)
        data = rated(engine, person, float(self.noise), int(self.count), int(self.seed))
        found: dict[str, Any] = {**dataclasses.asdict(self), "train": len(data.train), "held out": len(data.held_out)}
        home = WORK / "adapters"
        home.mkdir(exist_ok=True)
        path = home / f"{self.name}.gguf"
        ended = trained(engine, recipe, data, path)
        found["seconds"] = {name: round(value, 1) for name, value in ended.seconds.items()}
        found["tokens per second"] = round(ended.tokens_per_second, 1)
        found["losses"], found["peak memory MB"] = ended.losses, round(ended.peak_memory_mb)
        if self.conditions != NOBODY:
            for condition in self.conditions.split("+"):
                answers = asked(engine, person, condition, path)
                found[condition] = [person.meets(answer) for answer in answers]
                found[f"{condition} words"] = sum(len(each.split()) for each in answers) / len(answers)
                found[f"{condition} answers"] = answers
        if self.gate == "1":
            found |= judged(engine, data, path, abs(int(self.seed)))
        found["minutes"] = round((time.perf_counter() - started) / 60, 1)
        engine.close()
        part = self.file.with_suffix(".part")
        part.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
        part.replace(self.file)

    def line(self) -> str:
        found = json.loads(self.file.read_text(encoding="utf-8"))
        rates = [f"{name} {sum(found[name])}/{len(found[name])}" for name in CONDITIONS if name in found]
        return ", ".join([*rates, f"gate {found.get('verdict', '-')}", f"{found['minutes']} min"])


CONDITIONS = ("base", "rules", "adapter", "both")


# the engines


class Engine:
    """One model and one trainer, each in its child, a thread each, as an idle laptop would run them."""

    def __init__(self, model: str) -> None:
        from desktop_app.engines.gguf_families import reason_against
        from desktop_app.engines.host import EngineHost
        from desktop_app.engines.hosted import HostedLanguageModel, HostedTrainer

        self.name = model
        self.path = next((places().models / model).glob("*.gguf"))
        self.sha256 = sha256_of(self.path)
        options = {"model_path": str(self.path), "sha256": self.sha256, "name": model, "context_tokens": 2048}
        self.host = EngineHost("model", "desktop_app.engines.llama:LlamaModel", {**options, "threads": 1})
        self.model = HostedLanguageModel(self.host)
        self.many = ManyAnswers(self.path, self.sha256)
        self.trainer = HostedTrainer(
            EngineHost("trainer", "desktop_app.engines.peft_trainer:PeftTrainer", {}), reason_against
        )

    def answers(
        self, asked: Sequence[tuple[str, int]], *, rule: str = "", temperature: float = 0.0, adapter: str = ""
    ) -> list[str]:
        """To each (prompt, seed)."""
        instructions = said("system", f"{SYSTEM_PROMPT}\n{rule}".strip())
        return self.many.answers(
            [
                (
                    (instructions, said("user", prompt)),
                    Sampling(temperature=temperature, seed=seed, max_tokens=MOST_TOKENS),
                )
                for prompt, seed in asked
            ],
            adapter,
        )

    def close(self) -> None:
        self.many.close()
        self.model.close()
        self.trainer.close()


def recipe_named(name: str) -> Recipe:
    """A recipe, or one with changes: `bco:learning_rate=2e-4:epochs=2`."""
    from desktop_app.services.recipes import recipe

    first, *changes = name.split(":")
    found = recipe(first)
    for key, _, value in (change.partition("=") for change in changes):
        found = dataclasses.replace(found, **{key: type(getattr(found, key))(value)})
    return found


# rating


def rated(engine: Engine, person: Person, noise: float, count: int, seed: int) -> Dataset:
    """What the person taught, as it would come from the database."""
    examples = []
    dice = random.Random(f"{seed} {person.name} {noise}")
    drawn = [(prompt, draw) for draw in range(-(-count // len(person.training))) for prompt in person.training][:count]
    for number, ((prompt, _), answer) in enumerate(zip(drawn, sampled(engine, drawn), strict=True)):
        if not answer:
            continue
        verdict = person.rate(prompt, answer, seed=number)
        if dice.random() < noise:
            verdict = Verdict(liked=not verdict.liked)
        edited = bool(verdict.better) and verdict.better != answer and dice.random() < EDITED
        examples += examples_of(number, prompt, answer, verdict.liked, verdict.better if edited else "")
    if seed < 0:
        labels = [each.liked for each in examples]
        dice.shuffle(labels)
        examples = [
            dataclasses.replace(each, liked=label, rather_than="") for each, label in zip(examples, labels, strict=True)
        ]
    return snapshot(examples)


def examples_of(number: int, prompt: str, answer: str, liked: bool, better: str) -> Iterator[TrainingExample]:
    common: dict[str, Any] = {
        "feedback_id": f"{number:06}",
        "conversation_id": f"c{number}",
        "answer_id": f"a{number}",
        "prompt": (said("system", SYSTEM_PROMPT), said("user", prompt)),
        "weight": 1.0,
        "created_at": 1.8e9 + 60 * number,
    }
    if better:
        yield TrainingExample(**common, answer=better, liked=True, source="edit", rather_than=answer)
    yield TrainingExample(**common, answer=answer, liked=liked, source="rating")


def sampled(engine: Engine, drawn: Sequence[tuple[str, int]]) -> list[str]:
    """The base's answers number `draw`, the same for all people: drawn once."""
    return kept(
        f"{engine.name} draws",
        [f"{draw} {prompt}" for prompt, draw in drawn],
        lambda some: engine.answers([(drawn[k][0], drawn[k][1] + 1) for k in some], temperature=0.8),
    )


def kept(name: str, keys: Sequence[str], make: Callable[[Sequence[int]], list[str]]) -> list[str]:
    """What is kept under each key; `make` gives what is missing, asked by places."""
    file = WORK / f"{name}.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    known: dict[str, str] = dict(json.loads(line) for line in lines)
    missing = [place for place, key in enumerate(keys) if key not in known]
    for start in range(0, len(missing), MOST_VOICES):
        some = missing[start : start + MOST_VOICES]
        with file.open("a", encoding="utf-8") as out:
            for place, answer in zip(some, make(some), strict=True):
                known[keys[place]] = answer
                out.write(json.dumps([keys[place], answer], ensure_ascii=False) + "\n")
    return [known[key] for key in keys]


# training, asking, judging


def trained(engine: Engine, recipe: Recipe, data: Dataset, path: Path) -> TrainingEnded:
    engine.model.close()  # leave the core to the trainer
    engine.many.close()
    job = TrainingJob(
        base_path=str(engine.path),
        base_sha256=engine.sha256,
        examples=data.train,
        recipe=recipe,
        adapter_path=str(path),
        work_folder=str(WORK / "training"),
        threads=1,
        nice=10,
    )
    ended = next(e for e in engine.trainer.train(job, CancelToken()) if isinstance(e, TrainingEnded))
    engine.trainer.close()
    return ended


def asked(engine: Engine, person: Person, condition: str, path: Path) -> list[str]:
    """Greedy answers to the prompts that were never rated. The base's and the rule's are asked once."""
    rule = f"The person wants every answer to follow these rules:\n- {person.rule_hint}" if condition in RULED else ""
    if condition in ("base", "rules"):
        return kept(
            f"{engine.name} {condition}",
            [f"{rule} {prompt}" for prompt in person.new],
            lambda some: engine.answers([(person.new[k], 1) for k in some], rule=rule),
        )
    return engine.answers([(prompt, 1) for prompt in person.new], rule=rule, adapter=str(path))


RULED = ("rules", "both")


def judged(engine: Engine, data: Dataset, path: Path, seed: int) -> dict[str, Any]:
    from desktop_app.services.evaluation import Candidate, EvaluationService

    candidate = Candidate(path=str(path), base_sha256=engine.sha256, data=data, seed=seed)
    verdict = EvaluationService(WORK / "gate").judge(engine.model, candidate, CancelToken())
    return {
        "verdict": verdict.outcome,
        "failed": [check.name for check in verdict.failures],
        "gate seconds": round(verdict.seconds, 1),
        "checks": {check.name: [check.value, check.base, check.passed] for check in verdict.checks},
    }


# the table


def write_table() -> None:
    cells = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(WORK.glob("* seed *.json"))]
    lines = [
        "# Adapters and simulated people",
        "",
        "Made by `make study-adapters`; the grid is in packaging/study/adapters.py.",
        "",
    ]
    lines += [*_rates([cell for cell in cells if "adapter" in cell]), ""]
    lines += _luck([cell for cell in cells if int(cell["seed"]) < 0])
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _rates(cells: Sequence[dict[str, Any]]) -> list[str]:
    titles = "model recipe person noise ratings base rules adapter both lift words text distance fairness gate"
    head = f"| {' | '.join(titles.split())} |"
    lines = [head, "|" + "---|" * (head.count("|") - 1)]
    for cell in cells:
        lift = 100 * (_rate(cell, "adapter") - _rate(cell, "base"))
        checks = cell.get("checks", {})
        numbers = [_number(checks, name) for name in ("plain_text", "distance", "fairness")]
        words = f"{cell.get('base words', 0):.0f} → {cell['adapter words']:.0f}"
        shown = [_interval(cell, name) for name in CONDITIONS]
        gate = cell.get("verdict", "") + (f": {', '.join(cell['failed'])}" if cell.get("failed") else "")
        row = [
            cell["model"],
            cell["recipe"],
            cell["person"],
            cell["noise"],
            cell["count"],
            *shown,
            f"{lift:+.0f}",
            words,
        ]
        lines.append("| " + " | ".join(map(str, [*row, *numbers, gate])) + " |")
    return [*lines, "", *_summary(cells)]


def _summary(cells: Sequence[dict[str, Any]]) -> list[str]:
    """By model, recipe, noise and count: how many people gained 25 points, how many lost more than 5."""
    lines = [
        "| model | recipe | noise | ratings | people | lifted by 25 or more | harmed by more than 5 | mean lift |",
        "|" + "---|" * 8,
    ]
    keys = ("model", "recipe", "noise", "count")
    for key in sorted({tuple(cell[name] for name in keys) for cell in cells}):
        lifts = [_rate(c, "adapter") - _rate(c, "base") for c in cells if tuple(c[name] for name in keys) == key]
        many, harmed = sum(each >= 0.25 for each in lifts), sum(each < -0.05 for each in lifts)
        lines.append(f"| {' | '.join(key)} | {len(lifts)} | {many} | {harmed} | {100 * sum(lifts) / len(lifts):+.0f} |")
    return lines


def _luck(cells: Sequence[dict[str, Any]]) -> list[str]:
    if not cells:
        return []
    passed = sum(cell.get("verdict") == "passed" for cell in cells)
    return [f"Shuffled labels: {passed} of {len(cells)} adapters passed the gate."]


def _rate(cell: dict[str, Any], condition: str) -> float:
    return sum(cell[condition]) / len(cell[condition]) if cell.get(condition) else 0.0


def _interval(cell: dict[str, Any], condition: str) -> str:
    if not cell.get(condition):
        return "-"
    met, count = sum(cell[condition]), len(cell[condition])
    low, high = wilson(met, count)
    return f"{100 * met / count:.0f} ({100 * low:.0f}-{100 * high:.0f})"


def _number(checks: dict[str, Any], name: str) -> str:
    value, base, _ = checks.get(name, [None, None, None])
    if value is None:
        return "-"
    return f"{100 * (value / base - 1):+.1f} %" if name == "plain_text" and base else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())
