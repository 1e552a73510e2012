"""What a training may take of the machine: threads, priority, memory."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from desktop_app.domain.training import Recipe
from desktop_app.engines.gguf_families import Family, reason_against
from desktop_app.errors import EnvironmentProblem

_LIBRARIES_BYTES = 700 * 1024**2
_FLOAT_BYTES = 4
_COPIES_OF_LOGITS = 4
_BUSY = 0.5


def why_not(base_path: str) -> str:
    """ "" when an adapter of this model can be trained here, else why not."""
    if find_spec("torch") is None:
        return "Training needs the personalization pack, which is not installed here: stonechat-personalize."
    return reason_against(base_path)


def free_threads() -> int:
    """Physical cores that nobody else uses at the moment; at least one. Two threads on one free core are far slower."""
    import psutil

    cores: int = psutil.cpu_count(logical=False) or 1
    busy: float = psutil.cpu_percent(interval=0.5) / 100 * (psutil.cpu_count() or 1)
    return max(1, round(cores - busy - _BUSY + 0.49))


def step_aside(nice: int) -> None:
    """Give way to everything else. A priority cannot be raised again."""
    import psutil

    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.IDLE_PRIORITY_CLASS if nice >= 15 else psutil.BELOW_NORMAL_PRIORITY_CLASS)
    elif process.nice() < nice:
        process.nice(nice)


def memory_needed(family: Family, recipe: Recipe) -> int:
    """Bytes: the weights, the words' distributions of one answer, blocks of one sequence, the libraries."""
    tokens = recipe.prompt_tokens + recipe.answer_tokens
    words = recipe.answer_tokens * family.words * _COPIES_OF_LOGITS
    blocks = tokens * recipe.layers * (8 * family.width + 6 * family.inner_width)
    return _LIBRARIES_BYTES + _FLOAT_BYTES * (family.parameters + words + blocks)


def check_memory(family: Family, recipe: Recipe, budget_bytes: int) -> None:
    """Raises EnvironmentProblem("training.memory"). A budget of 0 is what is free."""
    import psutil

    needed, there = memory_needed(family, recipe), budget_bytes or psutil.virtual_memory().available
    if needed > there:
        raise EnvironmentProblem(
            "training.memory",
            f"Training this model takes {needed / 1e9:.1f} GB of memory, and {there / 1e9:.1f} GB are free.",
            remedy="Close other programs, or choose a smaller model.",
        )


def peak_memory_mb() -> float:
    """The most that this process has ever held."""
    import psutil

    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 1024**2
    import resource

    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / (1024**2 if sys.platform == "darwin" else 1024)
