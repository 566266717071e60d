"""Examples that can go through the model together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import torch
from torch import Tensor

from attriboard.jobs.examples import Loaded


def by_shape(loaded: Iterable[Loaded]) -> list[list[Loaded]]:
    """Examples whose tensors have equal shapes, in the order in which their first ones came."""
    groups: dict[Hashable, list[Loaded]] = {}
    for entry in loaded:
        groups.setdefault(entry.alike, []).append(entry)
    return list(groups.values())


def joined(group: Sequence[Loaded]) -> tuple[Tensor, ...]:
    """One tensor per input, (N, ...)."""
    return stacked(entry.tensors for entry in group)


def extra(loaded: Iterable[Loaded]) -> tuple[Tensor, ...]:
    """The model's further arguments, (N, ...) each."""
    return stacked(entry.extra for entry in loaded)


def stacked(rows: Iterable[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
    """One tensor per input, (N, ...), from tensors with a batch dimension of 1."""
    return tuple(torch.cat(parts) for parts in zip(*rows, strict=True))
