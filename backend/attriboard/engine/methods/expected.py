"""Methods that average over a distribution of baselines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from attriboard.engine import noise
from attriboard.engine.methods.base import Method
from attriboard.engine.methods.gradient import RunningMean
from attriboard.engine.parameters import param
from attriboard.engine.pools import shared
from attriboard.engine.probe import Probe
from attriboard.engine.stopping import ERROR, Spread, Stage, Stopping, tolerance_param
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
    tolerance: float | None = tolerance_param(ERROR)

    def __call__(self, probe: Probe) -> Tensors:
        mean, spread = RunningMean(probe), Spread(probe)
        stopping = Stopping(probe, self.tolerance, self.n_samples, ERROR)
        for stage in stopping.stages():
            own = RunningMean(stage.probe) if stopping.wanted else None
            for k, n, rows in self._rows(stage):
                mean.add_rows(rows, stage.examples[n], torch.ones(len(n)))
                if own is not None:
                    own.add_rows(rows, n, torch.ones(len(n)))
                done = stage.done(k, n)
                if 0 < done < self.n_samples:
                    probe.show(mean.value, done, self.n_samples)
            if own is not None:
                spread.add(own.finished(), stage.examples)
                stopping.judge(stage, spread.errors(), mean.value)
        return stopping.result(mean.finished())

    def _rows(self, stage: Stage) -> Iterator[tuple[Tensor, Tensor, Tensors]]:
        """(k, n, what each row adds) of a stage's samples, block by block."""
        probe = stage.probe
        draws = _Draws(probe, self.n_samples, noise.around(probe, self.stdevs), stage.start)
        for seen in probe.observe(draws.points, stage.steps):
            rows = seen.gradients
            if self.multiply_by_inputs:
                spans = draws.spans(seen.k, seen.n)
                rows = tuple((x - b) * g for (b, x), g in zip(spans, rows, strict=True))
            yield seen.k, seen.n, rows

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return self.n_samples


class _Draws:
    """What each sample drew: a row of the pool, a place between it and the input, noise.

    Sample k is draw `first` + k.
    """

    def __init__(self, probe: Probe, samples: int, source: noise.Noise, first: int = 0) -> None:
        self._probe, self._noise = probe, source
        self._pool = probe.pool or shared(probe.baseline)
        generator = probe.generator(2)
        rows = torch.randint(self._pool.count, (samples,), generator=generator)
        places = torch.rand(samples, generator=generator, dtype=torch.float64)
        self._first, self._row, self._place = first, rows[first:], places[first:]
        self._kept: tuple[Tensor, list[tuple[Tensor, Tensor]]] | None = None

    def spans(self, k: Tensor, n: Tensor) -> list[tuple[Tensor, Tensor]]:
        """(baseline, noisy input) of samples `k` for examples `n`, per input."""
        if self._kept is None or self._kept[0] is not k:  # a block asks twice
            self._kept = k, self._spans(k, n)
        return self._kept[1]

    def _spans(self, k: Tensor, n: Tensor) -> list[tuple[Tensor, Tensor]]:
        low, high = self._pool.look(self._row[k], n), look(self._probe.point, n)
        if any(self._noise.stdevs):
            high = tuple(
                x + e for x, e in zip(high, self._noise.rows(k + self._first), strict=True)
            )
        return list(zip(low, high, strict=True))

    def points(self, k: Tensor, n: Tensor) -> Tensors:
        """The rows for samples `k` of examples `n`."""
        place = self._place[k]
        return tuple(torch.lerp(b, x, lift(place.to(x), x)) for b, x in self.spans(k, n))
