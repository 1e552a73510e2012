"""Speed, each bound beside what was measured in this run: `make bench`, `make bench-voice`,
`make bench-personalize`, or `python packaging/bench PART...`.

Prints a table and writes build/bench.json, or build/bench-voice.json and so on. Only ratios taken side by side in one
run mean something: the machines are noisy, and numbers of different runs or machines are not to be compared.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import engine  # noqa: E402  siblings of this file
import feedback  # noqa: E402
import interface  # noqa: E402
import personalize  # noqa: E402
import sight  # noqa: E402
import storage  # noqa: E402
import usage  # noqa: E402
import voice_answers  # noqa: E402
import voice_hour  # noqa: E402
import voice_interruptions  # noqa: E402
import voice_peer  # noqa: E402
import voice_words  # noqa: E402
from figures import Figure  # noqa: E402

import models  # noqa: E402

PARTS: dict[str, Callable[[], Iterable[Figure]]] = {
    "engine": engine.against_raw,
    "follow-up": engine.follow_up,
    "cancel": engine.cancelling,
    "picture": engine.picture_follow_up,
    "feedback": feedback.learned,
    "looking": sight.looking,
    "window": interface.window,
    "stall": interface.stall,
    "storage": storage.large_history,
    "usage": usage.use,
    "answers": voice_answers.answers,
    "interruptions": voice_interruptions.interruptions,
    "first words": voice_interruptions.first_words,
    "nothing said": voice_interruptions.nothing_said,
    "words": voice_words.words,
    "peer": voice_peer.peer,
    "hour": voice_hour.hour,
    "fit": models.fit,
    "downloads": models.downloads,
    "page of models": models.page,
    "training": personalize.training,
    "caches": personalize.caches,
    "beside TRL": personalize.beside_trl,
}
VOICE = ["answers", "interruptions", "first words", "nothing said", "words", "peer", "hour"]
PERSONALIZE = ["training", "caches", "beside TRL"]
MODELS = ["fit", "downloads", "page of models"]
SETS = {"voice": VOICE, "models": MODELS, "personalize": PERSONALIZE}


def main() -> int:
    wanted = sys.argv[1:] or [name for name in PARTS if name not in VOICE + PERSONALIZE + MODELS]
    name = wanted[0] if len(wanted) == 1 and wanted[0] in SETS else ""
    wanted = SETS.get(name, wanted)
    if unknown := [part for part in wanted if part not in PARTS]:
        print(f"There is no part {unknown[0]!r}. Parts: {', '.join(PARTS)}")
        return 2
    figures: list[Figure] = []
    for part in wanted:
        print(f"-- {part}", flush=True)
        for figure in PARTS[part]():
            figures.append(figure)
            print(figure.line(), flush=True)
    out = ROOT / "build" / (f"bench-{name}.json" if name else "bench.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps([dataclasses.asdict(each) for each in figures], indent=2), encoding="utf-8")
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"-- {len(missed)} of {sum(f.met is not None for f in figures)} bounds missed. Written to build/{out.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
