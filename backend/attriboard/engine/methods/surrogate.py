"""Methods that fit a linear model to the scores of random coalitions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from attriboard.engine.coalitions import coalition_values, features_of, paint
from attriboard.engine.errors import InvalidInput
from attriboard.engine.features import Features
from attriboard.engine.methods.base import Method
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.regression import lasso, least_squares, ridge
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

    n_samples: int = param(200, "Coalitions, beside nobody and everybody.", minimum=1)
    paired: bool = param(True, "Draw each coalition with its complement: lowers the variance.")

    def __call__(self, probe: Probe) -> Tensors:
        features = features_of(probe)
        inner, weights = self._design(probe, features.count)
        ends = torch.tensor([[False], [True]]).expand(2, features.count)
        masks = torch.cat([ends, inner])
        values = coalition_values(probe, features, lambda k: masks[k], len(masks))
        return paint(_anchored(masks[2:], weights, values), features, probe.point)

    def passes(self, features: int = 1) -> int:
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

    def passes(self, features: int = 1) -> int:
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


def _anchored(masks: Tensor, weights: Tensor, values: Tensor) -> Tensor:
    """The fit that meets f(b) and f(x) exactly: the last feature takes what the others leave."""
    nobody, everybody, inner = values[0], values[1], values[2:]
    z = masks.to(values.device, torch.float64)
    rise = (everybody - nobody).double()
    y = (inner - nobody).double() - z[:, -1, None, None] * rise
    others = least_squares(z[:, :-1] - z[:, -1:], weights.to(z.device), y.flatten(1))
    others = others.reshape(-1, *values.shape[1:])
    return torch.cat([others, (rise - others.sum(0))[None]]).to(values.dtype)
