"""Seeded noise around a point, the same for every example and any plan of blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput, Unsupported
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors, is_integer

Deviation = float | tuple[float, ...]


CHUNK = 1 << 12
"""Numbers drawn at once where examples are small; a larger example's draws are made singly."""


@dataclass(frozen=True)
class Noise:
    """Gaussian noise: draw k is one example's shape and is shared by all examples.

    So a batch of one gives what its row in a larger batch gives. Draws are made in whole chunks
    with a random source each, so that draw k depends on the seed and k alone.
    """

    probe: Probe
    stdevs: tuple[float, ...]
    _kept: dict[int, Tensors] = field(default_factory=dict, repr=False, compare=False)

    def rows(self, k: Tensor) -> Tensors:
        """The draws `k`, each (R, ...)."""
        low, high = int(k[0]), int(k[-1])  # points come in order
        first, last = low // self._size, high // self._size
        chunks = {i: self._kept.get(i) or self._drawn(i) for i in range(first, last + 1)}
        self._kept.clear()
        self._kept.update(chunks)  # the next block, or the same one again, often needs them
        index = k - first * self._size
        joined = (parts[0] if len(parts) == 1 else torch.cat(parts) for parts in self._per_input())
        return tuple(draws.index_select(0, index.to(draws.device)) for draws in joined)

    @cached_property
    def _size(self) -> int:
        """Draws a chunk."""
        return max(1, CHUNK // max(1, sum(x.shape[1:].numel() for x in self.probe.point)))

    def _per_input(self) -> list[Tensors]:
        """The chunks kept, input by input."""
        return list(zip(*self._kept.values(), strict=True))

    def _drawn(self, chunk: int) -> Tensors:
        generator = self.probe.generator(1, chunk)
        return tuple(
            std * torch.randn((self._size, *x.shape[1:]), generator=generator, dtype=_type(x)).to(x)
            for x, std in zip(self.probe.point, self.stdevs, strict=True)
        )


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


def _type(tensor: Tensor) -> torch.dtype:
    """Half types draw in float32, so that the same seed gives the same numbers."""
    return tensor.dtype if tensor.dtype == torch.float64 else torch.float32
