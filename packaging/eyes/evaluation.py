"""Asks about held-out pictures as `stonechat ask --image` does, and the same about their captions as plain text.

The text is the ceiling: what the same language model says when it is told perfectly what there is to see. Pictures
come as files of many shapes and sizes, so that llama.cpp fits them into its square itself.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PICTURES = {"smollm2-135m": 400, "qwen2.5-coder-0.5b": 120}
FEATURES = 24
ANSWER_TOKENS = 24
PROGRESS_EVERY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One held-out picture: what was asked, how it went from the picture and from the caption as text."""

    number: int
    topic: str
    way: str
    square: bool
    wanted: tuple[str, ...]
    seen: str
    read: str
    seen_right: bool
    read_right: bool


def main(folder: Path) -> None:
    from features import agreement  # a sibling of this file

    cosines = agreement(FEATURES)
    print(f"features, torch against llama.cpp: cosine at least {min(cosines):.6f} ({len(cosines)} pictures)")
    asked = {language: list(ask_all(language, count)) for language, count in PICTURES.items()}
    for language, answers in asked.items():
        print(f"\n{language}, {len(answers)} pictures\n\n{table(answers)}")
    shown = {language: [_plain(each) for each in answers] for language, answers in asked.items()}
    out = folder / "evaluation.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"cosines": cosines, "asked": shown}, indent=1), encoding="utf-8")


def ask_all(language: str, count: int) -> Iterator[Asked]:
    """`count` held-out pictures, one question each."""
    from desktop_app.app import build, engines_with_test_eyes
    from desktop_app.paths import places

    with tempfile.TemporaryDirectory() as home:
        kept = places().models
        services = build(_elsewhere(Path(home), kept), engines_with_test_eyes)
        started = time.monotonic()
        try:
            for index in range(count):
                yield _one(services, language, index, Path(home))
                if (index + 1) % PROGRESS_EVERY == 0:
                    print(f"   {language} {index + 1}/{count}, {time.monotonic() - started:.0f} s", flush=True)
        finally:
            services.close()


def _elsewhere(home: Path, models: Path):
    from desktop_app.paths import Places

    return Places(data=home, cache=home / "cache", logs=home / "logs", models=models).create()


def _one(services, language: str, index: int, home: Path) -> Asked:
    from desktop_app.engines.eyes.questions import is_right, question_about
    from desktop_app.engines.eyes.scenes import EVALUATION, snapshot
    from desktop_app.engines.eyes.world import sentences

    number = EVALUATION + index
    scene, picture = snapshot(number)
    question = question_about(scene, random.Random(number))
    file = home / "picture.png"
    picture.save(file)
    caption = " ".join(sentences(scene))
    seen = _answer(services, language, question.text, (file,))
    read = _answer(services, language, f"{caption}\n{question.text}", ())
    return Asked(
        number=number,
        topic=question.topic,
        way=scene.name if scene.kind == "unclear" else "",
        square=picture.width == picture.height,
        wanted=question.wanted,
        seen=seen,
        read=read,
        seen_right=is_right(question, seen),
        read_right=is_right(question, read),
    )


def _answer(services, language: str, text: str, images: tuple[Path, ...]) -> str:
    from desktop_app.cli_turn import turn
    from desktop_app.services.chat import AskOptions

    options = AskOptions(model_id=language, temperature=0, seed=1, max_tokens=ANSWER_TOKENS)
    told = turn(services, text, images=images, options=options)
    return services.history.message(told.answer_id).text


def table(asked: Sequence[Asked]) -> str:
    """Markdown: each topic, then sums that the aims speak of."""
    from desktop_app.engines.eyes.questions import READING

    rows: list[tuple[str, Callable[[Asked], bool]]] = [
        (topic, lambda each, topic=topic: each.topic == topic) for topic in sorted({each.topic for each in asked})
    ]
    rows += [
        ("**all**", lambda _: True),
        ("**all but numbers and words**", lambda each: each.topic not in READING),
        ("**all but words**", lambda each: each.topic != "word"),
        ("square pictures", lambda each: each.square),
        ("other pictures", lambda each: not each.square),
        *(
            (f"not clear: {way}", lambda each, way=way: each.way == way)
            for way in sorted({e.way for e in asked} - {""})
        ),
    ]
    lines = ["| question | picture | text (ceiling) | picture to ceiling |", "|---|---|---|---|"]
    for name, chosen in rows:
        found = [each for each in asked if chosen(each)]
        seen, read = sum(each.seen_right for each in found), sum(each.read_right for each in found)
        ratio = f"{seen / read:.2f}" if read else ""
        lines.append(f"| {name} | {_share(seen, found)} | {_share(read, found)} | {ratio} |")
    return "\n".join(lines)


def _share(right: int, found: Sequence[Asked]) -> str:
    return f"{right}/{len(found)} = {right / len(found):.2f}" if found else ""


def _plain(asked: Asked) -> dict[str, object]:
    return {name: getattr(asked, name) for name in Asked.__slots__}
