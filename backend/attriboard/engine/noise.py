"""Seeded noise around a point, the same for every example and any plan of blocks."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput, Unsupported
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors, is_integer

Deviation = float | tuple[float, ...]


@dataclass(frozen=True)
class Noise:
    """Gaussian noise: draw k is one example's shape and is shared by all examples.

    So a batch of one gives what its row in a larger batch gives.
    """

    probe: Probe
    stdevs: tuple[float, ...]

    def draw(self, k: int) -> Tensors:
        """Draw k for each tensor of the probe's point, each (...)."""
        generator = self.probe.generator(1, k)
        return tuple(
            std * torch.randn(x.shape[1:], generator=generator, dtype=_drawn(x)).to(x)
            for x, std in zip(self.probe.point, self.stdevs, strict=True)
        )

    def rows(self, k: Tensor) -> Tensors:
        """The draws `k`, each (R, ...)."""
        draws = {int(i): self.draw(int(i)) for i in k.unique()}
        picked = [draws[int(i)] for i in k]
        return tuple(torch.stack([draw[i] for draw in picked]) for i in range(len(self.stdevs)))


def around(probe: Probe, stdevs: Deviation) -> Noise:
    """Noise of standard deviation `stdevs`: one number, or one for each input.

    Raises Unsupported where the point holds integers, which no noise can be added to.
    """
    count = len(probe.point)
    each = tuple(stdevs) if isinstance(stdevs, tuple) else (stdevs,) * count
    if len(each) != count:
        raise InvalidInput(
            f"`stdevs` has {len(each)} numbers for {count} inputs: give one, or one for each.",
            "method.params.stdevs",
        )
    if any(is_integer(x) for x in probe.point):
        raise Unsupported(
            "Noise cannot be added to integers (token ids): choose a gradient method, which "
            "works at their embedding."
        )
    return Noise(probe, each)


def _drawn(tensor: Tensor) -> torch.dtype:
    """Half types draw in float32, so that the same seed gives the same numbers."""
    return tensor.dtype if tensor.dtype == torch.float64 else torch.float32
