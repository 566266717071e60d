"""Methods over a method: the same attribution on noisy copies of the input, combined."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from attriboard.engine import noise
from attriboard.engine.errors import Unsupported
from attriboard.engine.methods.base import Method
from attriboard.engine.methods.gradient import Saliency
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.sites import Layer, Neuron, rooted
from attriboard.engine.tensors import Tensors

ROWS = 256
"""Noisy copies explained at once: enough to fill a block, few enough to keep in memory."""


@dataclass(frozen=True)
class Smoothed(Method):
    """What SmoothGrad and its kin share: n_samples noisy copies of the inputs.

    Where a layer is explained, it is read anew at each noisy copy.
    """

    family = "combined"
    progressive = True

    method: Method = param(Saliency(), "The method that is smoothed.")
    n_samples: int = param(25, "Noisy copies.", minimum=1, maximum=10_000)
    stdevs: float | tuple[float, ...] = param(
        0.1, "Standard deviation of the noise, in the input's units; per input if several."
    )

    def __call__(self, probe: Probe) -> Tensors:
        source = noise.around(probe, self.stdevs)
        share = max(1, ROWS // max(1, probe.count))
        sums: list[Tensors] = []
        for start in range(0, self.n_samples, share):
            draws = torch.arange(start, min(start + share, self.n_samples))
            sums = _added(sums, self._moments(probe, source, draws))
            done = int(draws[-1]) + 1
            if done < self.n_samples:
                probe.show(lambda s=sums, d=done: self._combined(s, d), done, self.n_samples)  # type: ignore[misc]
        return self._combined(sums, self.n_samples)

    @abstractmethod
    def combine(self, mean: Tensor, square: Tensor) -> Tensor:
        """The result from the mean attribution and the mean of its square."""

    def at(self, probe: Probe, layer: Layer | None, neuron: Neuron | None) -> Probe:
        if layer is None or neuron is not None:
            return self.method.at(probe, layer, neuron)

        def settle(moved: Probe) -> Probe:
            if moved.features is not None:
                raise Unsupported(f"{self.title} takes no features at a layer: leave them out.")
            return self.method.at(rooted(moved), layer, None)

        return replace(self.reaching(probe), finish=probe.finish, settle=settle)

    def wants_gradient(self) -> bool:
        return self.method.wants_gradient()

    def wants_target(self) -> bool:
        return self.method.wants_target()

    def wants_features(self) -> bool:
        return self.method.wants_features()

    def passes(self, features: int = 1) -> int:
        return self.n_samples * self.method.passes(features)

    def _moments(self, probe: Probe, source: noise.Noise, draws: Tensor) -> list[Tensors]:
        """[sum of attributions, sum of their squares] over the draws, each (T, N, ...)."""
        origin = torch.arange(probe.count).repeat(len(draws))
        point = tuple(
            (x + e[:, None]).flatten(0, 1)
            for x, e in zip(probe.point, source.rows(draws), strict=True)
        )
        moved = probe.moved(point, origin)
        parts = tuple(
            a.unflatten(1, (len(draws), probe.count))
            for a in self.method(probe.settle(moved) if probe.settle else moved)
        )
        return [tuple(a.sum(1) for a in parts), tuple(a.square().sum(1) for a in parts)]

    def _combined(self, sums: list[Tensors], count: int) -> Tensors:
        return tuple(self.combine(a / count, b / count) for a, b in zip(*sums, strict=True))


@dataclass(frozen=True)
class SmoothGrad(Smoothed):
    """Smilkov et al. 2017, https://arxiv.org/abs/1706.03825, section 3."""

    title = "SmoothGrad"
    summary = "The mean attribution over noisy copies of the input: less visual noise."
    formula = "E[A(x + e)]"
    citation = "Smilkov et al. 2017, arXiv:1706.03825"

    def combine(self, mean: Tensor, square: Tensor) -> Tensor:
        return mean


@dataclass(frozen=True)
class SmoothGradSquare(Smoothed):
    """Hooker et al. 2019, https://arxiv.org/abs/1806.10758, section 2."""

    title = "SmoothGrad squared"
    summary = "The mean squared attribution over noisy copies of the input."
    formula = "E[A(x + e)^2]"
    citation = "Hooker et al. 2019, arXiv:1806.10758"

    def combine(self, mean: Tensor, square: Tensor) -> Tensor:
        return square


@dataclass(frozen=True)
class VarGrad(Smoothed):
    """Adebayo et al. 2018, https://arxiv.org/abs/1810.03307, section 2."""

    title = "VarGrad"
    summary = "How much the attribution varies over noisy copies of the input."
    formula = "E[A(x + e)^2] - E[A(x + e)]^2"
    citation = "Adebayo et al. 2018, arXiv:1810.03307"

    def combine(self, mean: Tensor, square: Tensor) -> Tensor:
        return (square - mean.square()).clamp(min=0)


def _added(sums: list[Tensors], more: list[Tensors]) -> list[Tensors]:
    if not sums:
        return more
    pairs = zip(sums, more, strict=True)
    return [tuple(a + b for a, b in zip(old, new, strict=True)) for old, new in pairs]
