"""The backward pass of one call, as relevance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.rules.calls import Call
from attriboard.engine.tensors import Tensors

Share = Callable[[Tensor], tuple[Tensor | None, ...]]
"""The relevance of a call's output -> that of each of its dependent tensors."""

STABLE = 1e-9
"""Added to every denominator, away from zero."""


def passing(call: Call, output: Tensor, share: Share) -> Any:
    """`output` as the model goes on with it; its relevance will go where `share` says.

    `output` must be no alias of what `share` keeps.
    """
    result = _Relevance.apply(share, (output,), *call.dependent())  # type: ignore[no-untyped-call]
    return call.written(result)


def identified(tensor: Tensor, share: Share) -> Tensor:
    """A copy of `tensor` whose relevance goes through `share` on its way to it."""
    result: Tensor = _Relevance.apply(  # type: ignore[no-untyped-call]
        share, (tensor.detach().clone(),), tensor
    )
    return result


def seeded(scores: Tensor) -> Tensor:
    """Scores (R, T) whose gradient with respect to themselves is their own value."""
    result: Tensor = _Seed.apply(scores)  # type: ignore[no-untyped-call]
    return result


def stabilised(tensor: Tensor, epsilon: float = STABLE) -> Tensor:
    """`tensor` moved away from zero by `epsilon`, for use as a denominator."""
    epsilon = max(epsilon, torch.finfo(tensor.dtype).tiny)
    return tensor + torch.copysign(tensor.new_tensor(epsilon), tensor)


def copies(tensors: Tensors) -> Tensors:
    """Leaves with the values of `tensors`, safe from what the model later writes in place."""
    return tuple(tensor.detach().clone().requires_grad_() for tensor in tensors)


def pulled(output: Tensor, leaves: Tensors, weights: Tensor) -> Tensors:
    """`weights` on `output` carried back to each leaf by the operation's own slopes."""
    found = torch.autograd.grad(output, leaves, weights, retain_graph=True, allow_unused=True)
    pairs = zip(leaves, found, strict=True)
    return tuple(torch.zeros_like(leaf) if g is None else g for leaf, g in pairs)


def scaled(x: Tensor, finite: bool, slope: Tensor) -> Tensor:
    """x * slope, and nothing at a masked minus infinity."""
    return x * slope if finite else torch.where(x.isfinite(), x * slope, 0)


def all_finite(tensor: Tensor) -> bool:
    """Whether no number is infinite; one that sums to infinity counts as if it were."""
    return bool(tensor.sum().isfinite())


class _Relevance(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, share: Share, output: Tensors, *dependent: Tensor) -> Tensor:
        ctx.share = share
        return output[0]

    @staticmethod
    def backward(ctx: Any, relevance: Tensor) -> tuple[Tensor | None, ...]:
        return None, None, *ctx.share(relevance)


class _Seed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, scores: Tensor) -> Tensor:
        ctx.scores = scores.detach().clone()
        return scores.clone()

    @staticmethod
    def backward(ctx: Any, weights: Tensor) -> Tensor:
        return weights * ctx.scores  # type: ignore[no-any-return]
