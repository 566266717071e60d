"""Seeded noise around a point, the same for every example and any plan of blocks."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput, Unsupported
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors, is_integer, tracked

Deviation = float | tuple[float, ...]


CHUNK = 1 << 11
"""Numbers drawn at once where examples are small; a larger example's draws are made singly."""


MANY = 1 << 20
"""Numbers from which on threads share the draws: fewer are drawn by the time a thread is there."""


@dataclass
class Noise:
    """Gaussian noise: draw k is one example's shape and is shared by all examples.

    So a batch of one gives what its row in a larger batch gives. Draws are made in whole chunks
    with a random source each, so that draw k depends on the seed and k alone.

    uniform: between -stdev and stdev instead. tag: tells its random sources from others'.
    """

    probe: Probe
    stdevs: tuple[float, ...]
    uniform: bool = False
    tag: int = 1
    _kept: tuple[range, Tensors] = (range(0), ())

    def rows(self, k: Tensor) -> Tensors:
        """The draws `k`, each (R, ...)."""
        low, high = int(k[0]), int(k[-1])  # points come in order
        chunks = range(low // self._size, high // self._size + 1)
        if chunks != self._kept[0]:  # the same block is often asked for again
            self._kept = chunks, self._drawn(chunks)
        start = chunks.start * self._size
        rows = (
            draws[low - start : high - start + 1]
            if len(k) == high - low + 1
            else draws.index_select(0, k - start)
            for draws in self._kept[1]
        )
        each = zip(rows, self.probe.point, self.stdevs, strict=True)
        return tuple(std * row.to(x) for row, x, std in each)

    @cached_property
    def _size(self) -> int:
        """Draws a chunk."""
        return max(1, CHUNK // max(1, self._numbers))

    @cached_property
    def _numbers(self) -> int:
        """Numbers a draw."""
        return sum(x.shape[1:].numel() for x in self.probe.point)

    def _drawn(self, chunks: range) -> Tensors:
        """All draws of `chunks`, one after another, of standard deviation one."""
        size, (old, kept) = self._size, self._kept
        with tracked():  # else no other thread may write into them
            draws = tuple(
                torch.empty(len(chunks) * size, *x.shape[1:], dtype=_type(x))
                for x in self.probe.point
            )

        def place(chunk: int, start: int) -> slice:
            return slice((chunk - start) * size, (chunk - start + 1) * size)

        def draw(some: list[int]) -> None:
            for chunk in some:
                source, here = self.probe.generator(self.tag, chunk), place(chunk, chunks.start)
                for tensor in draws:
                    if self.uniform:
                        tensor[here].uniform_(-1, 1, generator=source)
                    else:
                        tensor[here].normal_(generator=source)

        for chunk in set(old) & set(chunks):  # a block may end within a chunk
            for tensor, before in zip(draws, kept, strict=True):
                tensor[place(chunk, chunks.start)] = before[place(chunk, old.start)]
        fresh = [chunk for chunk in chunks if chunk not in old]
        threads = torch.get_num_threads()
        if len(fresh) > 1 and len(fresh) * size * self._numbers >= MANY:
            list(_painters().map(draw, [fresh[i::threads] for i in range(threads)]))
        else:
            draw(fresh)
        return draws


@lru_cache(maxsize=1)
def _painters() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(torch.get_num_threads(), "attriboard-noise")


if hasattr(os, "register_at_fork"):  # threads do not live on in a fork
    os.register_at_fork(after_in_child=_painters.cache_clear)


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
