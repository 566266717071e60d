"""Pictures channels last, where that was measured to be faster.

A convolution takes its memory format from its rows, so only the rows are laid out anew; the
weights stay the user's.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor

T = TypeVar("T")

TRIALS = 2
"""Blocks that are run both ways before one is chosen."""

ENOUGH = 8
"""Blocks a run must have left for a trial to pay."""

FASTER = 0.95
"""Of the time in the usual format, what channels last must stay below."""

_FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}


@dataclass
class Layout:
    """Which of two memory formats a model's rows go in; undecided until both were timed.

    last: channels last or not; None while that is open.
    """

    last: bool | None = None
    _best: dict[bool, float] = field(default_factory=lambda: {False: math.inf, True: math.inf})
    _trials: int = 0

    def open_for(self, rows: tuple[Tensor, ...], left: int, size: int) -> bool:
        """Whether a block of `size`, of `left` rows to come, should run both ways."""
        return (
            self.last is None
            and left >= ENOUGH * size
            and any(row.ndim in _FORMATS and row.is_floating_point() for row in rows)
            and all(row.device.type == "cpu" for row in rows)
        )

    def trial(self, work: Callable[[bool], T], agree: Callable[[T, T], bool]) -> T:
        """Run a block both ways and learn which is faster; gives the usual format's result.

        A model that cannot take channels last, or answers otherwise, keeps the usual format.
        """
        first = self._trials % 2 == 1  # the second to run finds the caches warm
        try:
            done = {last: self._timed(work, last) for last in (first, not first)}
        except Exception:  # the usual format alone decides whether the model itself fails
            self.last = False
            return work(False)
        self._trials += 1
        if not agree(done[True], done[False]):
            self.last = False
        elif self._trials == TRIALS:
            self.last = self._best[True] < FASTER * self._best[False]
        return done[False]

    def _timed(self, work: Callable[[bool], T], last: bool) -> T:
        began = time.perf_counter()
        result = work(last)
        self._best[last] = min(self._best[last], time.perf_counter() - began)
        return result


def channels_last(rows: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The same rows with channels last in memory, where they have channels."""
    return tuple(
        row.contiguous(memory_format=_FORMATS[row.ndim])
        if row.ndim in _FORMATS and row.is_floating_point()
        else row
        for row in rows
    )
