"""Methods over a method: the same attribution on noisy copies of the input, combined."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Tensor

from attriboard.engine import noise
from attriboard.engine.errors import Unsupported
from attriboard.engine.features import Features
from attriboard.engine.methods.base import Method
from attriboard.engine.methods.gradient import Saliency
from attriboard.engine.parameters import param
from attriboard.engine.planner import SECONDS
from attriboard.engine.probe import Probe
from attriboard.engine.sites import Layer, Neuron, rooted
from attriboard.engine.stopping import ERROR, Spread, Stage, Stopping, tolerance_param
from attriboard.engine.tensors import Tensors, lift

ROWS = 256
"""Noisy copies explained at once: enough to fill a block, few enough to keep in memory."""

LEAST_ROWS = 16
BYTES = 1 << 24
"""Bytes that these copies may take, where that is more than LEAST_ROWS of them."""

FIRST = 4
"""Draws until the first partial result."""


@dataclass(frozen=True)
class Smoothed(Method):
    """What SmoothGrad and its kin share: n_samples noisy copies of the inputs.

    Where a layer is explained, it is read anew at each noisy copy.
    """

    family = "combined"
    progressive = True
    squares: ClassVar[bool] = True
    """Whether the squares of attributions are wanted."""

    method: Method = param(Saliency(), "The method that is smoothed.")
    n_samples: int = param(25, "Noisy copies.", minimum=1, maximum=10_000)
    stdevs: float | tuple[float, ...] = param(
        0.1, "Standard deviation of the noise, in the input's units; per input if several."
    )

    tolerance: float | None = tolerance_param(ERROR)

    def __call__(self, probe: Probe) -> Tensors:
        cost = self.method.passes(probe.features.count if probe.features else 1)
        stopping = Stopping(probe, self.tolerance, self.n_samples, ERROR, cost)
        moments, spread = Moments(probe), Spread(probe)

        def attributions() -> Tensors:
            return self._combined(moments)

        for stage in stopping.stages():
            own = Moments(stage.probe)
            for draws in _shares(stage):
                sums = self._totals(stage.probe, draws)
                moments.add(sums, stage.examples, len(draws))
                if stopping.wanted:  # each adds up in its own memory
                    copies = tuple(tuple(part.clone() for part in power) for power in sums)
                    own.add(copies, torch.arange(stage.probe.count), len(draws))
                done = int(draws[-1]) + 1
                if done < self.n_samples:
                    probe.show(attributions, done, self.n_samples)
            if stopping.wanted:
                spread.add(self._combined(own), stage.examples)
                stopping.judge(stage, spread.errors(), attributions)
        return stopping.result(attributions())

    @abstractmethod
    def combine(self, means: Tensors) -> Tensor:
        """The result from the mean attribution and, where `squares`, the mean of its square."""

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

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return self.n_samples * self.method.passes(features, baselines)

    def sizes(self, features: Features | None, like: Tensors) -> Tensors | None:
        return self.method.sizes(features, like)

    def _totals(self, probe: Probe, draws: Tensor) -> tuple[Tensors, ...]:
        """The sum of attributions, and that of their squares, over the draws, each (T, N, ...)."""
        source = noise.around(probe, self.stdevs)
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
        first = tuple(a.sum(1) for a in parts)
        return (first, tuple(a.square().sum(1) for a in parts)) if self.squares else (first,)

    def _combined(self, moments: Moments) -> Tensors:
        return tuple(self.combine(means) for means in moments.means())


class Moments:
    """Sums over draws of attributions, and of their squares where they are given."""

    def __init__(self, probe: Probe) -> None:
        self._shape = (probe.targets, probe.count)
        self._count = torch.zeros(probe.count)
        self._sums: tuple[Tensors, ...] = ()

    def add(self, sums: tuple[Tensors, ...], examples: Tensor, draws: int) -> None:
        """Sums over `draws` draws of `examples`, each (T, A, ...)."""
        self._count[examples] += draws
        if not self._sums and len(examples) == self._shape[1]:
            self._sums = sums
            return
        if not self._sums:
            self._sums = tuple(tuple(map(self._nothing, power)) for power in sums)
        for totals, parts in zip(self._sums, sums, strict=True):
            for total, part in zip(totals, parts, strict=True):
                total.index_add_(1, examples.to(total.device), part)

    def means(self) -> list[Tensors]:
        """Per tensor the mean attribution, and the mean of its square, (T, N, ...)."""
        return [
            tuple(total / lift(self._count.to(total), total[0]) for total in totals)
            for totals in zip(*self._sums, strict=True)
        ]

    def _nothing(self, like: Tensor) -> Tensor:
        return like.new_zeros((*self._shape, *like.shape[2:]))


def _shares(stage: Stage) -> Iterator[Tensor]:
    """The stage's draws, as many at a time as memory takes, or fewer for the sake of partials."""
    row = sum(x[:1].nbytes for x in stage.probe.point)
    rows = min(ROWS, max(LEAST_ROWS, BYTES // max(1, row)))
    most = max(1, rows // max(1, stage.probe.count))
    watched = stage.probe.run.partial is not None
    share, start = most, stage.start
    if watched:
        share = min(most, FIRST)
    while start < stage.end:
        watch = time.perf_counter()
        end = min(start + share, stage.end)
        yield torch.arange(start, end)
        if watched:
            pace = (time.perf_counter() - watch) / (end - start)
            share = max(1, min(most, int(SECONDS / max(pace, 1e-9))))
        start = end


@dataclass(frozen=True)
class SmoothGrad(Smoothed):
    """Smilkov et al. 2017, https://arxiv.org/abs/1706.03825, section 3."""

    title = "SmoothGrad"
    summary = "The mean attribution over noisy copies of the input: less visual noise."
    formula = "E[A(x + e)]"
    citation = "Smilkov et al. 2017, arXiv:1706.03825"

    squares = False

    def combine(self, means: Tensors) -> Tensor:
        return means[0]


@dataclass(frozen=True)
class SmoothGradSquare(Smoothed):
    """Hooker et al. 2019, https://arxiv.org/abs/1806.10758, section 2."""

    title = "SmoothGrad squared"
    summary = "The mean squared attribution over noisy copies of the input."
    formula = "E[A(x + e)^2]"
    citation = "Hooker et al. 2019, arXiv:1806.10758"

    def combine(self, means: Tensors) -> Tensor:
        return means[1]


@dataclass(frozen=True)
class VarGrad(Smoothed):
    """Adebayo et al. 2018, https://arxiv.org/abs/1810.03307, section 2."""

    title = "VarGrad"
    summary = "How much the attribution varies over noisy copies of the input."
    formula = "E[A(x + e)^2] - E[A(x + e)]^2"
    citation = "Adebayo et al. 2018, arXiv:1810.03307"

    def combine(self, means: Tensors) -> Tensor:
        mean, square = means
        return (square - mean.square()).clamp(min=0)
