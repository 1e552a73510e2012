"""What the frozen blocks make of every lesson, and what the base thinks of it: computed once, kept on disk.

The cache holds what can be turned back into a person's words, so it lies in the job's own folder and goes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from desktop_app.engines.policy import Policy
from desktop_app.engines.training_words import Lesson

TOP_WORDS = 32


class Lessons:
    """Log probabilities of the learned tokens of every lesson, with the adapter (`now`) and without (`base`).

    The last `replayed` lessons are replay: for them the base's likeliest words are kept as well.
    """

    def __init__(self, policy: Policy, lessons: Sequence[Lesson], replayed: int) -> None:
        import torch

        self._policy = policy
        self._lessons = lessons
        self.ratings = len(lessons) - replayed
        self._targets = [torch.tensor(lesson.learned) for lesson in lessons]
        self._kept: Any = None

    def __len__(self) -> int:
        return len(self._lessons)

    def tokens(self, index: int) -> int:
        return len(self._lessons[index].ids)

    def now(self, index: int) -> Any:
        """With gradients, unless inside `no_grad`."""
        return self._policy.log_probs(self._out(index), self._targets[index])

    def base(self, index: int) -> Any:
        return self._kept.get_tensor(f"base {index}")

    def replay_now(self, index: int) -> tuple[Any, Any]:
        """Whole distributions, and of them what the text's own tokens have."""
        whole = self._policy.all_log_probs(self._out(index))
        return whole, whole.gather(1, self._targets[index][:, None])[:, 0]

    def replay_base(self, index: int) -> tuple[Any, Any]:
        """Ids and log probabilities of the base's likeliest words."""
        return self._kept.get_tensor(f"ids {index}"), self._kept.get_tensor(f"top {index}")

    def computed(self, index: int) -> dict[str, Any]:
        """What is kept of one lesson. The adapter still changes nothing when this is asked."""
        import torch

        lesson = self._lessons[index]
        hidden = self._policy.lower(lesson.ids[:-1])
        with torch.no_grad():
            out = self._policy.upper(hidden)[lesson.start - 1 :]
            kept = {f"hidden {index}": hidden, f"base {index}": self._policy.log_probs(out, self._targets[index])}
            if index < self.ratings:
                return kept
            top, ids = self._policy.all_log_probs(out).topk(min(TOP_WORDS, self._policy.family.words), dim=1)
        return {**kept, f"ids {index}": ids, f"top {index}": top}

    def open(self, file: Path) -> None:
        """Raises ValueError when the file is damaged or not of these lessons."""
        from safetensors import SafetensorError, safe_open

        try:
            self._kept = safe_open(file, framework="pt")
            names = set(self._kept.keys())
        except (SafetensorError, OSError) as error:
            raise ValueError(str(error)) from error
        if not all(f"hidden {index}" in names for index in range(len(self._lessons))):
            raise ValueError("lessons are missing")

    def _out(self, index: int) -> Any:
        return self._policy.upper(self._kept.get_tensor(f"hidden {index}"))[self._lessons[index].start - 1 :]


def save(kept: dict[str, Any], file: Path) -> None:
    """Whole or not at all. Raises OSError."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    part = file.with_suffix(".part")
    try:
        save_file({name: value.contiguous() for name, value in kept.items()}, part)
    except SafetensorError as error:
        raise OSError(str(error)) from error
    part.replace(file)
