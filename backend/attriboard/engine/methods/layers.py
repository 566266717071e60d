"""Methods that are about a layer by nature: they read it while the inputs move."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from attriboard.engine import paths
from attriboard.engine.methods.base import Method
from attriboard.engine.methods.gradient import (
    PathMethod,
    at_point,
    path,
    path_gradient,
    path_points,
)
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.sites import Layer, Neuron, activations, observed, through
from attriboard.engine.tensors import Tensors, copied


@dataclass(frozen=True)
class LayerActivation(Method):
    """What the layer computes; no attribution, but the ground others stand on."""

    title = "Layer activation"
    family = "layer"
    summary = "The layer's activation itself, the same for every target."
    formula = "a(x)"
    citation = "Zeiler and Fergus 2013, arXiv:1311.2901"
    needs_gradient = False
    needs_target = False
    uses_baseline = False
    places = ("layer",)

    def at(self, probe: Probe, layer: Layer | None, neuron: Neuron | None) -> Probe:
        assert layer is not None
        read = activations(probe, layer, probe.point)
        return replace(probe, point=read, baseline=read, features=None)

    def __call__(self, probe: Probe) -> Tensors:
        return tuple(a.expand(probe.targets, *a.shape).clone() for a in probe.point)


@dataclass(frozen=True)
class LayerGradientXActivation(Method):
    """Ancona et al. 2018, https://arxiv.org/abs/1711.06104, gradient * input, at a layer."""

    title = "Layer gradient x activation"
    family = "layer"
    summary = "The layer's activation times the gradient there."
    formula = "a * df/da"
    citation = "Ancona et al. 2018, arXiv:1711.06104"
    uses_baseline = False
    places = ("layer",)

    multiply_by_inputs: bool = param(True, "Off gives the plain gradient at the layer.")

    def at(self, probe: Probe, layer: Layer | None, neuron: Neuron | None) -> Probe:
        return _observed(self, probe, layer)

    def __call__(self, probe: Probe) -> Tensors:
        read, gradients = at_point(probe)
        if not self.multiply_by_inputs:
            return gradients
        return tuple(a * g for a, g in zip(read, gradients, strict=True))


@dataclass(frozen=True)
class InternalInfluence(Method):
    """Leino et al. 2018, https://arxiv.org/abs/1802.03788, definition 1."""

    title = "Internal influence"
    family = "layer"
    summary = "The gradient at the layer, averaged while the inputs move from the baseline."
    formula = "sum_k w_k df/da at b + alpha_k (x - b)"
    citation = "Leino et al. 2018, arXiv:1802.03788"
    progressive = True
    places = ("layer",)

    n_steps: int = param(50, "Points on the path; more are more exact.", minimum=1, maximum=10_000)
    method: paths.Quadrature = param("gausslegendre", "How the path's integral is approximated.")

    def at(self, probe: Probe, layer: Layer | None, neuron: Neuron | None) -> Probe:
        return _observed(self, probe, layer)

    def __call__(self, probe: Probe) -> Tensors:
        return path_gradient(probe, path(self.method, self.n_steps), multiply=False)

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return self.n_steps


@dataclass(frozen=True)
class LayerConductance(Method):
    """Dhamdhere et al. 2018, https://arxiv.org/abs/1805.12233, equation 3, summed over inputs.

    The path's integral is a sum of the layer's own steps between n_steps + 1 points, each with
    the gradient at the step's start (Shrikumar et al. 2018, arXiv:1807.09946).
    """

    title = "Layer conductance"
    family = "layer"
    summary = "How much of the score's change flows through each unit of the layer."
    formula = "sum_k (a_{k+1} - a_k) * df/da_k"
    citation = "Dhamdhere et al. 2018, arXiv:1805.12233"
    places = ("layer",)

    n_steps: int = param(50, "Points on the path; more are more exact.", minimum=1, maximum=10_000)
    method: paths.Quadrature = param("gausslegendre", "Where on the path the points lie.")

    def at(self, probe: Probe, layer: Layer | None, neuron: Neuron | None) -> Probe:
        return _observed(self, probe, layer)

    def __call__(self, probe: Probe) -> Tensors:
        positions, _ = paths.nodes(self.method, self.n_steps + 1)
        flow = _Flow(probe)
        for seen in probe.observe(path_points(probe, positions), len(positions)):
            flow.add(seen.activations, seen.gradients, seen.n)
        return flow.value()

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return self.n_steps + 1


@dataclass(frozen=True)
class NeuronConductance(PathMethod):
    """Dhamdhere et al. 2018, https://arxiv.org/abs/1805.12233, equation 2."""

    title = "Neuron conductance"
    family = "layer"
    summary = "How much of each input's effect on the score flows through one unit."
    formula = "(x - b) * sum_k w_k df/da * da/dx at b + alpha_k (x - b)"
    citation = "Dhamdhere et al. 2018, arXiv:1805.12233"
    places = ("neuron",)

    def at(self, probe: Probe, layer: Layer | None, neuron: Neuron | None) -> Probe:
        assert layer is not None
        assert neuron is not None
        return through(self.reaching(probe), layer, neuron)


class _Flow:
    """Sums (a_{k+1} - a_k) * g_k from blocks in path order, keeping one point per example."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._tail: tuple[Tensors, Tensors] | None = None
        self._sums: list[Tensor] = []

    def add(self, read: Tensors, gradients: Tensors, n: Tensor) -> None:
        """Add a block; row r follows the row N before it on the same example's path."""
        if self._tail is not None:
            read = tuple(torch.cat(pair) for pair in zip(self._tail[0], read, strict=True))
            gradients = tuple(
                torch.cat(pair, 1) for pair in zip(self._tail[1], gradients, strict=True)
            )
        if not self._sums:
            shape = (self._probe.targets, self._probe.count)
            self._sums = [a.new_zeros(*shape, *a.shape[1:]) for a in read]
        count = self._probe.count
        fresh = len(read[0]) - count
        if fresh > 0:
            for total, a, g in zip(self._sums, read, gradients, strict=True):
                total.index_add_(
                    1, n[-fresh:].to(a.device), (a[count:] - a[:-count]) * g[:, :-count]
                )
        tail = tuple(a[-count:] for a in read), tuple(g[:, -count:] for g in gradients)
        self._tail = copied(tail[0]), copied(tail[1])

    def value(self) -> Tensors:
        """The sums, each (T, N, ...)."""
        return tuple(self._sums)


def _observed(method: Method, probe: Probe, layer: Layer | None) -> Probe:
    assert layer is not None
    return replace(observed(method.reaching(probe), layer), finish=probe.finish)
