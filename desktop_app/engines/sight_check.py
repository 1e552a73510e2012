"""Lets a language model look at one known picture through the test eyes: whether the way of pictures works here."""

from __future__ import annotations

import hashlib
from pathlib import Path

from desktop_app.domain.generation import ModelRequest, Sampling, TextDelta
from desktop_app.domain.messages import Picture, said
from desktop_app.engines.host import EngineHost
from desktop_app.engines.hosted import HostedLanguageModel
from desktop_app.paths import resources
from desktop_app.ports import CancelToken

QUESTION = "What shape is in the picture?"
SAMPLE_SHAPE = "star"
_CONTEXT_TOKENS = 512
_ANSWER_TOKENS = 16


def sample_shapes() -> Path:
    """Three blue stars."""
    return resources() / "samples" / "pictures" / "stars.png"


def answer_about(picture: Path, *, language: str, projector: str) -> str:
    """What the model says about the PNG, asked for its shape, in a child of its own. Raises AppError."""
    options = {"model_path": language, "projector_path": projector, "context_tokens": _CONTEXT_TOKENS}
    model = HostedLanguageModel(EngineHost("sight check", "desktop_app.engines.llama:LlamaModel", options))
    sha256 = hashlib.sha256(picture.read_bytes()).hexdigest()
    request = ModelRequest(
        messages=(said("user", QUESTION, (Picture(sha256=sha256, width=0, height=0),)),),
        sampling=Sampling(temperature=0, max_tokens=_ANSWER_TOKENS),
        picture_files={sha256: str(picture)},
    )
    try:
        return "".join(event.text for event in model.stream(request, CancelToken()) if isinstance(event, TextDelta))
    finally:
        model.close()
