"""Shapley values: exact over every coalition, or sampled along random orders of the features."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from attriboard.engine.coalitions import (
    Design,
    coalition_points,
    coalition_values,
    features_of,
    paint,
)
from attriboard.engine.errors import InvalidInput
from attriboard.engine.features import Features
from attriboard.engine.methods.base import Method
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors

MOST_FEATURES = 20
"""Beyond a million coalitions nobody waits for an exact answer."""


@dataclass(frozen=True)
class ShapleyValues(Method):
    """Shapley 1953, "A value for n-person games"; Castro et al. 2009 for this form."""

    title = "Shapley values"
    family = "perturbation"
    summary = "Each feature's mean effect over every coalition of the others: exact, and fair."
    formula = "sum_S |S|! (G - |S| - 1)! / G! * (f(S + i) - f(S))"
    citation = "Shapley 1953, doi:10.1515/9781400881970-018"
    complete = True
    needs_gradient = False
    uses_features = True

    def __call__(self, probe: Probe) -> Tensors:
        features = features_of(probe)
        self.check_features(features.count)
        values = coalition_values(probe, features, _every(features.count), 2**features.count)
        return paint(_weighted(values, features.count), features, probe.point)

    def passes(self, features: int = 1) -> int:
        return 1 << min(features, MOST_FEATURES)

    def check_features(self, count: int) -> None:
        if count > MOST_FEATURES:
            raise InvalidInput(
                f"Exact Shapley values of {count} features need 2^{count} passes: group them into "
                f"at most {MOST_FEATURES} features, or use ShapleyValueSampling or KernelShap.",
                "features",
            )


@dataclass(frozen=True)
class ShapleyValueSampling(Method):
    """Castro et al. 2009, https://doi.org/10.1016/j.cor.2008.04.004, section 3.

    Features join one by one in random orders, drawn once for all examples; the scores of nobody
    and of everybody are shared by all orders, so every order adds up to f(x) - f(b).
    """

    title = "Shapley value sampling"
    family = "perturbation"
    summary = "Each feature's mean effect when features join in random orders."
    formula = "mean over orders of f(before + i) - f(before)"
    citation = "Castro et al. 2009, doi:10.1016/j.cor.2008.04.004"
    complete = True
    needs_gradient = False
    uses_features = True
    progressive = True

    n_samples: int = param(25, "Random orders.", minimum=1, maximum=100_000)
    antithetic: bool = param(False, "Pair each order with its reverse, which lowers the variance.")

    def __call__(self, probe: Probe) -> Tensors:
        features = features_of(probe)
        count = features.count
        ranks = _ranks(probe, count, self.n_samples, self.antithetic)

        def prefix(k: Tensor) -> Tensor:
            inner = (k - 2).clamp(min=0)
            order, size = inner // max(1, count - 1), inner % max(1, count - 1) + 1
            size = torch.where(k == 0, 0, torch.where(k == 1, count, size))
            return ranks[order] < size[:, None]

        chains = _Chains(probe, features, ranks)
        total = 2 + self.n_samples * (count - 1)
        for k, n, scores in probe.stream(coalition_points(probe, features, prefix), total):
            chains.add(k, n, scores)
            done = chains.orders(k, n)
            if 0 < done < self.n_samples:
                probe.show(lambda d=done: chains.value(d), done, self.n_samples)  # type: ignore[misc]
        return chains.value(self.n_samples)

    def passes(self, features: int = 1) -> int:
        return 2 + self.n_samples * (features - 1)


class _Chains:
    """The scores along each order, from nobody to everybody."""

    def __init__(self, probe: Probe, features: Features, ranks: Tensor) -> None:
        self._probe, self._features, self._ranks = probe, features, ranks
        self._parts: list[Tensor] = []

    def add(self, k: Tensor, n: Tensor, scores: Tensor) -> None:
        self._parts.append(scores)

    def orders(self, k: Tensor, n: Tensor) -> int:
        """Orders finished for every example, after the block that ended with (k, n)."""
        coalitions = int(k[-1]) + (int(n[-1]) + 1 == self._probe.count)
        return max(0, coalitions - 2) // max(1, self._features.count - 1)

    def value(self, orders: int) -> Tensors:
        """The mean effect of each feature over the first `orders` orders."""
        count, examples = self._features.count, self._probe.count
        if not self._parts:
            return tuple(x.new_zeros(self._probe.targets, *x.shape) for x in self._probe.point)
        needed = (2 + orders * (count - 1)) * examples
        flat = torch.cat(self._parts)
        self._parts = [flat]
        scores = flat[:needed].reshape(-1, examples, flat.shape[1])
        ends = scores[:2, None].expand(2, orders, *scores.shape[1:])
        inner = scores[2:].reshape(orders, count - 1, *scores.shape[1:])
        chain = torch.cat([ends[0][:, None], inner, ends[1][:, None]], 1)
        effects = chain.diff(dim=1)  # (orders, G, N, T), by place in the order
        ranks = self._ranks[:orders].to(effects.device)
        by_feature = effects.gather(1, ranks[:, :, None, None].expand_as(effects))
        return paint(by_feature.mean(0), self._features, self._probe.point)


def _ranks(probe: Probe, count: int, samples: int, antithetic: bool) -> Tensor:
    """(samples, G): the place of each feature in each random order."""
    generator = probe.generator(3)
    drawn = (samples + 1) // 2 if antithetic else samples
    orders = torch.stack([torch.randperm(count, generator=generator) for _ in range(drawn)])
    ranks = orders.argsort(1)
    if antithetic:
        ranks = torch.stack([ranks, count - 1 - ranks], 1).flatten(0, 1)[:samples]
    return ranks


def _every(count: int) -> Design:
    bits = torch.arange(count)
    return lambda k: (k[:, None] >> bits) & 1 == 1


def _weighted(values: Tensor, count: int) -> Tensor:
    """(2^G, N, T) -> (G, N, T): the Shapley weights of every coalition, feature by feature."""
    k = torch.arange(len(values))
    size = ((k[:, None] >> torch.arange(count)) & 1).sum(1).double()
    log = torch.lgamma
    total = log(torch.tensor(count + 1.0, dtype=torch.float64))
    joined = torch.exp(log(size) + log(count - size + 1) - total)  # (s - 1)! (G - s)! / G!
    apart = torch.exp(log(size + 1) + log(count - size) - total)  # s! (G - s - 1)! / G!
    flat = values.double().flatten(1)
    result = []
    for i in range(count):
        kept = ((k >> i) & 1 == 1).to(flat.device)
        weight = torch.where(kept, joined.to(flat.device), -apart.to(flat.device))
        result.append(weight @ flat)
    return torch.stack(result).reshape(count, *values.shape[1:]).to(values.dtype)
