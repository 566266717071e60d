"""Important direction gradient integration: complete at any number of steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from attriboard.engine.methods.base import Method
from attriboard.engine.methods.gradient import path_points
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors


@dataclass(frozen=True)
class Idgi(Method):
    """Yang et al. 2023, https://arxiv.org/abs/2303.14242, algorithm 1.

    Each step's own change of the score is shared out by the squared gradient at its start, over
    all inputs together, so the sum is f(x) - f(b) whatever the number of steps. A step whose
    gradient vanishes while the score moves keeps its change out of reach, and the delta says so.
    """

    title = "IDGI"
    family = "gradient"
    summary = "Integrated Gradients along the gradient's own direction: adds up at any steps."
    formula = "sum_k (f_{k+1} - f_k) * g_k^2 / |g_k|^2"
    citation = "Yang et al. 2023, arXiv:2303.14242"
    complete = True

    n_steps: int = param(50, "Steps on the path.", minimum=1, maximum=10_000)

    def __call__(self, probe: Probe) -> Tensors:
        positions = torch.linspace(0, 1, self.n_steps + 1, dtype=torch.float64)
        points = path_points(probe, positions)
        scores = probe.values(points, self.n_steps + 1)  # (steps + 1, N, T)
        rises = scores.diff(dim=0)
        sums: list[Tensor] = []
        for seen in replace(probe, quiet=True).observe(points, self.n_steps):
            rows = _shared(rises[seen.k, seen.n].T, seen.gradients)
            if not sums:
                sums = [row.new_zeros(len(row), probe.count, *row.shape[2:]) for row in rows]
            for total, row in zip(sums, rows, strict=True):
                total.index_add_(1, seen.n.to(row.device), row)
        return tuple(sums) or tuple(x.new_zeros(probe.targets, *x.shape) for x in probe.point)

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return 2 * self.n_steps + 1


def _shared(rises: Tensor, gradients: Tensors) -> Tensors:
    """(T, R) changes of the score, shared out over all inputs by the squared gradients."""
    squares = tuple(g.square() for g in gradients)
    norm = sum((s.flatten(2).sum(2) for s in squares), start=torch.zeros_like(rises))
    weight = torch.where(norm > 0, rises / torch.where(norm > 0, norm, 1), 0)
    return tuple(s * weight.reshape(weight.shape + (1,) * (s.ndim - 2)) for s in squares)
