"""Randomised input sampling: what random masks that keep the score have in common."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from attriboard.engine.coalitions import paint
from attriboard.engine.methods.base import Method
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.stopping import ERROR, Spread, Stopping, tolerance_param
from attriboard.engine.tensors import Tensors, is_integer, look

CHUNK = 16
"""Masks drawn at once."""


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
    tolerance: float | None = tolerance_param(ERROR)

    def __call__(self, probe: Probe) -> Tensors:
        stopping = Stopping(probe, self.tolerance, self.n_samples, ERROR)
        sums, spread = _Sums(probe, self.keep), Spread(probe)
        for stage in stopping.stages():
            masks = _Masks(stage.probe, self, stage.start)
            own = _Sums(stage.probe, self.keep) if stopping.wanted else None
            for k, n, scores in stage.probe.stream(masks.points, stage.steps):
                drawn = masks.shared(k)
                sums.add(k, stage.examples[n], scores, drawn)
                if own is not None:
                    own.add(k, n, scores, drawn)
                done = stage.done(k, n)
                if 1 < done < self.n_samples:
                    probe.show(sums.value, done, self.n_samples)
            if own is not None:
                spread.add(own.value(), stage.examples)
                stopping.judge(stage, spread.errors(), sums.value)
        return stopping.result(sums.value())

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return self.n_samples


class _Masks:
    """Mask k, drawn from the seed and k alone, shared by all examples.

    Masks are drawn in whole chunks with a random source each. `first` is the number of point 0's.
    """

    def __init__(self, probe: Probe, method: Rise, first: int = 0) -> None:
        self._probe, self._method, self._first = probe, method, first
        self._kept: dict[int, Tensors] = {}

    def points(self, k: Tensor, n: Tensor) -> Tensors:
        """The rows seen through masks `k`."""
        ends = look(self._probe.point, n), look(self._probe.baseline, n)
        rows = zip(self.rows(k, n), *ends, strict=True)
        return tuple(_blended(m.to(x.device), x, b) for m, x, b in rows)

    def rows(self, k: Tensor, n: Tensor) -> Tensors:
        """One (R, ...) mask per input, each broadcasting to its rows."""
        low = int(k.min())
        drawn = tuple(mask.index_select(0, k - low) for mask in self.shared(k))
        features = self._probe.features
        return drawn if features is None else features.spread(drawn[0], n, self._probe.point)

    def shared(self, k: Tensor) -> Tensors:
        """The masks from the least to the most of `k`: per input, or one over the features."""
        low, high = (int(end) + self._first for end in k.aminmax())
        chunks = range(low // CHUNK, high // CHUNK + 1)
        self._kept = {i: self._kept.get(i) or self._drawn(i) for i in chunks}
        start = low - chunks[0] * CHUNK
        parts = zip(*self._kept.values(), strict=True)
        return tuple(torch.cat(part)[start : start + high - low + 1] for part in parts)

    def _drawn(self, chunk: int) -> Tensors:
        generator = self._probe.generator(7, chunk)
        features = self._probe.features
        if features is not None:
            return (torch.rand(CHUNK, features.count, generator=generator) < self._method.keep,)
        return tuple(self._masks(x, generator) for x in self._probe.point)

    def _masks(self, x: Tensor, generator: torch.Generator) -> Tensor:
        shape = x.shape[1:]
        if len(shape) < 3 or is_integer(x):
            return torch.rand(CHUNK, *shape, generator=generator) < self._method.keep
        side, (height, width) = self._method.cells, shape[-2:]
        grid = torch.rand(CHUNK, 1, side + 1, side + 1, generator=generator) < self._method.keep
        cell = [-(-height // side), -(-width // side)]
        large = F.interpolate(
            grid.float(),
            size=((side + 1) * cell[0], (side + 1) * cell[1]),
            mode="bilinear",
            align_corners=False,
        )[:, 0]
        top = torch.randint(cell[0], (CHUNK, 1, 1), generator=generator)
        left = torch.randint(cell[1], (CHUNK, 1, 1), generator=generator)
        rows, columns = top + torch.arange(height)[:, None], left + torch.arange(width)
        soft = large[torch.arange(CHUNK)[:, None, None], rows, columns]
        return soft.reshape(CHUNK, *(1,) * (len(shape) - 2), height, width)


class _Sums:
    """Sums of masks, scores and their products, per example: a mean at every stage."""

    def __init__(self, probe: Probe, keep: float) -> None:
        self._probe, self._keep = probe, keep
        self._count = torch.zeros(probe.count, dtype=torch.float64)
        self._scores = torch.zeros(probe.count, probe.targets, dtype=torch.float64)
        self._masks: list[Tensor] = []
        self._products: list[Tensor] = []
        self._shapes: list[torch.Size] = []
        self._type = torch.get_default_dtype()

    def add(self, k: Tensor, n: Tensor, scores: Tensor, masks: Tensors) -> None:
        """Scores (R, T) of examples `n` through masks `k`, which `masks` has from the least on."""
        self._type = scores.dtype
        examples, targets = self._scores.shape
        if not self._masks:
            self._shapes = [mask.shape[1:] for mask in masks]
            sizes = [shape.numel() for shape in self._shapes]
            self._masks = [self._scores.new_zeros(examples, size) for size in sizes]
            self._products = [self._scores.new_zeros(examples * targets, size) for size in sizes]
        place = k - int(k.min()), n
        seen = self._scores.new_zeros(len(masks[0]), examples)
        seen[place] = 1
        heard = self._scores.new_zeros(len(masks[0]), examples, targets)
        heard[place] = scores.double().cpu()
        self._count += seen.sum(0)
        self._scores += heard.sum(0)
        for total, product, mask in zip(self._masks, self._products, masks, strict=True):
            wide = mask.flatten(1).double()
            total += seen.T @ wide
            product += heard.flatten(1).T @ wide

    def value(self) -> Tensors:
        """The map so far, each (T, N, ...)."""
        count = self._count.clamp(min=1)
        mean = self._scores / count[:, None]  # (N, T)
        maps = []
        for total, product, shape in zip(self._masks, self._products, self._shapes, strict=True):
            level = mean[:, :, None] * total[:, None]
            found = product.unflatten(0, mean.shape) - level
            found = (found / (self._keep * count[:, None, None])).movedim(1, 0)
            maps.append(found.unflatten(2, shape))
        return self._painted(maps)

    def _painted(self, maps: list[Tensor]) -> Tensors:
        point, features = self._probe.point, self._probe.features
        if features is not None and maps:
            return paint(maps[0].permute(2, 1, 0).to(self._type), features, point)
        return tuple(
            found.to(x.device, self._type if is_integer(x) else x.dtype).expand(
                len(found), *x.shape
            )
            for found, x in zip(maps, point, strict=True)
        )


def _blended(mask: Tensor, x: Tensor, b: Tensor) -> Tensor:
    if mask.dtype == torch.bool:
        return torch.where(mask, x, b)
    return torch.lerp(b, x, mask.to(x))
