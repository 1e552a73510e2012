"""Training a personal adapter: with the caches and without, in the trainer child, beside TRL; swapping and answering.

The data are made up: 100 ratings with answers of about 110 tokens after questions of about 40. TRL is installed into
build/peer when it is not there; it is no part of Stonechat.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from engine import ask, model_path
from figures import Figure, at_least, at_most, plain

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / "build" / "peer"
PEER_PACKAGES = (
    "trl==1.16.0 datasets==5.2.0 pyarrow==26.0.1 pandas==3.1.1 pytz==2026.6 dill==0.4.1 multiprocess==0.70.19"
    " xxhash==4.1.0 httpx==0.28.1 httpcore==1.0.9"
)
RATINGS = 100
THREADS = 2
COMPARED_STEPS = 2
PEER_STEPS = 6
PAIRS = 12
PAUSES = 10


def ratings(count: int = RATINGS):
    """The same every time. Liked ones are made of other sentences than the others."""
    import tomllib

    from desktop_app.domain.feedback import TrainingExample
    from desktop_app.domain.messages import said
    from desktop_app.paths import model_data

    kept = tomllib.loads((model_data() / "replay" / "prompts.toml").read_text(encoding="utf-8"))
    sentences = [f"{each.strip()}." for text in kept["texts"][:5] for each in text.split(".") if each.strip()]
    dice = random.Random(1)
    return tuple(
        TrainingExample(
            feedback_id=str(number),
            conversation_id=str(number),
            answer_id=str(number),
            prompt=(said("system", "You are helpful."), said("user", f"{number}: {dice.choice(kept['questions'])}")),
            answer=" ".join(dice.choices(sentences[number % 2 :: 2], k=4)),
            liked=number % 2 == 1,
            weight=1.0,
            source="rating",
            created_at=float(number),
        )
        for number in range(count)
    )


def job(folder: Path, **changes):
    from desktop_app.domain.training import TrainingJob
    from desktop_app.files import sha256_of
    from desktop_app.services.recipes import recipe

    base = Path(model_path())
    settings = {
        "base_path": str(base),
        "base_sha256": sha256_of(base),
        "examples": ratings(),
        "recipe": recipe(),
        "adapter_path": str(folder / "adapter.gguf"),
        "work_folder": str(folder / "work"),
        "threads": THREADS,
        **changes,
    }
    return TrainingJob(**settings)


def training() -> Iterator[Figure]:
    """The whole of it in the trainer child, from an empty folder; then swapping and answering with what it made."""
    from desktop_app.domain.training import TrainingEnded, TrainingPaused, TrainingProgress
    from desktop_app.engines.gguf_families import reason_against
    from desktop_app.engines.host import EngineHost
    from desktop_app.engines.hosted import HostedTrainer
    from desktop_app.ports import CancelToken

    with tempfile.TemporaryDirectory() as folder:
        host = EngineHost("trainer", "desktop_app.engines.peft_trainer:PeftTrainer", {}, polite=True)
        trainer = HostedTrainer(host, reason_against)
        started, pauses = time.perf_counter(), []
        events = trainer.train(job(Path(folder)), CancelToken())
        for event in events:
            if (
                isinstance(event, TrainingProgress)
                and event.phase == "training"
                and event.done
                and len(pauses) < PAUSES
            ):
                time.sleep(0.05 * len(pauses))  # somewhere inside the next step
                asked = time.perf_counter()
                trainer.pause()
                while not isinstance(event, TrainingPaused):
                    event = next(events)
                pauses.append((time.perf_counter() - asked) * 1000)
                trainer.resume()
        took = time.perf_counter() - started
        trainer.close()
        assert isinstance(event, TrainingEnded)
        ended = event
        yield at_most(f"pause, until nothing is computed (worst of {PAUSES})", pauses, 200, "ms", max)
        for phase, seconds in ended.seconds.items():
            yield plain(f"training, {phase}", [seconds], "s")
        yield at_most("training, all of it without the gate", [took], 240, "s")
        yield plain("training, tokens a second", [ended.tokens_per_second], "tokens/s")
        yield at_most("training, most memory", [ended.peak_memory_mb], 2560, "MiB")
        yield from swapping(ended.adapter_path)


def swapping(adapter: str) -> Iterator[Figure]:
    """The same question with the adapter and without, in turn."""
    from desktop_app.domain.messages import said
    from desktop_app.engines.llama import LlamaModel

    model = LlamaModel(model_path(), context_tokens=2048, threads=THREADS)
    model.load()
    swaps, ratios = [], []
    for number in range(-1, PAIRS):
        speeds = {}
        for path in (adapter, "")[:: 1 if number % 2 else -1]:
            started = time.perf_counter()
            model.use_adapter(path)
            took = (time.perf_counter() - started) * 1000
            speeds[path] = ask(
                model, (said("user", f"{number}. Count from one to fifty."),), tokens=64
            ).tokens_per_second
            if number >= 0:
                swaps.append(took)
        if number >= 0:  # the first one reads the file
            ratios.append(speeds[adapter] / speeds[""])
    model.close()
    yield at_most("swap of the adapter (median)", swaps, 5, "ms")
    yield at_least("tokens/s with the adapter to without", ratios, 0.92, "ratio")


def caches() -> Iterator[Figure]:
    """The same steps, in turn with what the caches keep and with everything computed anew."""
    import torch

    from desktop_app.engines import gguf_weights, hidden_cache, training_plan
    from desktop_app.engines.gguf_families import read_family
    from desktop_app.engines.hidden_cache import Lessons
    from desktop_app.engines.policy import Policy
    from desktop_app.engines.training_loop import TrainingLoop

    class WithoutCaches(Lessons):
        def now(self, index):
            return self._learned(index, self._everywhere(index))

        def base(self, index):
            with torch.no_grad(), self._policy.as_base():
                return self._learned(index, self._everywhere(index))

        def replay_now(self, index):
            whole = self._everywhere(index)[self._lessons[index].start - 1 :]
            return whole, whole.gather(1, self._targets[index][:, None])[:, 0]

        def replay_base(self, index):
            with torch.no_grad(), self._policy.as_base():
                top, ids = self.replay_now(index)[0].topk(hidden_cache.TOP_WORDS, dim=1)
            return ids, top

        def _everywhere(self, index):
            """The distribution after every token, through every block."""
            hidden = self._policy.lower(self._lessons[index].ids[:-1])
            return self._policy.all_log_probs(self._policy.upper(hidden))

        def _learned(self, index, found):
            return found[self._lessons[index].start - 1 :].gather(1, self._targets[index][:, None])[:, 0]

    torch.set_num_threads(THREADS)
    with tempfile.TemporaryDirectory() as folder:
        one = job(Path(folder), examples=ratings(40))
        family, file = read_family(Path(one.base_path)), gguf_weights.weights_file(one)
        for _ in gguf_weights.dequantise(Path(one.base_path), family, file):
            pass
        policy = Policy(family, gguf_weights.load(file), one.recipe, lambda: None)
        plan = _drained(training_plan.planned(one, policy, THREADS))
        kept = Lessons(policy, plan.lessons, plan.replayed)
        found = {}
        for index in range(len(kept)):
            found |= kept.computed(index)
        hidden_cache.save(found, Path(folder) / "kept.safetensors")
        kept.open(Path(folder) / "kept.safetensors")
        loops = [
            TrainingLoop(policy, lessons, plan, one.recipe)
            for lessons in (kept, WithoutCaches(policy, plan.lessons, plan.replayed))
        ]
        speeds = [[], []]
        for step in range(-1, COMPARED_STEPS):
            for which, loop in enumerate(loops):
                before, started = loop.tokens, time.perf_counter()
                for part in loop.parts():
                    part()
                loop.update()
                if step >= 0:  # the first one warms up
                    speeds[which].append((loop.tokens - before) / (time.perf_counter() - started))
    yield plain("training with the caches", speeds[0], "tokens/s")
    yield plain("training without the caches", speeds[1], "tokens/s")
    yield at_least("times faster with the caches", [a / b for a, b in zip(*speeds, strict=True)], 3, "ratio")


def _drained(steps):
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return ended.value


def beside_trl() -> Iterator[Figure]:
    """TRL's KTOTrainer and our recipe `kto`, on the same model, ratings, steps, batch, layers and threads."""
    from desktop_app.domain.training import TrainingEnded
    from desktop_app.engines.peft_trainer import PeftTrainer
    from desktop_app.ports import CancelToken
    from desktop_app.services.recipes import recipe

    if not (PEER / "trl").is_dir():
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(PEER)]
        subprocess.run([*command, *PEER_PACKAGES.split()], check=True)
    kto = replace(recipe("kto"), most_steps=PEER_STEPS, disliked_tokens=256)
    with tempfile.TemporaryDirectory() as folder:
        ended = list(PeftTrainer().train(job(Path(folder), recipe=kto), CancelToken()))[-1]
        assert isinstance(ended, TrainingEnded)
        weights = next((Path(folder) / "work").rglob("weights-*.safetensors"))
        asked = {
            "model": model_path(),
            "weights": str(weights),
            "steps": PEER_STEPS,
            "threads": THREADS,
            "rank": kto.rank,
            "alpha": kto.alpha,
            "layers": kto.layers,
            "targets": kto.targets,
            "batch": kto.batch,
            "rate": kto.learning_rate,
            "ratings": [
                {"prompt": each.prompt[-1].text, "completion": each.answer, "label": each.liked} for each in ratings()
            ],
        }
        (Path(folder) / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
        settings = {**os.environ, "PYTHONPATH": f"{PEER}{os.pathsep}{ROOT}", "HF_HUB_OFFLINE": "1"}
        script = Path(__file__).with_name("peer_kto.py")
        told = subprocess.run(
            [sys.executable, str(script), folder], env=settings, capture_output=True, text=True, check=True
        )
    theirs = json.loads(told.stdout.splitlines()[-1])
    steps = ended.seconds["training"] / ended.steps
    yield plain("KTO, a step of ours", [steps], "s")
    yield plain("KTO, ours with preparing", [sum(ended.seconds.values())], "s")
    yield plain("KTO, a step of TRL", [theirs["seconds"] / PEER_STEPS], "s")
    yield plain("KTO, TRL's most memory", [theirs["memory_mb"]], "MiB")
    yield plain("KTO, our most memory", [ended.peak_memory_mb], "MiB")
    yield at_least("KTO, times faster than TRL a step", [theirs["seconds"] / PEER_STEPS / steps], 1, "ratio")
