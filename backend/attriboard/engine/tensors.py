"""The few tensor shapes every other file speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

Tensors = tuple[Tensor, ...]
"""One tensor per input (or per tensor at a layer), batch first."""

Score = Callable[[Tensors, Tensor], Tensor]
"""(rows, index) -> (R, T): the T scores explained, for R rows that stem from examples `index`."""

Points = Callable[[Tensor, Tensor], Tensors]
"""(k, n) -> rows: the rows for points `k` of examples `n`, both of shape (R,)."""


@contextmanager
def tracked() -> Iterator[None]:
    """Tensors made meanwhile are plain ones, though the caller be in `torch.inference_mode`.

    What is kept must serve later questions, and a pass is followed by its tensors' versions.
    """
    if not torch.is_inference_mode_enabled():
        yield
        return
    wanted = torch.is_grad_enabled()
    with torch.inference_mode(False), torch.set_grad_enabled(wanted):
        yield


def lift(weights: Tensor, like: Tensor) -> Tensor:
    """`weights` of shape (R,), made to broadcast over rows of shape (R, ...)."""
    return weights.reshape(weights.shape + (1,) * (like.ndim - weights.ndim))


def take(tensors: Tensors, index: Tensor) -> Tensors:
    """The rows `index` of every tensor, always as fresh copies the model may write into."""
    return tuple(
        tensor.expand(len(index), *tensor.shape[1:]).clone()
        if len(tensor) == 1 and len(index) > 1
        else tensor.index_select(0, index.to(tensor.device))
        for tensor in tensors
    )


def look(tensors: Tensors, index: Tensor) -> Tensors:
    """The rows `index` of every tensor to compute with, or one row where all rows are the same.

    They may share the tensors' memory: nobody may write into them.
    """
    return tuple(
        tensor[:1]
        if len(tensor) == 1 or (len(tensor) and tensor.stride(0) == 0)
        else tensor.index_select(0, index.to(tensor.device))
        for tensor in tensors
    )


def copied(tensors: Tensors) -> Tensors:
    """The same numbers in memory that nobody else writes into."""
    return tuple(tensor.clone() for tensor in tensors)


def as_tuple(tensors: Tensor | tuple[Tensor, ...] | list[Tensor]) -> Tensors:
    """A bare tensor as a 1-tuple; a tuple or list of tensors as a tuple."""
    return (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)


def is_integer(tensor: Tensor) -> bool:
    """Whether no gradient can reach `tensor`: its type is neither floating nor complex."""
    return not (tensor.is_floating_point() or tensor.is_complex())


def wide_float(tensor: Tensor) -> torch.dtype:
    """The floating type that results about `tensor` are given in: its own, else the default."""
    return torch.get_default_dtype() if is_integer(tensor) else tensor.dtype
