"""Distributions of baselines, from which a method draws or over which it averages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from attriboard.engine.tensors import Tensors, look, take


@dataclass(frozen=True)
class Pool:
    """`count` baselines (M): the same for every example, or others for each.

    rows: per tensor (M, ...); where `examples` (N) is given, (M * N, ...) with row m * N + n the
    baseline m of example n. Row m of every tensor belongs together.
    """

    rows: Tensors
    count: int
    examples: int | None = None

    def take(self, m: Tensor, n: Tensor) -> Tensors:
        """Baselines `m` of examples `n`, both (R,), as fresh rows."""
        return take(self.rows, m if self.examples is None else m * self.examples + n)

    def look(self, m: Tensor, n: Tensor) -> Tensors:
        """The same, to compute with alone: one row where all are the same (see `look`)."""
        return look(self.rows, m if self.examples is None else m * self.examples + n)

    def moved(self, origin: Tensor) -> Pool:
        """The pool for rows that stem from examples `origin`, (R,)."""
        if self.examples is None:
            return self
        first = torch.arange(self.count)[:, None] * self.examples
        rows = take(self.rows, (first + origin).flatten())
        return Pool(rows, self.count, len(origin))

    def mapped(self, function: Callable[[Tensors], Tensors]) -> Pool:
        """The pool with `function` applied to its rows."""
        return Pool(function(self.rows), self.count, self.examples)


def shared(rows: Tensors) -> Pool:
    """The same baselines for every example, each (M, ...)."""
    return Pool(rows, len(rows[0]))
