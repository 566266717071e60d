"""Methods made of plain gradients: at the point itself, or along a path from the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
from torch import Tensor

from attriboard.engine import paths
from attriboard.engine.methods.base import Family, Method, Place
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.stopping import Stopping, tolerance_param
from attriboard.engine.tensors import Points, Tensors, copied, lift, look

GAP = "the completeness gap"

FEW = 16
"""Examples whose way from the baseline is in memory at once."""


@dataclass(frozen=True)
class Saliency(Method):
    """Simonyan et al. 2013, https://arxiv.org/abs/1312.6034, section 3."""

    title = "Saliency"
    family = "gradient"
    summary = "How fast the score changes with each input element: the gradient's size."
    formula = "|df/dx|"
    citation = "Simonyan et al. 2013, arXiv:1312.6034"
    uses_baseline = False

    abs: bool = param(True, "Take absolute values; off keeps the sign of the gradient.")

    def __call__(self, probe: Probe) -> Tensors:
        _, gradients = at_point(probe, own=not self.abs)
        return tuple(g.abs() for g in gradients) if self.abs else gradients


@dataclass(frozen=True)
class InputXGradient(Method):
    """Shrikumar et al. 2016, https://arxiv.org/abs/1605.01713, section 3."""

    title = "Input x gradient"
    family = "gradient"
    summary = "The gradient times the input: exact for linear models with a zero baseline."
    formula = "x * df/dx"
    citation = "Shrikumar et al. 2016, arXiv:1605.01713"
    uses_baseline = False

    def __call__(self, probe: Probe) -> Tensors:
        activations, gradients = at_point(probe, own=False)
        return tuple(a * g for a, g in zip(activations, gradients, strict=True))


@dataclass(frozen=True)
class PathMethod(Method):
    """What methods share that average gradients on the way from the baseline to the input."""

    progressive = True
    places: ClassVar[tuple[Place, ...]] = ("input", "layer", "neuron")

    n_steps: int = param(50, "Points on the path; more are more exact.", minimum=1, maximum=10_000)
    method: paths.Quadrature = param("gausslegendre", "How the path's integral is approximated.")
    multiply_by_inputs: bool = param(
        True, "Global attributions, which add up; off gives the path's mean gradient."
    )

    def __call__(self, probe: Probe) -> Tensors:
        return path_gradient(probe, path(self.method, self.n_steps), self.multiply_by_inputs)

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return self.n_steps


@dataclass(frozen=True)
class IntegratedGradients(PathMethod):
    """Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365, equation 1."""

    title = "Integrated Gradients"
    family: ClassVar[Family] = "gradient"
    summary = "Gradients averaged on the straight path from the baseline; adds up to the score."
    formula = "(x - b) * sum_k w_k df(b + alpha_k (x - b))/dx"
    citation = "Sundararajan et al. 2017, arXiv:1703.01365"
    complete = True

    tolerance: float | None = tolerance_param(GAP)

    def __call__(self, probe: Probe) -> Tensors:
        nodes, multiply = path(self.method, self.n_steps), self.multiply_by_inputs
        return path_gradient(probe, nodes, multiply, self.tolerance)

    def wants_ends(self) -> bool:
        return self.tolerance is not None


def at_point(probe: Probe, own: bool = True) -> tuple[Tensors, Tensors]:
    """Activations (N, ...) and gradients (T, N, ...) at the examples themselves.

    own: in memory of their own; for who only computes with them, it may be the model's.
    """
    seen: list[tuple[Tensors, Tensors]] = []
    left = probe.count
    for block in probe.observe(probe.at_point, 1):
        left -= block.n.shape[0]
        both = block.activations, block.gradients
        seen.append(both if left == 0 and not own else (copied(both[0]), copied(both[1])))
    if not seen:
        return probe.point, tuple(_no_rows(probe, x) for x in probe.point)
    if len(seen) == 1:
        return seen[0]
    activations, gradients = (list(zip(*parts, strict=True)) for parts in zip(*seen, strict=True))
    return tuple(map(torch.cat, activations)), tuple(torch.cat(parts, 1) for parts in gradients)


@dataclass(frozen=True)
class Path:
    """Nodes on the path from baseline to point: positions on [0, 1] and weights that sum to one."""

    positions: Tensor
    weights: Tensor


@lru_cache(maxsize=64)
def path(method: paths.Quadrature, steps: int) -> Path:
    """The quadrature's nodes in an order in which any first few of them are spread out."""
    positions, weights = paths.nodes(method, steps)
    order = paths.spread_first(steps)
    return Path(positions[order], weights[order])


def path_gradient(
    probe: Probe, nodes: Path, multiply: bool, tolerance: float | None = None
) -> Tensors:
    """The weighted mean gradient on the path between baseline and point, each (T, N, ...).

    `multiply` scales it by (x - b). At every stage the weights seen so far are renormalised, so
    a partial result is the same integral on fewer nodes.
    """
    mean, steps = RunningMean(probe), len(nodes.positions)
    stopping = Stopping(probe, tolerance, steps, GAP)
    change = _change(probe) if stopping.wanted else torch.zeros(())

    def attributions() -> Tensors:
        return scaled(mean.value(), probe) if multiply else mean.value()

    for stage in stopping.stages():
        part = slice(stage.start, stage.end)
        points = path_points(stage.probe, nodes.positions[part])
        for seen in stage.probe.observe(points, stage.steps):
            weights = nodes.weights[part].index_select(0, seen.k)
            mean.add_rows(seen.gradients, stage.examples.index_select(0, seen.n), weights)
            if probe.watched and 0 < (done := stage.done(seen.k, seen.n)) < steps:
                probe.show(attributions, done, steps)
        if stopping.wanted:
            gaps = _gaps(scaled(mean.value(), probe), change)
            stopping.judge(stage, gaps, attributions)
    last = mean.finished()
    return stopping.result(scaled(last, probe) if multiply else last)


def scaled(gradients: Tensors, probe: Probe) -> Tensors:
    """The gradients (T, N, ...) times (x - b), in their own memory, a few examples at a time."""
    for x, b, g in zip(probe.point, probe.baseline, gradients, strict=True):
        for start in range(0, probe.count, FEW):
            few = slice(start, start + FEW)
            g[:, few].mul_(x[few] - b[few])
    return gradients


def _change(probe: Probe) -> Tensor:
    """(T, N): f(x) - f(b)."""
    low, high = probe.both_ends()
    change: Tensor = (high - low).T
    return change.double().cpu()


def _gaps(attributions: Tensors, change: Tensor) -> Tensor:
    """(T, N): how far attributions are from adding up to `change`, as a share of it."""
    found = torch.zeros_like(change)
    for tensor in attributions:
        found += tensor.flatten(2).sum(2).double().cpu()
    return (found - change).abs() / change.abs().clamp(min=1e-12)


def path_points(probe: Probe, positions: Tensor) -> Points:
    """Points k at `positions[k]` on the straight lines from the baselines to the examples."""

    def points(k: Tensor, n: Tensor) -> Tensors:
        return tuple(
            torch.lerp(b, x, lift(positions.index_select(0, k).to(x), x))
            for b, x in zip(look(probe.baseline, n), look(probe.point, n), strict=True)
        )

    return points


class RunningMean:
    """The weighted mean of what blocks observe, per example, without keeping the blocks."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._sums: list[Tensor] = []
        self._weights = torch.zeros(probe.count, dtype=torch.float64)

    def add_rows(self, rows: Tensors, n: Tensor, weights: Tensor) -> None:
        """Add rows (T, R, ...) of examples `n`, row r counting `weights[r]`."""
        self._weights.index_add_(0, n, weights.double())
        if self._probe.count == 1:
            self._add([_weighted(row, weights) for row in rows])
            return
        if not self._sums:
            shape = (self._probe.targets, self._probe.count)
            self._sums = [row.new_zeros(*shape, *row.shape[2:]) for row in rows]
        for total, row in zip(self._sums, rows, strict=True):
            total.index_add_(1, n.to(row.device), row * lift(weights.to(row), row[0]))

    def _add(self, parts: list[Tensor]) -> None:
        """Add parts (T, N, ...), which may become the sums themselves."""
        if not self._sums:
            self._sums = parts
            return
        for total, part in zip(self._sums, parts, strict=True):
            total += part

    def value(self) -> Tensors:
        """The mean so far, each (T, N, ...)."""
        if not self._sums:
            return tuple(_no_rows(self._probe, x) for x in self._probe.point)
        return tuple(total / lift(self._weights.to(total), total[0]) for total in self._sums)

    def finished(self) -> Tensors:
        """The mean, in the memory of the sums: nothing may be added or read after it."""
        if not self._sums:
            return self.value()
        return tuple(total.div_(lift(self._weights.to(total), total[0])) for total in self._sums)


def _weighted(row: Tensor, weights: Tensor) -> Tensor:
    """The weighted sum of rows (T, R, ...) of one example, (T, 1, ...)."""
    total: Tensor = torch.matmul(weights.to(row), row.flatten(2))
    return total.reshape(row.shape[0], 1, *row.shape[2:])


def _no_rows(probe: Probe, tensor: Tensor) -> Tensor:
    return tensor.new_zeros(probe.targets, *tensor.shape)
