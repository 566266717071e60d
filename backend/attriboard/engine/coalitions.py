"""Coalitions: scores of rows in which some features are kept and the others are absent."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from attriboard.engine.features import Features, elements
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Points, Tensors, look

Design = Callable[[Tensor], Tensor]
"""k (R,) -> the masks (R, G) of coalitions `k`: True where a feature is kept."""


def features_of(probe: Probe) -> Features:
    """The probe's features; each element its own where none were given."""
    return probe.features if probe.features is not None else elements(probe.point)


def coalition_values(probe: Probe, features: Features, design: Design, count: int) -> Tensor:
    """The scores of `count` coalitions for every example and target, (count, N, T)."""
    return probe.values(coalition_points(probe, features, design), count)


def coalition_points(probe: Probe, features: Features, design: Design) -> Points:
    """Rows in which the features of coalition k keep their value and the others are absent."""

    def points(k: Tensor, n: Tensor) -> Tensors:
        kept = features.spread(design(k), n, probe.point)
        present, absent = look(probe.point, n), look(probe.baseline, n)
        return tuple(
            torch.where(mask.to(x.device), x, b)
            for mask, x, b in zip(kept, present, absent, strict=True)
        )

    return points


def paint(per_feature: Tensor, features: Features, like: Tensors) -> Tensors:
    """(G, N, T) -> attributions, one (T, N, ...) per input, in the scores' type."""
    groups, count, targets = per_feature.shape
    rows = per_feature.permute(2, 1, 0).reshape(targets * count, groups)
    examples = torch.arange(count).repeat(targets)
    return tuple(
        painted.reshape(targets, *tensor.shape)
        for painted, tensor in zip(features.spread(rows, examples, like), like, strict=True)
    )
