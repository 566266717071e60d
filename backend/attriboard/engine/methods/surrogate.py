"""Methods that fit a linear model to the scores of random coalitions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from attriboard.engine.coalitions import coalition_points, coalition_values, features_of, paint
from attriboard.engine.errors import InvalidInput
from attriboard.engine.features import Features
from attriboard.engine.methods.base import Method
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.regression import lasso, least_squares, ridge
from attriboard.engine.stopping import ERROR, Stopping, tolerance_param
from attriboard.engine.tensors import Tensors

_EPS = 1e-8  # torch.cosine_similarity's, so that a row of zeros is at distance one


@dataclass(frozen=True)
class KernelShap(Method):
    """Lundberg and Lee 2017, https://arxiv.org/abs/1705.07874, section 4.1.

    Least squares over coalitions drawn by the Shapley kernel, held to f(x) and f(b) at its ends.
    Where all coalitions are at most n_samples, each is used once and the values are exact.
    """

    title = "KernelSHAP"
    family = "perturbation"
    summary = "Shapley values by a linear fit to the scores of random coalitions of features."
    formula = "argmin_phi sum_z (f(z) - f(b) - z phi)^2, sum phi = f(x) - f(b)"
    citation = "Lundberg and Lee 2017, arXiv:1705.07874"
    complete = True
    needs_gradient = False
    uses_features = True
    progressive = True

    n_samples: int = param(200, "Coalitions, beside nobody and everybody.", minimum=1)
    paired: bool = param(True, "Draw each coalition with its complement: lowers the variance.")
    tolerance: float | None = tolerance_param(ERROR)

    def __call__(self, probe: Probe) -> Tensors:
        features = features_of(probe)
        masks, weights = self._design(probe, features.count)
        drawn = (1 << min(features.count, 60)) - 2 > self.n_samples
        tolerance = self.tolerance if drawn else None  # over every coalition there is no error
        least = 2 * features.count
        stopping = Stopping(probe, tolerance, len(masks), ERROR, first=2 * least)
        fit = _Anchored(probe, masks, weights)

        def attributions() -> Tensors:
            return paint(fit.solved(), features, probe.point)

        for stage in stopping.stages():
            own = masks[stage.start : stage.end]
            points = coalition_points(stage.probe, features_of(stage.probe), lambda k, m=own: m[k])  # type: ignore[misc]
            for k, n, scores in stage.probe.stream(points, stage.steps):
                fit.add(stage.start + k, stage.examples[n], scores)
                done = stage.done(k, n)
                if least <= done < len(masks):
                    fit.used = done
                    probe.show(attributions, done, len(masks))
            fit.used = stage.end
            if stopping.wanted:
                stopping.judge(stage, fit.errors(2 if self.paired else 1), attributions)
        return stopping.result(attributions())

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return 2 + min(self.n_samples, (1 << min(features, 60)) - 2)

    def _design(self, probe: Probe, count: int) -> tuple[Tensor, Tensor]:
        """Coalitions (K, G) that are neither empty nor full, and the weight of each (K,)."""
        if count == 1:
            return torch.zeros(0, 1, dtype=torch.bool), torch.zeros(0, dtype=torch.float64)
        if count < 30 and 2**count - 2 <= self.n_samples:
            return _enumerated(count)
        if self.n_samples < count:
            raise InvalidInput(
                f"KernelSHAP needs at least as many samples as features: {count} features, "
                f"n_samples is {self.n_samples}. Raise n_samples to {2 * count} or more, or use "
                "coarser features.",
                "method.params.n_samples",
            )
        return _drawn(probe, count, self.n_samples, self.paired)


@dataclass(frozen=True)
class Lime(Method):
    """Ribeiro et al. 2016, https://arxiv.org/abs/1602.04938, algorithm 1."""

    title = "LIME"
    family = "perturbation"
    summary = "A sparse linear model fitted to the scores of coalitions near the example."
    formula = "argmin_phi sum_z exp(-d(x, z)^2 / (2 w^2)) (f(z) - c - z phi)^2 + penalty(phi)"
    citation = "Ribeiro et al. 2016, arXiv:1602.04938"
    needs_gradient = False
    uses_features = True

    n_samples: int = param(200, "Random coalitions.", minimum=2, maximum=1_000_000)
    alpha: float = param(0.01, "Strength of the penalty.", minimum=0)
    penalty: Literal["lasso", "ridge"] = param("lasso", "Lasso sets weak features to zero.")
    distance: Literal["cosine", "euclidean", "coalition"] = param(
        "cosine", "How near is measured: between inputs, or by the share of absent features."
    )
    kernel_width: float = param(1.0, "The width w of the kernel of distances.", minimum=1e-9)

    def __call__(self, probe: Probe) -> Tensors:
        features = features_of(probe)
        generator = probe.generator(4)
        masks = torch.randint(0, 2, (self.n_samples, features.count), generator=generator) == 1
        values = coalition_values(probe, features, lambda k: masks[k], self.n_samples)
        weights = self._weights(probe, features, masks)
        solve = lasso if self.penalty == "lasso" else ridge
        return paint(solve(masks, weights, values, self.alpha), features, probe.point)

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return self.n_samples

    def _weights(self, probe: Probe, features: Features, masks: Tensor) -> Tensor:
        """(K, N): how near each coalition's row is to its example."""
        if self.distance == "coalition":
            apart = 1 - masks.double().mean(1, keepdim=True).expand(-1, probe.count)
        else:
            apart = self._apart(probe, features, masks.double())
        return (-apart.square() / (2 * self.kernel_width * self.kernel_width)).exp()

    def _apart(self, probe: Probe, features: Features, z: Tensor) -> Tensor:
        """(K, N). A row's products with itself and with x are sums over its features, kept or not,
        so that no row is built."""
        ends = [(x.double(), b.double()) for x, b in zip(probe.point, probe.baseline, strict=True)]
        if self.distance == "euclidean":
            moved = features.sums(tuple((x - b).square() for x, b in ends)).cpu()
            return ((1 - z) @ moved).clamp(min=0).sqrt()
        xx = features.sums(tuple(x * x for x, _ in ends)).cpu()
        bx = features.sums(tuple(b * x for x, b in ends)).cpu()
        bb = features.sums(tuple(b * b for _, b in ends)).cpu()
        along, own = z @ xx + (1 - z) @ bx, z @ xx + (1 - z) @ bb
        sizes = own.sqrt().clamp(min=_EPS) * xx.sum(0).sqrt().clamp(min=_EPS)
        return 1 - along / sizes


def _enumerated(count: int) -> tuple[Tensor, Tensor]:
    k = torch.arange(1, 2**count - 1)
    masks = (k[:, None] >> torch.arange(count)) & 1 == 1
    size = masks.sum(1).double()
    n = torch.tensor(float(count), dtype=torch.float64)
    log_choose = torch.lgamma(n + 1) - torch.lgamma(size + 1) - torch.lgamma(n - size + 1)
    return masks, torch.exp(-log_choose) * (count - 1) / (size * (count - size))


def _drawn(probe: Probe, count: int, samples: int, paired: bool) -> tuple[Tensor, Tensor]:
    """Coalitions with sizes by the Shapley kernel; drawn so, each weighs the same."""
    generator = probe.generator(5)
    size = torch.arange(1, count, dtype=torch.float64)
    drawn = math.ceil(samples / 2) if paired else samples
    sizes = 1 + torch.multinomial(1 / (size * (count - size)), drawn, True, generator=generator)
    ranks = torch.rand(drawn, count, generator=generator).argsort(1).argsort(1)
    masks = ranks < sizes[:, None]
    if paired:
        masks = torch.stack([masks, ~masks], 1).flatten(0, 1)[:samples]
    return masks, torch.ones(len(masks), dtype=torch.float64)


class _Anchored:
    """The fit that meets f(b) and f(x) exactly: the last feature takes what the others leave.

    used: how many of the coalitions count.
    """

    def __init__(self, probe: Probe, masks: Tensor, weights: Tensor) -> None:
        self._low, self._high = (end.double() for end in probe.both_ends())
        z = masks.to(self._low.device, torch.float64)
        self._x, self._last = z[:, :-1] - z[:, -1:], z[:, -1, None, None]
        self._weights = weights.to(z.device)
        self._type = probe.both_ends().dtype
        self._y = torch.zeros(len(z), *self._low.shape, dtype=torch.float64, device=z.device)
        self.used = len(z)

    def add(self, k: Tensor, n: Tensor, scores: Tensor) -> None:
        """The scores (R, T) of coalitions `k` of examples `n`."""
        self._y[k, n] = scores.to(self._y)

    def solved(self) -> Tensor:
        """(G, N, T)."""
        others = self._others()
        rest = self._high - self._low - others.sum(0)
        return torch.cat([others, rest[None]]).to(self._type)

    def errors(self, together: int) -> Tensor:
        """(T, N): the standard error's size, of the values' size, for draws `together` at a time.

        What each draw moved the solution by, squared and summed: the sandwich form, with residuals
        as they would be had the draw been left out (MacKinnon and White 1985, HC3).
        """
        whole = self.used - self.used % together
        x, weights = self._x[:whole], self._weights[:whole]
        others = self._others()
        left = self._aims()[:whole] - (x @ others.flatten(1)).unflatten(1, others.shape[1:])
        pull = torch.linalg.pinv(x * weights.sqrt()[:, None]) * weights.sqrt()
        own = (x * pull.T).sum(1).unflatten(0, (-1, together)).sum(1).clamp(max=1 - 1e-6)
        pull = torch.cat([pull, -pull.sum(0, keepdim=True)])  # (G, K)
        error = torch.zeros_like(self._low)
        for row in pull:
            moved = (row[:, None, None] * left).unflatten(0, (-1, together)).sum(1)
            error += (moved / (1 - own)[:, None, None]).square().sum(0)
        size = self.solved().double().square().sum(0)
        return (error / size).sqrt().nan_to_num(nan=0.0).T

    def _others(self) -> Tensor:
        """(G - 1, N, T): all values but the last feature's."""
        x, weights = self._x[: self.used], self._weights[: self.used]
        aims = self._aims()
        found = least_squares(x, weights, aims.flatten(1))
        return found.reshape(-1, *aims.shape[1:])

    def _aims(self) -> Tensor:
        """(K, N, T): what the coalitions' scores leave for the other features."""
        rise = self._high - self._low
        aims: Tensor = self._y[: self.used] - self._low - self._last[: self.used] * rise
        return aims
