"""DeepLift, from one baseline or on average over a distribution of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from attriboard.engine.methods.base import Method
from attriboard.engine.methods.gradient import RunningMean, at_point
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.rules.deep_lift import DeepLiftRules
from attriboard.engine.tensors import Tensors, take


@dataclass(frozen=True)
class DeepLift(Method):
    """Shrikumar et al. 2017, https://arxiv.org/abs/1704.02685, the rescale rule (section 3.5.1)."""

    title = "DeepLIFT"
    family = "rules"
    summary = "What each input's change from the baseline did to the score; adds up to it."
    formula = "(x - b) * m, with df/dx taken as delta out / delta in at each operation"
    citation = "Shrikumar et al. 2017, arXiv:1704.02685"
    complete = True

    multiply_by_inputs: bool = param(
        True, "Global attributions, which add up; off gives the multipliers."
    )

    def __call__(self, probe: Probe) -> Tensors:
        _, multipliers = at_point(_ruled(probe))
        if not self.multiply_by_inputs:
            return multipliers
        ends = zip(probe.point, probe.baseline, multipliers, strict=True)
        return tuple((x - b) * m for x, b, m in ends)

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        """The baseline's and the input's."""
        return 2


@dataclass(frozen=True)
class DeepLiftShap(Method):
    """Lundberg and Lee 2017, https://arxiv.org/abs/1705.07874, Deep SHAP (section 4.2).

    DeepLift from every row of the distribution of baselines, averaged: attributions sum to
    f(x) minus the mean score of the distribution.
    """

    title = "DeepLIFT SHAP"
    family = "rules"
    summary = "DeepLIFT from every row of a set of baselines, averaged."
    formula = "mean over b of (x - b) * m(x, b)"
    citation = "Lundberg and Lee 2017, arXiv:1705.07874"
    complete = True
    pooled = True
    progressive = True

    multiply_by_inputs: bool = param(
        True, "Global attributions, which add up; off gives the mean multipliers."
    )

    def __call__(self, probe: Probe) -> Tensors:
        pool = probe.pool
        count = pool.count if pool is not None else 1

        def baselines(k: Tensor, n: Tensor) -> Tensors:
            return take(probe.baseline, n) if pool is None else pool.take(k, n)

        mean = RunningMean(probe)
        for seen in _ruled(probe).observe(probe.at_point, count, baselines):
            rows = seen.gradients
            if self.multiply_by_inputs:
                low = baselines(seen.k, seen.n)
                ends = zip(seen.activations, low, rows, strict=True)
                rows = tuple((x - b) * m for x, b, m in ends)
            mean.add_rows(rows, seen.n, torch.ones(len(seen.k)))
            done = int(seen.k[-1]) + (int(seen.n[-1]) + 1 == probe.count)
            if 0 < done < count:
                probe.show(mean.value, done, count)
        return mean.finished()

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        """As `DeepLift`, for each row of the distribution."""
        return 2 * baselines


def _ruled(probe: Probe) -> Probe:
    return replace(probe, rules=DeepLiftRules(probe.run.warn))
