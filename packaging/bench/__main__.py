"""Speed, each bound beside what was measured in this run: `make bench`, `make bench-voice`, or
`python packaging/bench PART...`.

Prints a table and writes build/bench.json or build/bench-voice.json. Only ratios taken side by side in one run mean
something: the machines are noisy, and numbers of different runs or machines are not to be compared.
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
import interface  # noqa: E402
import storage  # noqa: E402
import voice_answers  # noqa: E402
import voice_hour  # noqa: E402
import voice_interruptions  # noqa: E402
import voice_peer  # noqa: E402
import voice_words  # noqa: E402
from figures import Figure  # noqa: E402

PARTS: dict[str, Callable[[], Iterable[Figure]]] = {
    "engine": engine.against_raw,
    "follow-up": engine.follow_up,
    "cancel": engine.cancelling,
    "picture": engine.picture_follow_up,
    "window": interface.window,
    "stall": interface.stall,
    "storage": storage.large_history,
    "answers": voice_answers.answers,
    "interruptions": voice_interruptions.interruptions,
    "first words": voice_interruptions.first_words,
    "nothing said": voice_interruptions.nothing_said,
    "words": voice_words.words,
    "peer": voice_peer.peer,
    "hour": voice_hour.hour,
}
VOICE = ["answers", "interruptions", "first words", "nothing said", "words", "peer", "hour"]


def main() -> int:
    wanted = sys.argv[1:] or [name for name in PARTS if name not in VOICE]
    if wanted == ["voice"]:
        wanted = VOICE
    if unknown := [name for name in wanted if name not in PARTS]:
        print(f"There is no part {unknown[0]!r}. Parts: {', '.join(PARTS)}")
        return 2
    figures: list[Figure] = []
    for name in wanted:
        print(f"-- {name}", flush=True)
        for figure in PARTS[name]():
            figures.append(figure)
            print(figure.line(), flush=True)
    out = ROOT / "build" / ("bench-voice.json" if wanted == VOICE else "bench.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps([dataclasses.asdict(each) for each in figures], indent=2), encoding="utf-8")
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"-- {len(missed)} of {sum(f.met is not None for f in figures)} bounds missed. Written to build/{out.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
