"""What an attribution looks like by itself, and beside another. No passes through the model."""

from __future__ import annotations

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.engine.setup import Inputs
from attriboard.engine.tensors import as_tuple


def sparseness(attributions: Inputs) -> Tensor:
    """The Gini index of absolute attributions, (N,): 0 for all alike, near 1 for a single one.

    Chalasani et al. 2020, https://arxiv.org/abs/1810.06583, section 5.
    """
    sizes = flat(attributions).abs().sort(1).values
    count = sizes.shape[1]
    place = torch.arange(1, count + 1, dtype=sizes.dtype)
    total = sizes.sum(1)
    weighted = (sizes * (2 * place - count - 1)).sum(1)
    return torch.where(total > 0, weighted / (count * torch.where(total > 0, total, 1)), 0)


def complexity(attributions: Inputs) -> Tensor:
    """The entropy of the shares of absolute attributions, in nats, (N,): lower is simpler.

    Bhatt et al. 2020, https://arxiv.org/abs/2005.00631, definition 3.
    """
    sizes = flat(attributions).abs()
    total = sizes.sum(1, keepdim=True)
    shares = sizes / torch.where(total > 0, total, 1)
    entropy: Tensor = torch.special.entr(shares)
    return entropy.sum(1)


def rank_agreement(one: Inputs, other: Inputs) -> Tensor:
    """Spearman's rank correlation of two attributions of the same examples, (N,)."""
    a, b = _ranks(_same(one, other)[0]), _ranks(_same(one, other)[1])
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    size = a.norm(dim=1) * b.norm(dim=1)
    return torch.where(size > 0, (a * b).sum(1) / torch.where(size > 0, size, 1), 0)


def top_agreement(one: Inputs, other: Inputs, k: int = 10) -> Tensor:
    """The share of the k largest absolute attributions that two methods have in common, (N,)."""
    a, b = _same(one, other)
    k = min(k, a.shape[1])
    masks = [torch.zeros_like(t).scatter(1, t.abs().topk(k, 1).indices, 1) for t in (a, b)]
    return (masks[0] * masks[1]).sum(1) / k


def pointing(attributions: Tensor, mask: Tensor) -> Tensor:
    """Whether the largest attribution lies inside the mask, (N,) of booleans.

    Zhang et al. 2016, https://arxiv.org/abs/1608.00507, section 4.1. Channels are summed where
    the mask has none: attributions (N, C, ...) for a mask (N, ...).
    """
    summed, inside = _laid_over(attributions, mask)
    return inside.gather(1, summed.argmax(1, keepdim=True))[:, 0]


def mass_inside(attributions: Tensor, mask: Tensor) -> Tensor:
    """The share of absolute attribution inside the mask, (N,)."""
    summed, inside = _laid_over(attributions.abs(), mask)
    total = summed.sum(1)
    return torch.where(total > 0, (summed * inside).sum(1) / torch.where(total > 0, total, 1), 0)


def flat(attributions: Inputs) -> Tensor:
    """All attributions of each example as one row in float64, (N, D)."""
    return torch.cat([a.double().flatten(1).cpu() for a in as_tuple(attributions)], 1)


def _same(one: Inputs, other: Inputs) -> tuple[Tensor, Tensor]:
    a, b = flat(one), flat(other)
    if a.shape != b.shape:
        raise InvalidInput(
            f"The attributions have {a.shape[1]} and {b.shape[1]} numbers an example: only "
            "attributions of the same inputs can be compared.",
            "attributions",
        )
    return a, b


def _ranks(rows: Tensor) -> Tensor:
    """Ranks with ties at their mean, row by row, (N, D)."""
    ordered, order = rows.sort(1)
    place = torch.arange(rows.shape[1], dtype=torch.float64).expand_as(rows)
    starts = torch.searchsorted(ordered, ordered.contiguous(), side="left")
    ends = torch.searchsorted(ordered, ordered.contiguous(), side="right")
    mean = (starts + ends - 1).double() / 2
    return torch.zeros_like(place).scatter(1, order, mean)


def _laid_over(attributions: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    if attributions.ndim == mask.ndim + 1:
        attributions = attributions.sum(1)
    if attributions.shape != mask.shape:
        raise InvalidInput(
            f"The mask has shape {tuple(mask.shape)}, the attribution {tuple(attributions.shape)}.",
            "mask",
        )
    return attributions.flatten(1), mask.bool().flatten(1)
