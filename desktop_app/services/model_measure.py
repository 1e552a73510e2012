"""Measures a model on this machine: how quickly it reads and writes, what it holds, how well it knows a fixed text.

Results are kept under the weights' hash, so that they survive a rename and never speak of another file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from desktop_app.domain.generation import GenerationEnded, ModelRequest, Sampling
from desktop_app.domain.measurements import Measurement
from desktop_app.domain.messages import said
from desktop_app.domain.model_specs import InstalledModel
from desktop_app.files import disk_errors, write_atomically
from desktop_app.paths import model_data
from desktop_app.ports import CancelToken, Clock
from desktop_app.services.drafts import Models

WORDS = "Tell me about this text in a few sentences.\n\n"
ANSWER_TOKENS = 64


class ModelMeasure:
    """`path` is the file of results; `find` gives an installed model or raises UserCanFix."""

    def __init__(self, models: Models, find: Callable[[str], InstalledModel], path: Path, clock: Clock) -> None:
        self._models = models
        self._find = find
        self._path = path
        self._clock = clock

    def results(self) -> dict[str, Measurement]:
        """The newest result by the sum of the weights."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Measurement])
        except (OSError, msgspec.DecodeError):
            return {}

    def measure(self, model_id: str, cancel: CancelToken) -> Measurement:
        """Takes seconds to a minute. Raises UserCanFix, Cancelled, AppError."""
        found = self._find(model_id)
        text = (model_data() / "prompts" / "measure.txt").read_text(encoding="utf-8")
        model = self._models.model(model_id)
        abilities = model.load()
        request = ModelRequest(
            messages=(said("user", WORDS + text),),
            sampling=Sampling(temperature=0, max_tokens=ANSWER_TOKENS),
            cache_key="measure",
        )
        ended = next(event for event in model.stream(request, cancel) if isinstance(event, GenerationEnded))
        cancel.raise_if_cancelled()
        perplexity = model.score(ModelRequest(messages=()), text).perplexity
        cancel.raise_if_cancelled()
        read = ended.prompt_tokens - ended.reused_tokens
        result = Measurement(
            measured_at=self._clock.now(),
            prompt_per_s=read * 1000 / ended.first_token_ms if ended.first_token_ms else 0.0,
            answer_per_s=ended.tokens_per_second,
            first_token_ms=ended.first_token_ms,
            memory_bytes=abilities.memory_bytes,
            perplexity=perplexity,
        )
        with disk_errors(self._path.parent):
            write_atomically(self._path, msgspec.json.encode({**self.results(), found.sha256: result}))
        return result
