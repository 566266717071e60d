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
from attriboard.engine.methods.base import Method
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.stopping import ERROR, Spread, Stage, Stopping, tolerance_param
from attriboard.engine.tensors import Points, Tensors

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

    def passes(self, features: int = 1, baselines: int = 1) -> int:
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
    tolerance: float | None = tolerance_param(ERROR)

    def __call__(self, probe: Probe) -> Tensors:
        features = features_of(probe)
        ranks = _ranks(probe, features.count, self.n_samples, self.antithetic)
        cost = max(1, features.count - 1)
        stopping = Stopping(probe, self.tolerance, self.n_samples, ERROR, cost)
        ends, effects, spread = probe.both_ends(), _Effects(probe, features.count), Spread(probe)

        def attributions() -> Tensors:
            return paint(effects.mean(), features, probe.point)

        for stage in stopping.stages():
            chains = _Chains(stage, ends[:, stage.examples], ranks)
            rows = stage.steps * chains.length
            for _, _, scores in stage.probe.stream(chains.points(), rows):
                effects.add(chains.finished(scores), stage.examples)
                done = stage.start + chains.orders
                if 0 < done < self.n_samples:
                    probe.show(attributions, done, self.n_samples)
            if chains.length == 0:  # a single feature has no coalition between nobody and everybody
                effects.add(chains.finished(ends.new_zeros(0, probe.targets)), stage.examples)
            if stopping.wanted:
                spread.add((chains.mean(),), stage.examples)
                stopping.judge(stage, spread.errors(), attributions)
        return stopping.result(attributions())

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return 2 + self.n_samples * (features - 1)


class _Effects:
    """Sums of every feature's effect over orders, and how many there were, per example."""

    def __init__(self, probe: Probe, features: int) -> None:
        self._count = torch.zeros(probe.count)
        self._total: Tensor | None = None
        self._shape = (features, probe.count, probe.targets)

    def add(self, effects: Tensor, examples: Tensor) -> None:
        """Effects (orders, G, A, T) for A examples."""
        if self._total is None:
            self._total = effects.new_zeros(self._shape)
        self._count[examples] += len(effects)
        self._total.index_add_(1, examples.to(effects.device), effects.sum(0))

    def mean(self) -> Tensor:
        """(G, N, T)."""
        if self._total is None:
            return torch.zeros(self._shape)
        return self._total / self._count.clamp(min=1).to(self._total)[:, None]


class _Chains:
    """The scores along the orders of one stage, from nobody to everybody.

    length: coalitions an order has beside these two. orders: how many are finished.
    """

    def __init__(self, stage: Stage, ends: Tensor, ranks: Tensor) -> None:
        self._probe, self._ends = stage.probe, ends
        self._ranks = ranks[stage.start : stage.end]
        self.length = ranks.shape[1] - 1
        self.orders = 0
        self._rest: list[Tensor] = []
        self._sum: Tensor | None = None

    def points(self) -> Points:
        """The rows of coalition k, order by order."""

        def prefix(k: Tensor) -> Tensor:
            order, size = k // self.length, k % self.length + 1
            return self._ranks[order] < size[:, None]

        return coalition_points(self._probe, features_of(self._probe), prefix)

    def finished(self, scores: Tensor) -> Tensor:
        """The effects (orders, G, A, T) along the orders that `scores`, the next rows, complete."""
        self._rest.append(scores)
        flat = torch.cat(self._rest) if len(self._rest) > 1 else scores
        examples = self._probe.count
        size = self.length * examples
        whole = len(flat) // size if size else len(self._ranks)
        self._rest = [flat[whole * size :]]
        inner = flat[: whole * size].reshape(whole, self.length, examples, flat.shape[1])
        low, high = (end.to(flat).expand(whole, 1, *end.shape) for end in self._ends)
        effects = torch.cat([low, inner, high], 1).diff(dim=1)  # (orders, G, A, T), by rank
        ranks = self._ranks[self.orders : self.orders + whole].to(effects.device)
        by_feature = effects.gather(1, ranks[:, :, None, None].expand_as(effects))
        self.orders += whole
        self._sum = by_feature.sum(0) if self._sum is None else self._sum + by_feature.sum(0)
        return by_feature

    def mean(self) -> Tensor:
        """The stage's own mean effects, (T, A, G)."""
        assert self._sum is not None
        return self._sum.permute(2, 1, 0) / max(1, self.orders)


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
