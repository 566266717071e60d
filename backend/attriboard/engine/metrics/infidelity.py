"""Infidelity: does the attribution predict how far the score falls under perturbation?"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from attriboard.engine.baselines import Baselines
from attriboard.engine.metrics.perturbations import GaussianNoise, Perturbation
from attriboard.engine.metrics.questions import matching, scores_around
from attriboard.engine.model_tree import Model
from attriboard.engine.probe import Probe
from attriboard.engine.run import Run
from attriboard.engine.setup import Inputs
from attriboard.engine.targets import Target
from attriboard.engine.tensors import Tensors, is_integer, look, take

Form = Literal["global", "local"]


def infidelity(
    model: Model,
    inputs: Inputs,
    attributions: Inputs,
    target: Target = None,
    *,
    baselines: Baselines = None,
    extra_args: tuple[Any, ...] = (),
    perturbation: Perturbation | None = None,
    form: Form = "global",
    n_samples: int = 50,
    scaled: bool = False,
    seed: int = 0,
    run: Run | None = None,
) -> Tensor:
    """E[(I . phi - (f(x) - f(x - I)))^2] of each example, (N,): lower is better, 0 is perfect.

    Yeh et al. 2019, https://arxiv.org/abs/1901.09392, definition 2.1. perturbation: how I is
    drawn (Gaussian noise if left out). form: "global" for attributions that are already
    multiplied by (x - b), such as Integrated Gradients', whose I is divided by it; "local" for
    gradients. scaled: multiply phi by the one number that fits best first, so that only its
    direction counts.

    Raises InvalidInput where attributions do not have their inputs' shapes.
    """
    probe = scores_around(model, inputs, target, baselines, extra_args, seed, run)
    phi = matching(attributions, probe.point)
    draws = perturbation or GaussianNoise()
    sums = _Sums(probe.count)
    predicted = torch.zeros(0)  # for each draw of the block that `points` was asked for last

    def points(k: Tensor, n: Tensor) -> Tensors:
        """Point 0 is the example itself, point k is draw k - 1."""
        nonlocal predicted
        own = int((k == 0).sum())
        here = take(probe.point, n[:own]) if own else ()
        if own == k.shape[0]:
            predicted = torch.zeros(0)
            return here
        weights, perturbed = draws.rows(probe, k[own:] - 1, n[own:])
        predicted = _predicted(probe, weights, phi, n[own:], form)
        if not own:
            return perturbed
        return tuple(torch.cat(pair) for pair in zip(here, perturbed, strict=True))

    here = torch.zeros(probe.count, dtype=torch.float64)
    for _, n, scores in probe.stream(points, 1 + n_samples):
        found = scores[:, 0].double().cpu()
        own = n.shape[0] - predicted.shape[0]
        if own:
            here.index_copy_(0, n[:own], found[:own])
        if own < n.shape[0]:
            n = n[own:]
            sums.add(predicted, here.index_select(0, n) - found[own:], n)
    return sums.scaled() if scaled else sums.plain()


def _predicted(probe: Probe, weights: Tensors, phi: Tensors, n: Tensor, form: Form) -> Tensor:
    """I . phi for each row, (R,)."""
    parts = []
    ends = zip(look(probe.point, n), look(probe.baseline, n), strict=True)
    for weight, a, (x, b) in zip(weights, look(phi, n), ends, strict=True):
        if form == "global" and not is_integer(x):
            span = x - b
            weight = torch.where(span != 0, weight / torch.where(span != 0, span, 1), 0)
        parts.append((weight * a).flatten(1).sum(1).double().cpu())
    return sum(parts[1:], start=parts[0])


class _Sums:
    """Running sums over draws, per example: of 1, and of p and c, what is predicted and the change,
    (p - c)^2, p^2, p c and c^2."""

    def __init__(self, count: int) -> None:
        self._sums = torch.zeros(count, 5, dtype=torch.float64)

    def add(self, predicted: Tensor, change: Tensor, n: Tensor) -> None:
        p, c = predicted, change
        terms = torch.stack([torch.ones_like(p), (p - c).square(), p * p, p * c, c * c], 1)
        self._sums.index_add_(0, n, terms)

    def plain(self) -> Tensor:
        return self._sums[:, 1] / self._sums[:, 0]

    def scaled(self) -> Tensor:
        count, _, pp, pc, cc = self._sums.unbind(1)
        best = torch.where(pp > 0, pc / torch.where(pp > 0, pp, 1), 0)
        left = best.square() * pp - 2 * best * pc + cc
        return left.clamp(min=0) / count
