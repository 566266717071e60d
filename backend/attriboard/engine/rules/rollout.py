"""Attention maps of one pass, multiplied out from the last layer down to the tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from attriboard.engine.errors import Unsupported

Heads = Literal["mean", "max", "min"]
Row = Literal["mean", "first", "last"]


@dataclass(frozen=True)
class Chain:
    """How much each query draws on each token the chain began with, (R, Lq, L).

    start: what stood there before any attention, the unit matrix, as the layers after moved it.
    """

    matrix: Tensor
    start: Tensor

    @property
    def queries(self) -> int:
        return self.matrix.shape[1]

    @property
    def tokens(self) -> int:
        return self.matrix.shape[2]

    def row(self, which: Row) -> Tensor:
        """(R, L): what the chosen query drew from each token; "mean" is over all queries."""
        return _row(self.matrix, which)

    def gained(self, which: Row) -> Tensor:
        """As `row`, without the token's own share that no attention moved."""
        return _row(self.matrix - self.start, which)


Step = Callable[[Tensor, Tensor], Tensor]
"""(map (R, Lq, Lk), matrix (R, Lk, L)) -> the matrix after it, (R, Lq, L)."""


def chains(maps: Sequence[Tensor], step: Step) -> list[Chain]:
    """`maps` (R, Lq, Lk) in call order, each joined to the chain whose queries it attends to.

    A square map without a chain begins one; a map with fewer queries than keys pools its chain.
    """
    found: list[Chain] = []
    for attention in maps:
        keys = attention.shape[2]
        place = next((i for i, chain in enumerate(found) if chain.queries == keys), None)
        if place is None:
            unit = torch.eye(keys, dtype=attention.dtype, device=attention.device)
            unit = unit.expand(len(attention), keys, keys)
            found.append(_joined(Chain(unit, unit), attention, step))
        else:
            found[place] = _joined(found[place], attention, step)
    return found


def heads_first(attention: Tensor, rows: int) -> Tensor:
    """A map in any layout as (R, H, Lq, Lk): the batch is found by its `rows`.

    Raises Unsupported where the map is not one per row, as with attention within windows.
    """
    lead = attention.shape[:-2]
    if lead[0] == rows:
        return attention.reshape(rows, -1, *attention.shape[-2:])
    if len(lead) == 1 and lead[0] % rows == 0:  # (N * heads, Lq, Lk), as MultiheadAttention has it
        return attention.reshape(rows, -1, *attention.shape[-2:])
    if len(lead) > 1 and rows in lead:
        moved = attention.movedim(lead.index(rows), 0)
        return moved.reshape(rows, -1, *attention.shape[-2:])
    raise Unsupported(
        f"An attention map of shape {tuple(attention.shape)} is not one map for each of {rows} "
        "rows (attention within windows, for example), so maps cannot be rolled out."
    )


def fused(attention: Tensor, heads: Heads) -> Tensor:
    """(R, H, Lq, Lk) -> (R, Lq, Lk)."""
    if heads == "mean":
        return attention.mean(1)
    return attention.amax(1) if heads == "max" else attention.amin(1)


def without_lowest(attention: Tensor, discard: float) -> Tensor:
    """The map with the lowest share `discard` of each query's weights set to zero."""
    drop = int(discard * attention.shape[-1])
    if drop == 0:
        return attention
    lowest = attention.topk(drop, -1, largest=False).indices
    return attention.scatter(-1, lowest, 0.0)


def _joined(chain: Chain, attention: Tensor, step: Step) -> Chain:
    matrix = step(attention, chain.matrix)
    if attention.shape[1] == attention.shape[2]:
        return Chain(matrix, chain.start)
    return Chain(matrix, torch.zeros_like(matrix))  # no residual runs past a pooling


def _row(matrix: Tensor, which: Row) -> Tensor:
    if which == "mean":
        return matrix.mean(1)
    return matrix[:, 0 if which == "first" else -1]
