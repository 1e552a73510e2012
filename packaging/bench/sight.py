"""Pictures through the project's own test eyes: encoded once, and a follow-up reads only its new words."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import engine
from figures import Figure, at_least, at_most, plain

PICTURES = 10


def looking() -> Iterator[Figure]:
    """Ten conversations about a picture each: a question, a follow-up, then another conversation about the same."""
    from desktop_app.domain.messages import Picture, said
    from desktop_app.engines.eyes.scenes import EVALUATION, snapshot
    from desktop_app.services.own_models import own_eyes, own_folder

    eyes = next(each for each in own_eyes() if each.language == engine.SMALL)
    model = engine.hosted(projector_path=str(own_folder() / eyes.file))
    model.load()
    first, later, again = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(PICTURES):
            file = Path(folder) / f"{number}.png"
            snapshot(EVALUATION + number, "group")[1].save(file)
            picture = Picture(sha256=f"{number:064d}", width=1, height=1)
            files = {picture.sha256: str(file)}
            opened = (said("system", "Answer briefly."), said("user", "What shape is in the picture?", (picture,)))
            told = _asked(model, opened, f"a{number}", files)
            follow_up = (*opened, said("assistant", told[1]), said("user", "What color is it?"))
            first.append(told[0])
            later.append(_asked(model, follow_up, f"a{number}", files)[0])
            again.append(_asked(model, opened, f"b{number}", files)[0])
    model.close()
    reused = [two.reused_tokens / one.prompt_tokens for one, two in zip(first, later, strict=True)]
    times = [one.first_token_ms / two.first_token_ms for one, two in zip(first, later, strict=True)]
    yield at_most("first question: pictures encoded", [each.pictures_encoded for each in first], 1, "pictures", max)
    yield at_most("follow-up: pictures encoded", [each.pictures_encoded for each in later], 0, "pictures", max)
    yield at_most(
        "another conversation: pictures encoded", [each.pictures_encoded for each in again], 0, "pictures", max
    )
    yield at_least("follow-up: share of the first prompt not read again", reused, 0.97, "share")
    yield plain("a picture of 36 tokens, first question, first token", [each.first_token_ms for each in first], "ms")
    yield plain("the same, follow-up", [each.first_token_ms for each in later], "ms")
    yield plain("first question to follow-up", times, "ratio")


def _asked(model, messages, key, files):
    """(the end of the stream, the answer)."""
    from desktop_app.domain.generation import ModelRequest, Sampling, TextDelta
    from desktop_app.ports import CancelToken

    request = ModelRequest(
        messages=messages, sampling=Sampling(temperature=0, max_tokens=12), cache_key=key, picture_files=files
    )
    events = list(model.stream(request, CancelToken()))
    return events[-1], "".join(event.text for event in events if isinstance(event, TextDelta))
