"""The maximum rule: an output's whole change goes to one input of its window.

Where the output rose, to the input that is largest now; where it fell, to the one that was
largest for the baseline. That input changed at least as much itself, so the multiplier lies
between zero and one. Shrikumar et al. 2017, https://arxiv.org/abs/1704.02685, give it for single
windows; here each window counts by itself, so windows may overlap.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from attriboard.engine.rules.calls import Call
from attriboard.engine.rules.deep_lift.rule import Pair, Rule, step
from attriboard.engine.tensors import Tensors

Picks = Callable[[Tensor], Tensor]
"""A tensor -> for each output, the place in its plane of the input that was picked."""


class Routed(Rule):
    """Outputs (..., K) that are each one of the inputs (..., P) of their plane."""

    def __init__(self, x: Tensor, b: Tensor, at_x: Tensor, at_b: Tensor, rising: bool) -> None:
        change = step(x.gather(-1, at_x), b.gather(-1, at_b))
        self._picked = torch.where(change >= 0 if rising else change <= 0, at_x, at_b)
        own = step(x, b).gather(-1, self._picked)
        moved = own != 0
        still = (change == 0).to(x.dtype)
        self._share = torch.where(moved, change / torch.where(moved, own, 1), still)
        self._plane = x.shape

    def back(self, gradients: Tensors) -> Tensors:
        routed = gradients[0].reshape(self._share.shape) * self._share
        plane = routed.new_zeros(self._plane)
        return (plane.scatter_add(-1, self._picked, routed),)


class Pooled(Routed):
    """Max pooling: the planes are the places of one channel."""

    def __init__(self, pair: Pair) -> None:
        (x,), (b,), call = pair.x, pair.b, pair.call
        self._shape = x.shape
        dims, pool = POOLS[call.name]
        at = partial(_pooled_places, pool, call, dims)
        super().__init__(x.flatten(-dims), b.flatten(-dims), at(x), at(b), rising=True)

    def back(self, gradients: Tensors) -> Tensors:
        (plane,) = super().back(gradients)
        return (plane.reshape(self._shape),)


class Extreme(Routed):
    """max, amax, min and amin over one, several or all dimensions."""

    def __init__(self, pair: Pair) -> None:
        (x,), (b,), call = pair.x, pair.b, pair.call
        rising = call.name in ("max", "amax")
        self._reduced = _dims(call.argument(1, "dim"), x.ndim)
        self._kept = [d for d in range(x.ndim) if d not in self._reduced]
        self._sizes = [x.shape[d] for d in (*self._kept, *self._reduced)]
        planes, theirs = self._planes(x), self._planes(b)
        pick = partial(torch.argmax if rising else torch.argmin, dim=-1, keepdim=True)
        super().__init__(planes, theirs, pick(planes), pick(theirs), rising)

    def back(self, gradients: Tensors) -> Tensors:
        (plane,) = super().back(gradients)
        order = [*self._kept, *self._reduced]
        back = [order.index(d) for d in range(len(order))]
        return (plane.reshape(self._sizes).permute(back),)

    def _planes(self, tensor: Tensor) -> Tensor:
        lines = tensor.permute(*self._kept, *self._reduced)
        sizes = self._sizes[: len(self._kept)]
        return lines.reshape(*sizes, prod(self._sizes[len(self._kept) :]))


def _dims(dim: Any, ndim: int) -> list[int]:
    if dim is None or dim == ():
        return list(range(ndim))
    given = dim if isinstance(dim, tuple | list) else (dim,)
    return sorted({d % ndim for d in given}) if ndim else []


def _pooled_places(pool: Callable[..., Any], call: Call, dims: int, tensor: Tensor) -> Tensor:
    places: Tensor = pool(tensor, call)[1]
    return places.flatten(-dims)


def _windows(function: Callable[..., Any], tensor: Tensor, call: Call) -> Any:
    """(values, places) of a max pool, whichever of its forms was called."""
    size = call.argument(1, "kernel_size")
    return function(
        tensor,
        size,
        call.argument(2, "stride") or size,
        call.argument(3, "padding", 0),
        call.argument(4, "dilation", 1),
        ceil_mode=call.argument(5, "ceil_mode", False),
        return_indices=True,
    )


def _adaptive(function: Callable[..., Any], tensor: Tensor, call: Call) -> Any:
    return function(tensor, call.argument(1, "output_size"), return_indices=True)


POOLS: dict[str, tuple[int, Callable[..., Any]]] = {
    "max_pool1d": (1, partial(_windows, F.max_pool1d)),
    "max_pool2d": (2, partial(_windows, F.max_pool2d)),
    "max_pool3d": (3, partial(_windows, F.max_pool3d)),
    "adaptive_max_pool1d": (1, partial(_adaptive, F.adaptive_max_pool1d)),
    "adaptive_max_pool2d": (2, partial(_adaptive, F.adaptive_max_pool2d)),
    "adaptive_max_pool3d": (3, partial(_adaptive, F.adaptive_max_pool3d)),
}
"""Name -> (spatial dimensions, a form that also gives the places)."""
