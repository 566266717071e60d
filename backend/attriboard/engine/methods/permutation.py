"""Features replaced by those of other examples in the batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from attriboard.engine.coalitions import features_of, paint
from attriboard.engine.errors import InvalidInput
from attriboard.engine.methods.base import Method
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors, take


@dataclass(frozen=True)
class FeaturePermutation(Method):
    """Breiman 2001; Fisher et al. 2019, https://arxiv.org/abs/1801.01489, per example.

    It is about a batch: each feature in turn is shuffled among the examples given, in an order
    drawn for that feature from the seed. The result of an example depends on its companions.
    """

    title = "Feature permutation"
    family = "perturbation"
    summary = "How far the score falls when a feature is taken from another example."
    formula = "f(x) - f(x with feature i of another example)"
    citation = "Fisher et al. 2019, arXiv:1801.01489"
    needs_gradient = False
    uses_baseline = False
    uses_features = True
    least_examples = 2

    def __call__(self, probe: Probe) -> Tensors:
        if probe.count < self.least_examples:
            raise InvalidInput(
                "Feature permutation shuffles features among examples: give at least two.",
                "inputs",
            )
        features = features_of(probe)
        orders = self._orders(probe, features.count)

        def points(k: Tensor, n: Tensor) -> Tensors:
            shuffled = torch.arange(1, features.count + 1) == k[:, None]
            chosen = features.spread(shuffled, n, probe.point)
            there = orders[(k - 1).clamp(min=0), n]
            rows = zip(chosen, take(probe.point, there), take(probe.point, n), strict=True)
            return tuple(torch.where(mask.to(x.device), other, x) for mask, other, x in rows)

        values = probe.values_from_point(points, features.count + 1)
        return paint(values[:1] - values[1:], features, probe.point)

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return features + 1

    def _orders(self, probe: Probe, count: int) -> Tensor:
        """(G, N): whose feature each example gets; an order that moves nobody is drawn again."""
        generator = probe.generator(6)
        return torch.stack([_moving(probe.count, generator) for _ in range(count)])


def _moving(count: int, generator: torch.Generator) -> Tensor:
    still = torch.arange(count)
    while torch.equal(order := torch.randperm(count, generator=generator), still):
        pass
    return order
