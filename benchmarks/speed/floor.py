"""The floor: the same number of bare passes, at the best rows a pass and memory format."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from benchmarks.speed.cases import Case
from benchmarks.speed.timing import timed

SIZES = (1, 2, 4, 8, 16, 32, 64, 256, 1024, 4096)
PATIENCE = 1.0
TRIALS = 4


@dataclass(frozen=True)
class Floor:
    """`rows` bare passes of the case's model in blocks of `block`."""

    case: Case
    rows: int
    gradient: bool
    block: int
    channels_last: bool

    def __call__(self) -> None:
        left = self.rows
        while left > 0:
            size = min(self.block, left)
            one_pass(self.case, size, self.gradient, self.channels_last)
            left -= size


def floor(case: Case, rows: int, gradient: bool) -> Floor:
    """The floor of `rows` rows, in the blocks and format that a short trial found the fastest."""
    one_pass(case, 1, gradient, False)
    pace: dict[tuple[int, bool], float] = {}
    formats = (False, True) if case.pictures else (False,)
    open_to = [(size, last) for size in SIZES if size <= max(1, rows) for last in formats]
    for _ in range(TRIALS):
        for size, last in list(open_to):
            seconds = timed(partial(one_pass, case, size, gradient, last))
            pace[size, last] = min(seconds / size, pace.get((size, last), seconds))
            if seconds > PATIENCE and size > 1:
                open_to = [pair for pair in open_to if pair[0] <= size]
                break
    size, last = min(pace, key=lambda key: pace[key])
    return Floor(case, rows, gradient, size, last)


def one_pass(case: Case, size: int, gradient: bool, channels_last: bool) -> Tensor:
    """One bare pass over `size` rows, back to the input where asked for."""
    model = case.laid_out if channels_last else case.model
    shape = case.inputs.shape[1:]
    rows = case.inputs[:1].expand(size, *shape).clone()
    if channels_last:
        rows = rows.contiguous(memory_format=torch.channels_last)
    if not gradient:
        with torch.no_grad():
            scores: Tensor = model(rows)[:, case.target]
            return scores
    rows.requires_grad_()
    return torch.autograd.grad(model(rows)[:, case.target].sum(), rows)[0]
