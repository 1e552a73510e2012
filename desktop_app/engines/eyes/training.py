"""Trains the encoder to write captions: seeded, with checkpoints that a killed run goes on from, on whatever torch has.

No language model takes part: the right unit of each place is 1, every other 0, and what a unit says comes later.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from desktop_app.engines.eyes.encoder import begin_with_directions, new_encoder
from desktop_app.engines.eyes.optimizer import Muon
from desktop_app.engines.eyes.recipe import EyesRecipe, TrainingRecipe
from desktop_app.engines.eyes.scenes import SHARES, TRAINING, VALIDATION, example, pixels
from desktop_app.engines.eyes.team import Helpers, Team, end_with_parent
from desktop_app.engines.eyes.world import DICTIONARY, Kind, Scene, caption
from desktop_app.errors import EnvironmentProblem
from desktop_app.ports import CancelToken

WHITENING_PICTURES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """After `step` of `steps`. `exact`: of each kind, the share of captions of which every word is right; now and
    then, else empty."""

    step: int
    steps: int
    loss: float
    pictures_per_second: float
    exact: dict[Kind, float]


def train(recipe: EyesRecipe, folder: Path, cancel: CancelToken, *, processes: int = 1) -> Iterator[Progress]:
    """Train to the end of the recipe, going on from `folder`'s checkpoint if it has one.

    On a graphics processor one process does it all. Raises Cancelled (what was done stays), EnvironmentProblem.
    """
    torch = load_torch()
    folder.mkdir(parents=True, exist_ok=True)
    if torch.cuda.is_available() or processes < 2:
        yield from Trainer(recipe, folder).run(cancel)
        return
    numbers = sum(weight.numel() for weight in new_encoder(recipe.encoder).parameters())
    helpers = Helpers(processes, numbers, _help, recipe, folder)
    try:
        yield from Trainer(recipe, folder, helpers.team).run(cancel)
    finally:
        helpers.close()


def _help(team: Team, recipe: EyesRecipe, folder: Path) -> None:
    """A helper's whole life."""
    end_with_parent()
    trainer = Trainer(recipe, folder, team)
    try:
        for _ in trainer.run(CancelToken()):
            pass
    except threading.BrokenBarrierError:
        return


class Trainer:
    """One run, or one member's part of it. `folder` keeps `checkpoint.pt`, which member 0 writes."""

    def __init__(self, recipe: EyesRecipe, folder: Path, team: Team | None = None) -> None:
        torch = load_torch()
        self._torch, self._recipe, self._plan, self._team = torch, recipe, recipe.training, team
        if team is not None:
            torch.set_num_threads(1)
        self._file = folder / "checkpoint.pt"
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(self._plan.seed)
        self.encoder = new_encoder(recipe.encoder).to(self._device)
        self._weights = list(self.encoder.parameters())
        named = list(self.encoder.named_parameters())
        inside = {name for name, weight in named if name.startswith("blk.") and weight.ndim == 2}
        self._muon = Muon([weight for name, weight in named if name in inside])
        others = [weight for name, weight in named if name not in inside]
        self._adam = torch.optim.AdamW(others, betas=(0.9, 0.98), weight_decay=0.0)
        self.step = 0
        self._resume()
        if not self.step:
            self._open_eyes()

    def run(self, cancel: CancelToken) -> Iterator[Progress]:
        """To the end of the recipe. Raises Cancelled; what was done stays."""
        plan, started, first = self._plan, time.monotonic(), self.step
        while self.step < plan.steps:
            if cancel.cancelled:
                self._save()
                cancel.raise_if_cancelled()
            loss = self._learn()
            self.step += 1
            last = self.step == plan.steps
            if last or self.step % plan.save_every == 0:
                self._save()
            checked = self._leads and (last or self.step % plan.check_every == 0)
            pace = (self.step - first) * plan.batch / (time.monotonic() - started)
            exact = self.exact(VALIDATION, plan.check_pictures) if checked else {}
            yield Progress(step=self.step, steps=plan.steps, loss=loss, pictures_per_second=pace, exact=exact)

    def exact(self, first: int, pictures: int) -> dict[Kind, float]:
        """Of each kind, the share of captions of which every word is right, over pictures from number `first` on."""
        scenes, drawn = zip(*(example(first + each) for each in range(pictures)), strict=True)
        right = (self.words(pixels(drawn)) == targets(scenes)).all(axis=1)
        kinds = {
            kind: [good for scene, good in zip(scenes, right, strict=True) if scene.kind == kind] for kind in SHARES
        }
        return {kind: sum(map(bool, found)) / len(found) for kind, found in kinds.items() if found}

    def words(self, pictures: Any) -> Any:
        """The likeliest piece of each place, as places in the dictionary."""
        with self._torch.inference_mode():
            return self.encoder(self._torch.from_numpy(pictures).to(self._device)).argmax(-1).cpu().numpy()

    @property
    def _leads(self) -> bool:
        return self._team is None or self._team.rank == 0

    def _learn(self) -> float:
        plan = self._plan
        share, falling = schedule(plan, self.step)
        pictures, wanted = self._lesson()
        loss = self._loss(self.encoder(pictures), wanted, plan.closeness + (1 - plan.closeness) * falling)
        loss.backward()
        if self._team is not None:
            self._agree(self._team)
        self._torch.nn.utils.clip_grad_norm_(self._adam.param_groups[0]["params"], 1.0)
        self._muon.step(plan.matrix_rate * share, plan.weight_decay)
        self._adam.param_groups[0]["lr"] = plan.other_rate * share
        self._adam.step()
        self.encoder.zero_grad(set_to_none=True)
        return float(loss.detach())

    def _open_eyes(self) -> None:
        """Begin with patches seen in their principal directions, each about equally strong: learning is far quicker."""
        first = pixels([example(TRAINING + each)[1] for each in range(WHITENING_PICTURES)])
        begin_with_directions(self.encoder, self._torch.from_numpy(first).to(self._device))

    def _lesson(self) -> tuple[Any, Any]:
        """This member's share of the batch: pictures, and the right pieces."""
        rank, size = (self._team.rank, self._team.size) if self._team is not None else (0, 1)
        begin, harder = TRAINING + self.step * self._plan.batch, self.step >= self._plan.harder_from
        numbers = range(begin + rank, begin + self._plan.batch, size)
        scenes, drawn = zip(*(example(number, harder=harder) for number in numbers), strict=True)
        put = self._torch.from_numpy
        return put(pixels(drawn)).to(self._device), put(targets(scenes)).to(self._device)

    def _agree(self, team: Team) -> None:
        """Every member gets the mean gradient."""
        flat = team.mean(self._torch.cat([weight.grad.flatten() for weight in self._weights]))
        parts = flat.split([weight.numel() for weight in self._weights])
        for weight, part in zip(self._weights, parts, strict=True):
            weight.grad.copy_(part.view_as(weight))

    def _loss(self, units: Any, wanted: Any, closeness: float) -> Any:
        """Mean over pictures of the sum over places."""
        functional = self._torch.nn.functional
        chosen = functional.cross_entropy(units.flatten(0, 1) * self._plan.sharpness, wanted.flatten(), reduction="sum")
        ideal = functional.one_hot(wanted, len(DICTIONARY)).to(units.dtype)
        apart = (functional.gelu(units, approximate="tanh") - ideal).square().sum()
        return (chosen + closeness * apart) / len(units)

    def _save(self) -> None:
        if not self._leads:
            return
        state = {
            "for": fingerprint(self._recipe),
            "step": self.step,
            "encoder": self.encoder.state_dict(),
            "muon": self._muon.momenta,
            "adam": self._adam.state_dict(),
        }
        part = self._file.with_suffix(".part")
        self._torch.save(state, part)
        part.replace(self._file)

    def _resume(self) -> None:
        """A checkpoint of another recipe is passed over; more or fewer steps are the same recipe."""
        if not self._file.is_file():
            return
        state = self._torch.load(self._file, map_location=self._device, weights_only=True)
        if state["for"] != fingerprint(self._recipe):
            return
        self.step = state["step"]
        self.encoder.load_state_dict(state["encoder"])
        for momentum, kept in zip(self._muon.momenta, state["muon"], strict=True):
            momentum.copy_(kept)
        self._adam.load_state_dict(state["adam"])


def targets(scenes: Sequence[Scene]) -> Any:
    """int64, scenes x places: the place in the dictionary of each piece of the captions."""
    import numpy

    return numpy.array([[_PLACE[piece] for piece in caption(scene)] for scene in scenes])


_PLACE = {piece: place for place, piece in enumerate(DICTIONARY)}


def schedule(plan: TrainingRecipe, step: int) -> tuple[float, float]:
    """(share of the learning rate, how far into its fall) at a step."""
    falls_from = plan.steps * (1 - plan.decay_share)
    held = 1.0 if step < plan.opening else plan.settled
    if step < falls_from:
        return held * min(1.0, (step + 1) / plan.warm_up), 0.0
    falling = (step - falls_from) / (plan.steps - falls_from)
    return held * 0.5 * (1 + math.cos(math.pi * falling)), falling


def fingerprint(recipe: EyesRecipe) -> str:
    """Which checkpoints belong to a recipe: everything that shapes the training but its length."""
    endless = msgspec.structs.replace(
        recipe.training, steps=0, decay_share=0, save_every=0, check_every=0, check_pictures=0
    )
    return hashlib.sha256(msgspec.json.encode((recipe.encoder, endless, DICTIONARY))).hexdigest()


def load_torch() -> Any:
    """Raises EnvironmentProblem when torch is not installed."""
    try:
        import torch
    except ImportError as error:
        raise EnvironmentProblem(
            "eyes.no_torch",
            "The parts for training are not installed.",
            remedy="Install them with: make setup",
            detail=str(error),
        ) from error
    return torch


def trained_weights(folder: Path) -> dict[str, Any]:
    """What a run has learned so far, as numpy arrays under the encoder's names. Raises OSError."""
    state = load_torch().load(folder / "checkpoint.pt", map_location="cpu", weights_only=True)
    return {name: weight.float().numpy() for name, weight in state["encoder"].items()}
