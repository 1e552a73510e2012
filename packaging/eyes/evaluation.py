"""Asks about held-out pictures as `stonechat ask --image` does, and the same about their captions as plain text.

The text is the ceiling: what the same language model says when it is told perfectly what there is to see; its answers
do not depend on the eyes and are kept in build/eyes/read.json. Pictures come as files of many shapes and sizes, so that
llama.cpp fits them into its square itself.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

PICTURES = {"smollm2-135m": 320, "qwen2.5-coder-0.5b": 60}
FEATURES = 24
ANSWER_TOKENS = 20
PROGRESS_EVERY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One held-out picture: what was asked, what was said to the picture and to the caption as text."""

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

    read(folder)
    cosines = agreement(FEATURES)
    print(f"features, torch against llama.cpp: cosine at least {min(cosines):.6f} ({len(cosines)} pictures)")
    shown = {}
    for language, count in PICTURES.items():
        asked = list(look(folder, language, count))
        shown[language] = [asdict(each) for each in asked]
        print(f"\n{language}, {len(asked)} pictures\n\n{table(asked)}")
    (folder / "evaluation.json").write_text(json.dumps({"cosines": cosines, "asked": shown}, indent=1))


def read(folder: Path) -> None:
    """The ceiling: every question about the caption in place of the picture. What is known is not asked again."""
    from desktop_app.app import build
    from desktop_app.engines.eyes.world import sentences

    known = _known(folder)
    with _services(build) as services:
        for language, count in PICTURES.items():
            for index in _told(language, range(count)):
                _, scene, _, question = _held_out(index)
                text = f"{' '.join(sentences(scene))}\n{question.text}"
                key = f"{language}: {text}"
                if key not in known:
                    known[key] = _answer(services, language, text, ())
                    (folder / "read.json").write_text(json.dumps(known, indent=1))


def look(folder: Path, language: str, count: int) -> Iterator[Asked]:
    """`count` held-out pictures, one question each."""
    from desktop_app.app import build, engines_with_test_eyes
    from desktop_app.engines.eyes.questions import is_right
    from desktop_app.engines.eyes.world import sentences

    known = _known(folder)
    with tempfile.TemporaryDirectory() as scratch, _services(build, engines_with_test_eyes) as services:
        file = Path(scratch) / "picture.png"
        for index in _told(language, range(count)):
            number, scene, picture, question = _held_out(index)
            picture.save(file)
            seen = _answer(services, language, question.text, (file,))
            told = known[f"{language}: {' '.join(sentences(scene))}\n{question.text}"]
            yield Asked(
                number=number,
                topic=question.topic,
                way=scene.name if scene.kind == "unclear" else "",
                square=picture.width == picture.height,
                wanted=question.wanted,
                seen=seen,
                read=told,
                seen_right=is_right(question, seen),
                read_right=is_right(question, told),
            )


def table(asked: Sequence[Asked]) -> str:
    """Markdown: each topic, then the sums that the aims speak of."""
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
        seen, told = sum(each.seen_right for each in found), sum(each.read_right for each in found)
        ratio = f"{seen / told:.2f}" if told else ""
        lines.append(f"| {name} | {_share(seen, found)} | {_share(told, found)} | {ratio} |")
    return "\n".join(lines)


def _held_out(index: int):
    """(number, scene, picture, question) of the held-out picture at this place."""
    from desktop_app.engines.eyes.questions import question_about
    from desktop_app.engines.eyes.scenes import EVALUATION, snapshot

    number = EVALUATION + index
    scene, picture = snapshot(number)
    return number, scene, picture, question_about(scene, random.Random(number))


@contextmanager
def _services(build, *makers):
    """The application on an empty home with the installed models."""
    from desktop_app.paths import Places, places

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        kept = Places(data=home, cache=home / "cache", logs=home / "logs", models=places().models).create()
        services = build(kept, *makers)
        try:
            yield services
        finally:
            services.close()


def _answer(services, language: str, text: str, images: tuple[Path, ...]) -> str:
    from desktop_app.cli_turn import turn
    from desktop_app.services.chat import AskOptions

    options = AskOptions(model_id=language, temperature=0, seed=1, max_tokens=ANSWER_TOKENS)
    told = turn(services, text, images=images, options=options)
    return services.history.message(told.answer_id).text


def _known(folder: Path) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "read.json"
    return json.loads(file.read_text()) if file.is_file() else {}


def _told(language: str, indices: Sequence[int]) -> Iterator[int]:
    """The indices, with a line of progress now and then."""
    started = time.monotonic()
    for index in indices:
        yield index
        if (index + 1) % PROGRESS_EVERY == 0:
            print(f"   {language} {index + 1}/{len(indices)}, {time.monotonic() - started:.0f} s", flush=True)


def _share(right: int, found: Sequence[Asked]) -> str:
    return f"{right}/{len(found)} = {right / len(found):.2f}" if found else ""
