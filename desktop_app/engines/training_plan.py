"""What is learned, in order: examples as lessons with their weights, and the replay that holds the model in place."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from desktop_app.domain.feedback import TrainingExample
from desktop_app.domain.training import Recipe, TrainingJob, TrainingProgress
from desktop_app.engines.checkpoints import Item, Plan
from desktop_app.engines.policy import Policy
from desktop_app.engines.training_words import Lesson, TrainingWords
from desktop_app.errors import UserCanFix
from desktop_app.paths import model_data

MOST_CLASS_FACTOR = 4.0
_Steps = Generator[TrainingProgress | None, None, Any]


def planned(job: TrainingJob, policy: Policy, threads: int) -> _Steps:
    """Returns the Plan; yields progress, and None where a pause does no harm.

    Raises UserCanFix("training.nothing"), EnvironmentProblem("training.disagrees").
    """
    yield TrainingProgress(phase="words", done=0, total=len(job.examples))
    words = TrainingWords(job.base_path, threads)
    try:
        words.check(lambda ids: policy.distributions(ids))
        yield None
        lessons: list[Lesson] = []
        items: list[Item] = []
        for example, worse_rated in _used(job.examples, job.recipe):
            yield None
            _add(words, example, worse_rated, job.recipe, lessons, items)
        if not items:
            raise UserCanFix(
                "training.nothing",
                "There is nothing that this recipe can learn from.",
                remedy="Rate or correct more answers, or choose another recipe.",
            )
        replay = yield from _replay(job, words)
    finally:
        words.close()
    weights = class_factors(items, job.recipe)
    balanced = [msgspec.structs.replace(item, balance=weights[item.liked]) for item in items]
    return Plan(lessons=[*lessons, *replay], items=balanced, replayed=len(replay), threads=threads)


def most_disliked(items: Sequence[Item], recipe: Recipe) -> int:
    """How many disliked examples an epoch takes."""
    disliked = sum(not item.liked for item in items)
    wanted = round(recipe.dislikes_per_like * (len(items) - disliked))
    return max(1, min(disliked, wanted)) if wanted else disliked


def class_factors(items: Sequence[Item], recipe: Recipe) -> dict[bool, float]:
    """Factors that make the liked and disliked examples of an epoch weigh the same together, within limits."""
    sums = {liked: sum(item.weight for item in items if item.liked is liked) for liked in (True, False)}
    sums[False] *= most_disliked(items, recipe) / max(1, sum(not item.liked for item in items))
    sums[False] += sum(item.weight for item in items if item.worse_rated)
    if not all(sums.values()):
        return {True: 1.0, False: 1.0}
    half = sum(sums.values()) / 2
    return {liked: min(MOST_CLASS_FACTOR, half / total) for liked, total in sums.items()}


def _used(examples: Sequence[TrainingExample], recipe: Recipe) -> list[tuple[TrainingExample, bool]]:
    """What the objective can use, and whether the worse answer of its pair was disliked by itself.

    That dislike is learned together with the pair, so that the answer is read once.
    """
    if recipe.objective == "sft":
        return [(example, False) for example in examples if example.liked]
    if recipe.objective == "dpo":
        return [(example, False) for example in examples if example.rather_than]
    pairs = {(example.answer_id, example.rather_than) for example in examples if example.rather_than}
    disliked = {(example.answer_id, example.answer) for example in examples if not example.liked}
    return [
        (example, (example.answer_id, example.rather_than) in disliked)
        for example in examples
        if example.liked or (example.answer_id, example.answer) not in pairs
    ]


def _add(
    words: TrainingWords,
    example: TrainingExample,
    worse_rated: bool,
    recipe: Recipe,
    lessons: list[Lesson],
    items: list[Item],
) -> None:
    answer = words.example(example.prompt, example.answer, recipe, liked=example.liked)
    if answer is None:
        return
    mismatched = Lesson((*answer.ids[: answer.start], *lessons[-1].learned), answer.start) if lessons else None
    worse = words.example(example.prompt, example.rather_than, recipe, liked=False) if example.rather_than else None
    numbers = {}
    for name, lesson in {"worse": worse, "mismatched": mismatched if recipe.objective == "kto" else None}.items():
        if lesson is not None:
            numbers[name] = len(lessons)
            lessons.append(lesson)
    smoothing = recipe.signal_smoothing if example.source == "signal" else recipe.smoothing
    items.append(
        Item(
            lesson=len(lessons),
            liked=example.liked,
            weight=example.weight,
            smoothing=smoothing,
            worse_rated=worse_rated and "worse" in numbers,
            **numbers,
        )
    )
    lessons.append(answer)


def _replay(job: TrainingJob, words: TrainingWords) -> _Steps:
    """The base's own answers, kept under its hash: they cost seconds, and never change."""
    if job.recipe.kl_weight <= 0 and job.recipe.drift_limit <= 0:
        return []
    source = (model_data() / "replay" / "prompts.toml").read_bytes()
    shape = f"{job.recipe.replay_prompts} {job.recipe.replay_tokens} {job.recipe.prompt_tokens}"
    name = hashlib.sha256(source + shape.encode()).hexdigest()[:16]
    file = Path(job.work_folder) / "base" / job.base_sha256 / f"replay-{name}.json"
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[Lesson])
    except (OSError, msgspec.DecodeError):
        pass
    lessons: list[Lesson] = []
    for lesson in words.replay(job.recipe):
        if lesson is not None:
            lessons.append(lesson)
        yield TrainingProgress(phase="replay", done=len(lessons), total=job.recipe.replay_prompts)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(lessons))
    part.replace(file)
    return lessons
