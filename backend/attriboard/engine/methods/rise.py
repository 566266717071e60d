"""Randomised input sampling: what random masks that keep the score have in common."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from attriboard.engine.methods.base import Method
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors, is_integer, look


@dataclass(frozen=True)
class Rise(Method):
    """Petsiuk et al. 2018, https://arxiv.org/abs/1806.07421, equation 6 and section 3.2.

    Inputs with places in two dimensions get soft masks: a random grid of cells, shifted and
    enlarged. Other inputs, and given features, are kept or absent as wholes. The mean score is
    taken off first, which leaves the expected map as it is and its noise smaller.
    """

    title = "RISE"
    family = "perturbation"
    summary = "The mean of random masks, weighted by the score of the input seen through them."
    formula = "mean_m (f(m x + (1 - m) b) - mean f) * m / p"
    citation = "Petsiuk et al. 2018, arXiv:1806.07421"
    needs_gradient = False
    uses_features = True
    progressive = True

    n_samples: int = param(500, "Random masks.", minimum=2, maximum=1_000_000)
    keep: float = param(0.5, "Chance that a cell or feature is kept.", minimum=0.01, maximum=0.99)
    cells: int = param(7, "Cells along each side of a picture.", minimum=1, maximum=64)

    def __call__(self, probe: Probe) -> Tensors:
        masks = _Masks(probe, self)

        def points(k: Tensor, n: Tensor) -> Tensors:
            rows = zip(masks.rows(k, n), look(probe.point, n), look(probe.baseline, n), strict=True)
            return tuple(_blended(m.to(x.device), x, b) for m, x, b in rows)

        sums = _Sums(probe, self.keep)
        for k, n, scores in probe.stream(points, self.n_samples):
            sums.add(n, scores, masks.rows(k, n))
            done = int(k[-1]) + (int(n[-1]) + 1 == probe.count)
            if 1 < done < self.n_samples:
                probe.show(sums.value, done, self.n_samples)
        return sums.value()

    def passes(self, features: int = 1) -> int:
        return self.n_samples


class _Masks:
    """Mask k, drawn from the seed and k alone, shared by all examples."""

    def __init__(self, probe: Probe, method: Rise) -> None:
        self._probe, self._method = probe, method

    def rows(self, k: Tensor, n: Tensor) -> Tensors:
        """One (R, ...) mask per input, each broadcasting to its rows."""
        drawn = {int(i): self._draw(int(i)) for i in k.unique()}
        features = self._probe.features
        if features is not None:
            kept = torch.stack([drawn[int(i)][0] for i in k])
            return features.spread(kept, n, self._probe.point)
        count = len(self._probe.point)
        return tuple(torch.stack([drawn[int(i)][j] for i in k]) for j in range(count))

    def _draw(self, k: int) -> Tensors:
        generator = self._probe.generator(7, k)
        keep = self._method.keep
        if self._probe.features is not None:
            return (torch.rand(self._probe.features.count, generator=generator) < keep,)
        return tuple(self._mask(x, generator) for x in self._probe.point)

    def _mask(self, x: Tensor, generator: torch.Generator) -> Tensor:
        shape = x.shape[1:]
        if len(shape) < 3 or is_integer(x):
            return torch.rand(shape, generator=generator) < self._method.keep
        side, (height, width) = self._method.cells, shape[-2:]
        grid = (torch.rand(side + 1, side + 1, generator=generator) < self._method.keep).float()
        cell = [-(-height // side), -(-width // side)]
        large = F.interpolate(
            grid[None, None],
            size=((side + 1) * cell[0], (side + 1) * cell[1]),
            mode="bilinear",
            align_corners=False,
        )[0]
        top = int(torch.randint(cell[0], (1,), generator=generator))
        left = int(torch.randint(cell[1], (1,), generator=generator))
        soft = large[:, top : top + height, left : left + width]
        return soft.reshape((1,) * (len(shape) - 2) + soft.shape[1:]).expand(shape)


class _Sums:
    """Sums of masks, scores and their products, per example: a mean at every stage."""

    def __init__(self, probe: Probe, keep: float) -> None:
        self._probe, self._keep = probe, keep
        self._count = torch.zeros(probe.count, dtype=torch.float64)
        self._scores = torch.zeros(probe.count, probe.targets, dtype=torch.float64)
        wide = [(probe.targets, *x.shape) for x in probe.point]
        self._products = [torch.zeros(shape, dtype=torch.float64) for shape in wide]
        self._masks = [torch.zeros(x.shape, dtype=torch.float64) for x in probe.point]
        self._type = torch.get_default_dtype()

    def add(self, n: Tensor, scores: Tensor, masks: Tensors) -> None:
        self._type = scores.dtype
        scores = scores.double().cpu()
        self._count.index_add_(0, n, torch.ones(len(n), dtype=torch.float64))
        self._scores.index_add_(0, n, scores)
        for product, total, mask in zip(self._products, self._masks, masks, strict=True):
            wide = mask.double()
            total.index_add_(0, n, wide)
            for t in range(self._probe.targets):
                column = scores[:, t].reshape(-1, *(1,) * (wide.ndim - 1))
                product[t].index_add_(0, n, wide * column)

    def value(self) -> Tensors:
        """The map so far, each (T, N, ...)."""
        count = self._count.clamp(min=1)
        mean = (self._scores / count[:, None]).T  # (T, N)
        results = []
        for product, total, x in zip(self._products, self._masks, self._probe.point, strict=True):
            wide = (1,) * (total.ndim - 1)
            level = mean.reshape(*mean.shape, *wide) * total
            result = (product - level) / (self._keep * count.reshape(-1, *wide))
            results.append(result.to(x.device, self._type if is_integer(x) else x.dtype))
        return tuple(results)


def _blended(mask: Tensor, x: Tensor, b: Tensor) -> Tensor:
    if mask.dtype == torch.bool:
        return torch.where(mask, x, b)
    return torch.lerp(b, x, mask.to(x))
