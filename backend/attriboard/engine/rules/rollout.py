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


Layout = tuple[int, int]
"""(the dimension that holds the rows, how many heads stand in it too, row by row)."""


def layout(one: Tensor, two: Tensor) -> Layout:
    """Where a map keeps its rows, from the map of one row and that of the same row twice.

    Raises Unsupported where rows have several maps each, as with attention within windows.
    """
    lead = list(zip(one.shape[:-2], two.shape[:-2], strict=True))
    grown = [i for i, (a, b) in enumerate(lead) if b == 2 * a]
    alone = len(lead) == 1 or (grown and lead[grown[0]][0] == 1)
    if len(grown) != 1 or not alone or one.shape[-2:] != two.shape[-2:]:
        raise Unsupported(
            f"An attention map of shape {tuple(one.shape)} is not one for each row and head "
            "(attention within windows, for example), so maps cannot be rolled out."
        )
    return grown[0], lead[grown[0]][0]


def heads_first(attention: Tensor, where: Layout) -> Tensor:
    """A map in any layout as (R, H, Lq, Lk)."""
    place, heads = where
    moved = attention.movedim(place, 0)
    if heads == 1:
        return moved.flatten(1, -3) if moved.ndim > 3 else moved[:, None]
    return moved.reshape(
        -1, heads, *moved.shape[1:]
    )  # (N * heads, ...), as MultiheadAttention has it


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
