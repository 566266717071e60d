"""Contributions: each input's share in a multimodal prediction, in three measures."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import factorial

import torch
from torch import Tensor

from attriboard.engine.coalitions import coalition_values
from attriboard.engine.features import Features
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors

Shared = Features | Tensors | None
"""What elements have a number in common: features, or how many share it, (N or 1, ...) per input
(`Result.sizes`). A feature or window then counts once, not once for each of its elements."""


def totals(attributions: Tensors, shared: Shared = None) -> Tensor:
    """The sum of attributions of each input, (N, M)."""
    sizes = shared.sizes(attributions) if isinstance(shared, Features) else shared
    parts = list(attributions)
    if sizes is not None:
        parts = [a / size.to(a) for a, size in zip(parts, sizes, strict=True)]
    sums = [part.flatten(1).sum(1) for part in parts]
    return sums[0][:, None] if len(sums) == 1 else torch.stack(sums, 1)


def net(attributions: Tensors, shared: Shared = None) -> Tensor:
    """Signed sums over each input, scaled to an absolute sum of one, (N, M). They may cancel."""
    return _shares(totals(attributions, shared))


def magnitude(attributions: Tensors, shared: Shared = None) -> Tensor:
    """Each input's share of the absolute attributions, (N, M). Larger inputs tend to get more."""
    return _shares(totals(tuple(a.abs() for a in attributions), shared))


@dataclass(frozen=True)
class ModalityShapley:
    """Exact Shapley values with the inputs as players (Shapley 1953).

    values: (N, M), summing to `total`, f(x) - f(baseline); shares: |values| over their sum;
    interactions: (N, M, M), the Shapley interaction index of each pair (Grabisch and Roubens
    1999), zero on the diagonal; coalitions: (2^M, N), the score of every coalition of inputs.
    """

    values: Tensor
    shares: Tensor
    interactions: Tensor
    total: Tensor
    coalitions: Tensor


def shapley(probe: Probe) -> ModalityShapley:
    """The inputs' Shapley values for the probe's first target, in 2^M rows per example."""
    kept = coalitions_of(len(probe.point))
    whole = Features(
        tuple(torch.full((1,) * x.ndim, i, dtype=torch.long) for i, x in enumerate(probe.point))
    )
    return from_coalitions(_scores(probe, whole, kept)[:, :, 0])


def coalitions_of(players: int) -> Tensor:
    """(2^M, M): which inputs each coalition keeps, from none of them to all."""
    return torch.tensor(list(product([False, True], repeat=players)), dtype=torch.bool)


def from_coalitions(scores: Tensor) -> ModalityShapley:
    """The Shapley values behind the scores of every coalition, (2^M, N), by `coalitions_of`."""
    players = len(scores).bit_length() - 1
    kept = coalitions_of(players)
    values = torch.stack([_value(i, kept, scores) for i in range(players)], 1)
    interactions = scores.new_zeros(scores.shape[1], players, players)
    for i in range(players):
        for j in range(i):
            interactions[:, i, j] = interactions[:, j, i] = _interaction(i, j, kept, scores)
    return ModalityShapley(
        values, _shares(values.abs()), interactions, scores[-1] - scores[0], scores
    )


def _scores(probe: Probe, features: Features, kept: Tensor) -> Tensor:
    """(2^M, N, T), of which nobody's and everybody's may be known."""
    if probe.known is None:
        return coalition_values(probe, features, lambda k: kept[k], len(kept))
    inner = coalition_values(probe, features, lambda k: kept[k + 1], len(kept) - 2)
    low, high = probe.known.to(inner)
    return torch.cat([low[None], inner, high[None]])


def _value(player: int, kept: Tensor, scores: Tensor) -> Tensor:
    players = kept.shape[1]
    result = torch.zeros_like(scores[0])
    for k in range(len(kept)):
        size = int(kept[k].sum())
        if kept[k, player]:
            weight = factorial(size - 1) * factorial(players - size) / factorial(players)
            without = kept[k].clone()
            without[player] = False
            result = result + weight * (scores[k] - scores[_number(without)])
    return result


def _interaction(i: int, j: int, kept: Tensor, scores: Tensor) -> Tensor:
    players = kept.shape[1]
    result = torch.zeros_like(scores[0])
    for k in range(len(kept)):
        if kept[k, i] or kept[k, j]:
            continue
        size = int(kept[k].sum())
        weight = factorial(size) * factorial(players - size - 2) / factorial(players - 1)
        with_i, with_j = kept[k].clone(), kept[k].clone()
        with_i[i] = with_j[j] = True
        both = with_i | with_j
        change = scores[_number(both)] - scores[_number(with_i)]
        result = result + weight * (change - scores[_number(with_j)] + scores[k])
    return result


def _number(mask: Tensor) -> int:
    """The place of a coalition in the order of itertools.product."""
    return int("".join("1" if m else "0" for m in mask.tolist()), 2)


def _shares(sums: Tensor) -> Tensor:
    """Scaled to an absolute sum of one; zeros stay zeros."""
    size = sums.abs().sum(1, keepdim=True)
    return torch.where(size > 0, sums / torch.where(size > 0, size, 1), torch.zeros_like(sums))
