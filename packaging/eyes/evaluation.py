"""Asks about held-out pictures, with the engine and the prompt of `stonechat ask --image`, and the same about their
captions as plain text.

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

PICTURES = {"smollm2-135m": 300, "qwen2.5-coder-0.5b": 40}
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
    from desktop_app.engines.eyes.world import sentences

    known = _known(folder)
    for language, count in PICTURES.items():
        with _model(language, eyes=False) as model:
            for index in _told(language, range(count)):
                _, scene, _, question = _held_out(index)
                text = f"{' '.join(sentences(scene))}\n{question.text}"
                if f"{language}: {text}" not in known:
                    known[f"{language}: {text}"] = _answer(model, text)
                    (folder / "read.json").write_text(json.dumps(known, indent=1))


def look(folder: Path, language: str, count: int) -> Iterator[Asked]:
    """`count` held-out pictures, one question each."""
    from desktop_app.engines.eyes.questions import is_right
    from desktop_app.engines.eyes.world import sentences

    known = _known(folder)
    with tempfile.TemporaryDirectory() as scratch, _model(language, eyes=True) as model:
        file = Path(scratch) / "picture.png"
        for index in _told(language, range(count)):
            number, scene, picture, question = _held_out(index)
            picture.save(file)
            seen = _answer(model, question.text, file)
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
    """(number, scene, picture, question) of the held-out picture at this place.

    The question is drawn with other dice than the scene, else a kind of scene would always meet the same one.
    """
    from desktop_app.engines.eyes.questions import question_about
    from desktop_app.engines.eyes.scenes import EVALUATION, snapshot

    number = EVALUATION + index
    scene, picture = snapshot(number)
    return number, scene, picture, question_about(scene, random.Random(f"question about {number}"))


@contextmanager
def _model(language: str, *, eyes: bool):
    """The engine in this process, on one thread, which waits for no other."""
    from desktop_app.engines.llama import LlamaModel
    from desktop_app.paths import places
    from desktop_app.services.own_models import own_eyes, own_folder

    files = {each.language: str(own_folder() / each.file) for each in own_eyes()}
    path = next((places().models / language).glob("*.gguf"))
    model = LlamaModel(str(path), projector_path=files[language] if eyes else "", context_tokens=1024, threads=1)
    try:
        model.load()
        yield model
    finally:
        model.close()


def _answer(model, text: str, file: Path | None = None) -> str:
    """To one question in a new conversation, with the instructions that every conversation begins with."""
    import hashlib

    from desktop_app.domain.generation import ModelRequest, Sampling, TextDelta
    from desktop_app.domain.messages import Picture, said
    from desktop_app.ports import CancelToken
    from desktop_app.settings import SYSTEM_PROMPT

    pictures = (Picture(sha256=hashlib.sha256(file.read_bytes()).hexdigest(), width=0, height=0),) if file else ()
    request = ModelRequest(
        messages=(said("system", SYSTEM_PROMPT), said("user", text, pictures)),
        sampling=Sampling(temperature=0, max_tokens=ANSWER_TOKENS),
        picture_files={picture.sha256: str(file) for picture in pictures},
    )
    return "".join(event.text for event in model.stream(request, CancelToken()) if isinstance(event, TextDelta))


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
