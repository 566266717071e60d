"""Norms and normalisations, spelled out in squares, means, roots and quotients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

Dims = int | Sequence[int] | None


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Tensor:
    dims = tuple(range(-len(normalized_shape), 0))
    return _affine(_standardised(input, dims, eps), weight, bias)


def rms_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    dims = tuple(range(-len(normalized_shape), 0))
    floor = torch.finfo(input.dtype).eps if eps is None else eps
    return _affine(input / (input.square().mean(dims, keepdim=True) + floor).sqrt(), weight, None)


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Tensor:
    groups = input.reshape(len(input), num_groups, -1)
    even = _standardised(groups, (-1,), eps).reshape(input.shape)
    return _affine(even, _by_channel(weight, input), _by_channel(bias, input))


def instance_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = True,
) -> Tensor:
    """With statistics of its own; with running ones it is linear."""
    even = _standardised(input, tuple(range(2, input.ndim)), eps)
    return _affine(even, _by_channel(weight, input), _by_channel(bias, input))


def batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = True,
) -> Tensor:
    """With the statistics of the batch; with running ones it is linear."""
    even = _standardised(input, (0, *range(2, input.ndim)), eps)
    return _affine(even, _by_channel(weight, input), _by_channel(bias, input))


def var(input: Tensor, dim: Any = None, *rest: Any, **named: Any) -> Tensor:
    """All of torch's forms: var(dim, unbiased, keepdim), var(unbiased), var(dim, correction=)."""
    if isinstance(dim, bool):
        named, dim = {**named, "unbiased": dim}, None
    unbiased = rest[0] if rest else named.get("unbiased", True)
    keepdim = rest[1] if len(rest) > 1 else named.get("keepdim", False)
    correction = named.get("correction")
    dims = _dims(dim, input)
    count = math.prod(input.shape[d] for d in dims)
    free = count - (float(unbiased) if correction is None else correction)
    centred = input - input.mean(dims, keepdim=True)
    return centred.square().sum(dims, keepdim=keepdim) / free


def std(input: Tensor, dim: Any = None, *rest: Any, **named: Any) -> Tensor:
    return var(input, dim, *rest, **named).sqrt()


def norm(
    input: Tensor,
    p: float | str | None = "fro",
    dim: Dims = None,
    keepdim: bool = False,
    dtype: torch.dtype | None = None,
) -> Tensor | None:
    if dtype is not None or p == "nuc":
        return None
    return vector_norm(input, 2.0 if p is None or isinstance(p, str) else p, dim, keepdim)


def vector_norm(
    x: Tensor,
    ord: float = 2.0,
    dim: Dims = None,
    keepdim: bool = False,
    *,
    dtype: torch.dtype | None = None,
) -> Tensor | None:
    dims = _dims(dim, x)
    if ord == 2:
        return x.square().sum(dims, keepdim=keepdim).sqrt()
    if ord == 1:
        return x.abs().sum(dims, keepdim=keepdim)
    if abs(ord) == math.inf:
        return x.abs().amax(dims, keepdim) if ord > 0 else x.abs().amin(dims, keepdim)
    return x.abs().pow(ord).sum(dims, keepdim=keepdim).pow(1 / ord) if ord > 0 else None


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    a, b = torch.broadcast_tensors(x1, x2)
    dot = (a * b).sum(dim)
    sizes = [t.square().sum(dim).sqrt().clamp_min(eps) for t in (a, b)]
    cosine: Tensor = dot / (sizes[0] * sizes[1])
    return cosine


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor | None:
    return vector_norm(x1 - x2 + eps, p, -1, keepdim)


def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: Any = None) -> Tensor | None:
    return vector_norm(x1.unsqueeze(-2) - x2.unsqueeze(-3), p, -1)


def _standardised(input: Tensor, dims: tuple[int, ...], eps: float) -> Tensor:
    centred = input - input.mean(dims, keepdim=True)
    return centred / (centred.square().mean(dims, keepdim=True) + eps).sqrt()


def _affine(input: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    scaled = input if weight is None else input * weight
    return scaled if bias is None else scaled + bias


def _by_channel(parameter: Tensor | None, input: Tensor) -> Tensor | None:
    """(C,) -> (1, C, 1, ...), as the input has its channels."""
    return None if parameter is None else parameter.reshape(1, -1, *(1,) * (input.ndim - 2))


def _dims(dim: Dims, input: Tensor) -> tuple[int, ...]:
    if dim is None or dim == () or dim == []:
        return tuple(range(input.ndim))
    return (dim,) if isinstance(dim, int) else tuple(dim)
