"""What a training is asked to do and what it tells meanwhile. Pure values that cross the pipe to the trainer child."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from desktop_app.domain.feedback import TrainingExample

Objective = Literal["bco", "kto", "sft", "dpo"]
Phase = Literal["checking", "weights", "words", "replay", "cache", "training", "export"]
PHASES: tuple[Phase, ...] = ("checking", "weights", "words", "replay", "cache", "training", "export")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How an adapter is trained; one file of `models/recipes` each.

    `layers` is how many of the last blocks change, `targets` which matrices of them (keys of `lora.PROJECTIONS`).
    `epochs` is how often each example is seen, `most_steps` the end in any case. `beta` scales the difference of log
    probabilities that the objective looks at, `length_power` divides it by the answer's tokens to that power.
    `nll_weight`, `kl_weight` and `pair_weight` weigh the terms beside the objective: likelihood of liked answers, drift
    from the base on `replay_prompts` neutral texts and own answers, `replay_batch` of them a step, and true pairs.
    `edge_weight` is how much more the first and the last tokens of an answer count for its likelihood than the others.
    `drift_limit` is how far, in nats per token, the finished adapter may move the base on neutral texts that it was not
    trained on, `loss_limit` how much less likely it may find them: a stronger one is written down weaker; `drift_limit`
    0 leaves it as it is. `smoothing` is the share of
    labels taken to be wrong, of ratings, edits and picks, and `signal_smoothing` that of implicit signals.
    Of many dislikes an epoch takes `dislikes_per_like` for each like, in turn; 0 takes all.
    Longer prompts lose their oldest turns, longer answers their end; of what was not liked the beginning is enough.
    """

    id: str
    title: str
    summary: str
    objective: Objective
    rank: int = 8
    alpha: float = 16.0
    layers: int = 8
    targets: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    learning_rate: float = 1e-4
    warmup_steps: int = 5
    epochs: int = 3
    most_steps: int = 100
    batch: int = 8
    gradient_limit: float = 1.0
    beta: float = 0.1
    length_power: float = 0.0
    shift_memory: float = 0.9
    smoothing: float = 0.1
    signal_smoothing: float = 0.25
    nll_weight: float = 0.2
    edge_weight: float = 8.0
    dislikes_per_like: float = 0.0
    kl_weight: float = 0.2
    pair_weight: float = 0.5
    replay_prompts: int = 24
    replay_batch: int = 2
    drift_limit: float = 0.0
    loss_limit: float = 0.012
    replay_tokens: int = 64
    prompt_tokens: int = 256
    answer_tokens: int = 256
    disliked_tokens: int = 64
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingJob:
    """One training. `base_path` and `base_sha256` name the very GGUF file that the person uses.

    `adapter_path` is the file to write; it appears at once and whole. `work_folder` keeps what can be made again: the
    base's weights, and while a training runs (or waits to go on after a crash) what it has reached so far, under
    `work_folder/jobs`. `threads` 0 takes what is free, `time_cap_s` 0 has no end, `memory_budget_bytes` 0 takes what is
    free. `nice` is the priority of the child, 19 the lowest.
    """

    base_path: str
    base_sha256: str
    examples: tuple[TrainingExample, ...]
    recipe: Recipe
    adapter_path: str
    work_folder: str
    threads: int = 0
    nice: int = 10
    time_cap_s: float = 0.0
    memory_budget_bytes: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingProgress:
    """`done` of `total` steps of `phase`. `seconds_left` is of the whole training, below 0 while unknown.

    `resumed` is true when an interrupted training goes on where it was.
    """

    phase: Phase
    done: int
    total: int
    seconds_left: float = -1.0
    loss: float = 0.0
    resumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPaused:
    """`pause` was heard: nothing is computed until `resume`."""

    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingEnded:
    """The adapter is written. `tokens_per_second` counts every token of the examples once a step, in phase "training".

    `losses` are the last means of each term, by name. `stopped_by` says why it ended: every step done, or the time cap.
    """

    adapter_path: str
    seconds: dict[str, float] = field(default_factory=dict)
    tokens_per_second: float = 0.0
    peak_memory_mb: float = 0.0
    steps: int = 0
    examples: int = 0
    losses: dict[str, float] = field(default_factory=dict)
    stopped_by: Literal["steps", "time"] = "steps"


TrainingEvent = TrainingProgress | TrainingPaused | TrainingEnded
