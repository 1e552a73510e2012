"""Muon: the momentum of a matrix, brought near an orthogonal matrix, is its step. In float32, which a processor without
bfloat16 needs. Method: K. Jordan and others, "Muon: an optimizer for hidden layers in neural networks" (2024).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

MOMENTUM = 0.95
ROUNDS = 5
_QUINTIC = (3.4445, -4.7750, 2.0315)


class Muon:
    """Steps for `matrices`, all 2-D. Matrices of one shape are orthogonalized together."""

    def __init__(self, matrices: Sequence[Any]) -> None:
        import torch

        self._matrices = list(matrices)
        self.momenta = [torch.zeros_like(matrix) for matrix in self._matrices]

    def step(self, rate: float, decay: float) -> None:
        """One step along the gradients, Nesterov's way; weights shrink by rate x decay."""
        import torch

        shapes: dict[tuple[int, ...], list[int]] = {}
        for index, matrix in enumerate(self._matrices):
            self.momenta[index].lerp_(matrix.grad, 1 - MOMENTUM)
            shapes.setdefault(tuple(matrix.shape), []).append(index)
        for (rows, columns), members in shapes.items():
            looked = [self._matrices[each].grad.lerp(self.momenta[each], MOMENTUM) for each in members]
            steps = orthogonal(torch.stack(looked))
            for each, step in zip(members, steps, strict=True):
                matrix = self._matrices[each].data
                matrix.mul_(1 - rate * decay).sub_(step, alpha=rate * math.sqrt(max(1.0, rows / columns)))


def orthogonal(matrices: Any) -> Any:
    """Near the closest orthogonal matrix of each (n, rows, columns), by five rounds of Newton and Schulz."""
    a, b, c = _QUINTIC
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x
