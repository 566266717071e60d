"""Examples that can go through the model together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from attriboard.jobs.examples import Loaded


def by_shape(loaded: Iterable[Loaded]) -> list[list[Loaded]]:
    """Examples whose tensors have equal shapes, in the order in which their first ones came."""
    groups: dict[tuple[tuple[int, ...], ...], list[Loaded]] = {}
    for entry in loaded:
        groups.setdefault(entry.shapes, []).append(entry)
    return list(groups.values())


def joined(group: Sequence[Loaded]) -> tuple[Tensor, ...]:
    """One tensor per input, (N, ...)."""
    return stacked(entry.tensors for entry in group)


def stacked(rows: Iterable[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
    """One tensor per input, (N, ...), from tensors with a batch dimension of 1."""
    return tuple(torch.cat(parts) for parts in zip(*rows, strict=True))
