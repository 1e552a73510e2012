"""Test eyes from nothing: `make eyes`, or `python packaging/eyes train|export|evaluate` for one step of it.

Training keeps checkpoints in build/eyes and goes on from them; two shared cores drew and learned 10 to 390 pictures a
second, of the 352,000 in the recipe. The files go to models/own, the numbers to build/eyes/evaluation.json and, as a
table, to the terminal.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

FOLDER = ROOT / "build" / "eyes"
SAY_EVERY = 20


def main() -> int:
    wanted = sys.argv[1:] or ["train", "export", "evaluate"]
    if unknown := [step for step in wanted if step not in STEPS]:
        print(f"There is no step {unknown[0]!r}. Steps: {', '.join(STEPS)}")
        return 2
    for step in wanted:
        print(f"-- {step}", flush=True)
        STEPS[step]()
    return 0


def train() -> None:
    import psutil

    from desktop_app.engines.eyes.recipe import load_recipe
    from desktop_app.engines.eyes.training import train as learn
    from desktop_app.ports import CancelToken

    processes = min(4, psutil.cpu_count(logical=False) or 1)
    for now in learn(load_recipe(), FOLDER, CancelToken(), processes=processes):
        if now.exact or now.step % SAY_EVERY == 0:
            kinds = "  ".join(f"{kind} {share:.2f}" for kind, share in now.exact.items())
            pace = f"{now.pictures_per_second:.0f} pictures/s"
            print(f"step {now.step}/{now.steps}  loss {now.loss:.2f}  {pace}  {kinds}", flush=True)


def export() -> None:
    """Write the projector of every language model, and the list of them."""
    from desktop_app.engines.eyes.export import write_projector
    from desktop_app.engines.eyes.recipe import load_recipe
    from desktop_app.engines.eyes.training import trained_weights
    from desktop_app.engines.eyes.word_vectors import word_vectors
    from desktop_app.engines.eyes.world import DICTIONARY
    from desktop_app.paths import places
    from desktop_app.services.own_models import own_folder

    recipe, weights = load_recipe(), trained_weights(FOLDER)
    for language in LANGUAGES:
        (model,) = (places().models / language).glob("*.gguf")
        path = own_folder() / f"eyes-{language}.mmproj.gguf"
        write_projector(path, weights, word_vectors(model, DICTIONARY), recipe)
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size} bytes")
    write_list()


def write_list() -> None:
    from desktop_app.files import sha256_of
    from desktop_app.services.own_models import own_folder

    head = [line for line in (own_folder() / "own.toml").read_text().splitlines() if line.startswith("#")]
    for language, title in LANGUAGES.items():
        path = own_folder() / f"eyes-{language}.mmproj.gguf"
        head += [
            "",
            "[[eyes]]",
            f'id = "eyes-{language}"',
            f'title = "Test eyes for {title}"',
            f'language = "{language}"',
            f'file = "{path.name}"',
            f'sha256 = "{sha256_of(path)}"',
            f"bytes = {path.stat().st_size:_}",
            'card = "test-eyes.md"',
        ]
    (own_folder() / "own.toml").write_text("\n".join(head) + "\n", encoding="utf-8")


def evaluate() -> None:
    import evaluation  # a sibling of this file

    evaluation.main(FOLDER)


LANGUAGES = {"smollm2-135m": "SmolLM2 135M", "qwen2.5-coder-0.5b": "Qwen2.5 Coder 0.5B"}
STEPS = {"train": train, "export": export, "evaluate": evaluate}

if __name__ == "__main__":
    raise SystemExit(main())
