"""Methods that average over a distribution of baselines."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from attriboard.engine import noise
from attriboard.engine.methods.base import Method
from attriboard.engine.methods.gradient import RunningMean
from attriboard.engine.parameters import param
from attriboard.engine.pools import shared
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors, lift, look


@dataclass(frozen=True)
class GradientShap(Method):
    """Lundberg and Lee 2017; Erion et al. 2021, https://arxiv.org/abs/1906.10670, equation 2.

    Sample s draws a baseline row, a place on its path and noise; row m of every input's
    distribution is drawn together, so that modalities stay aligned. All examples share draws.
    """

    title = "GradientSHAP"
    family = "gradient"
    summary = "Gradients at random places between noisy inputs and random baselines."
    formula = "mean over (b, alpha, e) of (x + e - b) * df(b + alpha (x + e - b))/dx"
    citation = "Erion et al. 2021, arXiv:1906.10670"
    pooled = True
    progressive = True

    n_samples: int = param(25, "Random draws.", minimum=1, maximum=10_000)
    stdevs: float | tuple[float, ...] = param(
        0.0, "Standard deviation of noise added to the input; per input if several."
    )
    multiply_by_inputs: bool = param(True, "Off gives the mean gradient.")

    def __call__(self, probe: Probe) -> Tensors:
        draws = _Draws(probe, self.n_samples, noise.around(probe, self.stdevs))
        mean = RunningMean(probe)
        for seen in probe.observe(draws.points, self.n_samples):
            rows = seen.gradients
            if self.multiply_by_inputs:
                spans = draws.spans(seen.k, seen.n)
                rows = tuple((x - b) * g for (b, x), g in zip(spans, rows, strict=True))
            mean.add_rows(rows, seen.n, torch.ones(len(seen.k)))
            done = int(seen.k[-1]) + (int(seen.n[-1]) + 1 == probe.count)
            if 0 < done < self.n_samples:
                probe.show(mean.value, done, self.n_samples)
        return mean.value()

    def passes(self, features: int = 1) -> int:
        return self.n_samples


class _Draws:
    """What each sample drew: a row of the pool, a place between it and the input, noise."""

    def __init__(self, probe: Probe, samples: int, source: noise.Noise) -> None:
        self._probe, self._noise = probe, source
        self._pool = probe.pool or shared(probe.baseline)
        generator = probe.generator(2)
        self._row = torch.randint(self._pool.count, (samples,), generator=generator)
        self._place = torch.rand(samples, generator=generator, dtype=torch.float64)
        self._kept: tuple[Tensor, list[tuple[Tensor, Tensor]]] | None = None

    def spans(self, k: Tensor, n: Tensor) -> list[tuple[Tensor, Tensor]]:
        """(baseline, noisy input) of samples `k` for examples `n`, per input."""
        if self._kept is None or self._kept[0] is not k:  # a block asks twice
            self._kept = k, self._spans(k, n)
        return self._kept[1]

    def _spans(self, k: Tensor, n: Tensor) -> list[tuple[Tensor, Tensor]]:
        low, high = self._pool.look(self._row[k], n), look(self._probe.point, n)
        if any(self._noise.stdevs):
            high = tuple(x + e for x, e in zip(high, self._noise.rows(k), strict=True))
        return list(zip(low, high, strict=True))

    def points(self, k: Tensor, n: Tensor) -> Tensors:
        """The rows for samples `k` of examples `n`."""
        place = self._place[k]
        return tuple(torch.lerp(b, x, lift(place.to(x), x)) for b, x in self.spans(k, n))
