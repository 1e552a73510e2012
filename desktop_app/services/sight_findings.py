"""Whether a model can look at a picture here: tried with our own test eyes, whatever the person's model can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from desktop_app.errors import AppError
from desktop_app.services.doctor import Finding
from desktop_app.services.model_library import ModelLibrary
from desktop_app.services.own_models import own_eyes, with_test_eyes

NAME = "looking at pictures"
REMEDY = "Restart and try again; if it stays so, install Stonechat again."


def sight_findings(library: ModelLibrary, look: Callable[[str, str], str], shape: str) -> Iterator[Finding]:
    """`look(model file, projector file)` gives the answer about a picture of a `shape`. Nothing without a model."""
    fitting = {eyes.language for eyes in own_eyes()}
    for model in library.installed("language"):
        if model.id not in fitting:
            continue
        try:
            seeing = with_test_eyes(model)
            answer = look(seeing.path, seeing.projector_path)
        except AppError as error:
            yield Finding(name=NAME, ok=False, value=error.message, remedy=error.remedy)
            return
        ok = shape in answer.lower()
        told = f"{model.title} with the test eyes" if ok else f"a {shape} was called: {answer.strip()}"
        yield Finding(name=NAME, ok=ok, value=told, remedy="" if ok else REMEDY)
        return
