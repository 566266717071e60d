"""The two ends of every explanation: the score at the example, and at its baseline."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from attriboard.engine.probe import Probe
from attriboard.engine.scoring import Scorer
from attriboard.engine.tensors import Tensors, look


@dataclass(frozen=True)
class Ends:
    """score, baseline: (N, T), f(x) and f(b), the mean over b for a distribution.

    leaders: (N,), the class predicted at the baseline, where there is one baseline and the
    model's output is one row of classes; else None.
    """

    score: Tensor
    baseline: Tensor
    leaders: Tensor | None

    def baseline_wins(self, scorer: Scorer, t: int) -> Tensor | None:
        """(N,): whether target t, where it is a class, is what the baseline is predicted as."""
        index = scorer.class_of(t)
        return None if index is None or self.leaders is None else self.leaders == index


def ends_of(probe: Probe, scorer: Scorer) -> Ends:
    """Both ends for every example and target, in 1 + M rows each (M baselines)."""
    pool = probe.pool
    draws = pool.count if pool is not None else 1

    def points(k: Tensor, n: Tensor) -> Tensors:
        here, there = look(probe.point, n), look(probe.baseline, n)
        if pool is not None:
            there = pool.take((k - 1).clamp(min=0), n)
        at_point = k == 0
        return tuple(
            torch.where(at_point.reshape(-1, *(1,) * (x.ndim - 1)).to(x.device), x, b)
            for x, b in zip(here, there, strict=True)
        )

    with scorer.listening() as heard:
        values = replace(probe, steady=True).values(points, 1 + draws)
    known = draws == 1 and len(heard) == (1 + draws) * probe.count
    leaders = torch.tensor(heard[probe.count :], dtype=torch.long) if known else None
    return Ends(values[0], values[1:].mean(0), leaders)
