"""Does a rating change the next answer? Simulated people rate ten answers; twenty prompts are asked before and after.

`make study-instant`, or `python packaging/study/instant.py [MODEL...]`. Everything goes through the public commands and
services, on a data folder of its own under build/study. Finished cells (a person and a model) are kept, so it can be
stopped and started again. Answers are greedy, so that nothing but what was learned differs.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from people import INSTANT, PEOPLE, Person  # noqa: E402  a sibling of this file

from desktop_app.paths import places  # noqa: E402

MODELS = ("smollm2-135m", "qwen2.5-coder-0.5b")
WORK = ROOT / "build" / "study" / "instant"
TABLE = ROOT / "build" / "study" / "instant.md"
MOST_TOKENS = 64
Z = 1.96
RANDOM_RATERS = 1000
WISHES = {"no emoji": "no_emoji", "British": "british", "plain prose": "plain"}
"""The proposal that a person accepts, where it is not called as they are."""


def main() -> int:
    models = sys.argv[1:] or list(MODELS)
    os.environ.setdefault("STONECHAT_MODELS", str(places().models))
    WORK.mkdir(parents=True, exist_ok=True)
    for model in models:
        for name in INSTANT:
            cell(model, PEOPLE[name])
    write_table()
    print(TABLE.read_text(encoding="utf-8"))
    return 0


def cell(model: str, person: Person) -> None:
    """One person with one model, unless that is done already."""
    done = WORK / f"{model} {person.name}.json"
    if done.exists():
        return
    started = time.perf_counter()
    home = WORK / "home" / model / person.name.replace(" ", "-")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    training = asked_plainly(model, home, person.training)
    before = [answer for _, answer in asked_plainly(model, None, person.new)]
    for prompt, (answer_id, answer) in zip(person.training, training, strict=True):
        rate(home, person, prompt, answer_id, answer)
    proposed = command(home, "rules", "propose")
    wanted = WISHES.get(person.name, person.name)
    for proposal in proposed:
        agrees = person.at_random or proposal["key"] == wanted
        command(home, "rules", "accept" if agrees else "refuse", proposal["key"])
    rules = [rule["text"] for rule in command(home, "rules", "list")]
    after = [] if person.at_random else [answer for _, answer in ask(model, home, person.new)]
    found = {
        "model": model,
        "person": person.name,
        "proposed": [each["key"] for each in proposed],
        "rules": rules,
        "before": [person.meets(answer) for answer in before],
        "after": [person.meets(answer) for answer in after],
        "training": [answer for _, answer in training],
        "answers before": before,
        "answers after": after,
        "minutes": round((time.perf_counter() - started) / 60, 1),
    }
    if person.at_random:
        found["proposed to"] = raters_at_random(found["training"])
    done.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    print(f"{model} {person.name}: {sum(found['before'])} -> {sum(found['after'])}, rules {rules}", flush=True)


# asking and rating


def asked_plainly(model: str, home: Path | None, prompts: Sequence[str]) -> list[tuple[str, str]]:
    """Answers of a model that has learned nothing, each in a conversation of its own, as (id, text).

    They are asked once for all people: with a `home`, its folder gets the conversations, so that it has ids to rate.
    """
    shared = WORK / "home" / model / "nobody"
    kept = WORK / f"{model} plain.json"
    known: dict[str, list[str]] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if new := [prompt for prompt in prompts if prompt not in known]:
        known |= {prompt: list(found) for prompt, found in zip(new, ask(model, shared, new), strict=True)}
        kept.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    if home is not None:
        for file in shared.glob("*.db"):
            shutil.copyfile(file, home / file.name)
    return [(known[prompt][0], known[prompt][1]) for prompt in prompts]


def ask(model: str, home: Path, prompts: Sequence[str]) -> list[tuple[str, str]]:
    from desktop_app.domain.events import TurnFinished
    from desktop_app.ports import CancelToken
    from desktop_app.services.chat import AskOptions

    options = AskOptions(model_id=model, temperature=0.0, seed=1, max_tokens=MOST_TOKENS)
    found = []
    with opened(home) as services:
        services.preferences.change(
            language_model=model, threads=1
        )  # beside other work two threads wait for each other
        for prompt in prompts:
            services.chat.foresee(prompt, conversation_id=None, cancel=CancelToken())  # as the window does
            events = list(services.chat.ask(prompt, options=options, cancel=CancelToken()))
            ended = events[-1]
            if not isinstance(ended, TurnFinished):
                raise SystemExit(f"{prompt}: {ended}")
            found.append((ended.answer_id, services.history.message(ended.answer_id).text))
    return found


@contextmanager
def opened(home: Path) -> Iterator:
    from desktop_app.app import build

    services = build(places(home).create())
    try:
        yield services
    finally:
        services.close()


def rate(home: Path, person: Person, prompt: str, answer_id: str, answer: str) -> None:
    verdict = person.rate(prompt, answer)
    words = ["rate", answer_id, "--up" if verdict.liked else "--down"]
    words += [word for reason in verdict.reasons for word in ("--reason", reason)]
    words += [f"--better={verdict.better}"] if verdict.better else []
    command(home, *words)


def command(home: Path, *words: str):
    """A command of `stonechat`, in this process; what it prints as JSON."""
    from desktop_app.cli import main as stonechat

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = stonechat(["--data", str(home), "--json", *words])
    if status:
        raise SystemExit(f"stonechat {' '.join(words)} ended with {status}")
    return json.loads(said.getvalue())


# the table


def write_table() -> None:
    """Everything measured so far."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(WORK.glob("* *.json"))]
    cells = {(each["model"], each["person"]): each for each in found if "person" in each}
    lines = []
    for model in dict.fromkeys(model for model, _ in cells):
        lines += [f"### {model}", "", "| wishes | before | after | proposed |", "|---|---|---|---|"]
        for name in INSTANT:
            if (each := cells.get((model, name))) and not PEOPLE[name].at_random:
                proposed = ", ".join(each["proposed"]) or "nothing"
                lines.append(
                    f"| {PEOPLE[name].rule_hint} | {share(each['before'])} | {share(each['after'])} | {proposed} |"
                )
        lines += ["", *at_random(cells.get((model, "random"))), ""]
    TABLE.write_text("\n".join(lines), encoding="utf-8")


def share(met: Sequence[bool]) -> str:
    """Count and Wilson's 95 % interval of the share."""
    wins, n = sum(met), len(met)
    if not n:
        return "-"
    p, square = wins / n, Z * Z
    middle, spread = p + square / (2 * n), Z * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
    low, high = ((middle + sign * spread) / (1 + square / n) for sign in (-1, 1))
    return f"{wins} of {n} ({max(low, 0):.2f} to {min(high, 1):.2f})"


def at_random(cell: dict | None) -> list[str]:
    """The one who went through the commands, and the many who did not."""
    if cell is None:
        return []
    said = ", ".join(cell["rules"]) or "none"
    many = cell["proposed to"]
    return [f"Rates at random: rules gained: {said}. Of {RANDOM_RATERS} more such raters {many} were proposed one."]


def raters_at_random(answers: Sequence[str]) -> int:
    """How many of `RANDOM_RATERS` are proposed a rule for what they say about these answers."""
    from desktop_app.domain.feedback import Rating, reason_from
    from desktop_app.domain.rule_proposals import propose

    person = PEOPLE["random"]

    def rated(seed: int) -> list[Rating]:
        found = []
        for number, (prompt, answer) in enumerate(zip(person.training, answers, strict=True)):
            verdict = person.rate(prompt, answer, seed)
            found.append(
                Rating(
                    id=f"{number}",
                    conversation_id="c",
                    answer_id=f"{number}",
                    question=prompt,
                    answer=answer,
                    created_at=0,
                    changed_at=0,
                    liked=verdict.liked,
                    reasons=tuple(map(reason_from, verdict.reasons)),
                    better=verdict.better,
                )
            )
        return found

    return sum(bool(propose(rated(seed))) for seed in range(1, RANDOM_RATERS + 1))


if __name__ == "__main__":
    raise SystemExit(main())
