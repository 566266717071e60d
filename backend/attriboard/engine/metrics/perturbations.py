"""Meaningful perturbations I of an input, for infidelity (Yeh et al. 2019, section 3)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput, Unsupported
from attriboard.engine.noise import around
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors, as_tuple, is_integer, look, take

Rows = tuple[Tensors, Tensors]
"""(I, x - I): the perturbation and the perturbed rows, per input, each (R, ...)."""


class Perturbation(ABC):
    """Draws of I, the same for every example, from the probe's seed alone."""

    @abstractmethod
    def rows(self, probe: Probe, k: Tensor, n: Tensor) -> Rows:
        """Draws `k` for examples `n`."""


@dataclass(frozen=True)
class GaussianNoise(Perturbation):
    """I is Gaussian noise of standard deviation `stdev` (a number, or one per input)."""

    stdev: float | tuple[float, ...] = 0.03

    def rows(self, probe: Probe, k: Tensor, n: Tensor) -> Rows:
        if any(is_integer(x) for x in probe.point):
            raise Unsupported(
                "Noise cannot be added to integers (token ids): measure infidelity with Removal."
            )
        noise = around(probe, self.stdev).rows(k)
        return noise, tuple(x - e for x, e in zip(look(probe.point, n), noise, strict=True))


@dataclass(frozen=True)
class Removal(Perturbation):
    """I = x - b on a random part of the input, which is replaced by the baseline.

    Inputs with places in two dimensions lose a square of `share` of their area at a random
    place (square removal); others lose each element with chance `share`. In token ids, whose
    difference means nothing, I is 1 where a token was removed.
    """

    share: float = 0.25

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InvalidInput(f"`share` is {self.share}: it must lie between 0 and 1.", "share")

    def rows(self, probe: Probe, k: Tensor, n: Tensor) -> Rows:
        drawn = {int(i): self._masks(probe, int(i)) for i in k.unique()}
        weights, perturbed = [], []
        for j, (x, b) in enumerate(zip(take(probe.point, n), take(probe.baseline, n), strict=True)):
            gone = torch.stack([drawn[int(i)][j] for i in k]).to(x.device)
            change = torch.ones_like(x, dtype=torch.float64) if is_integer(x) else x - b
            weights.append(torch.where(gone, change, 0))
            perturbed.append(torch.where(gone, b, x))
        return tuple(weights), tuple(perturbed)

    def _masks(self, probe: Probe, k: int) -> Tensors:
        generator = probe.generator(11, k)
        return tuple(self._mask(x.shape[1:], generator) for x in probe.point)

    def _mask(self, shape: torch.Size, generator: torch.Generator) -> Tensor:
        if len(shape) < 3:
            gone = torch.rand(shape, generator=generator) < self.share
            if not gone.any():  # a draw that removes nothing says nothing
                gone.view(-1)[torch.randint(gone.numel(), (1,), generator=generator)] = True
            return gone
        sides = [max(1, round(s * self.share**0.5)) for s in shape[-2:]]
        corner = [
            int(torch.randint(size - side + 1, (1,), generator=generator))
            for size, side in zip(shape[-2:], sides, strict=True)
        ]
        gone = torch.zeros(shape, dtype=torch.bool)
        gone[..., corner[0] : corner[0] + sides[0], corner[1] : corner[1] + sides[1]] = True
        return gone


@dataclass(frozen=True)
class Custom(Perturbation):
    """A function (inputs, baselines) -> (I, x - I) of one's own, called on blocks of rows."""

    function: Callable[[Tensors, Tensors], tuple[Any, Any]]

    def rows(self, probe: Probe, k: Tensor, n: Tensor) -> Rows:
        weights, perturbed = self.function(take(probe.point, n), take(probe.baseline, n))
        return as_tuple(weights), as_tuple(perturbed)
