"""Pictures channels last, where that was measured to be faster.

A convolution takes its memory format from its rows, so the rows are laid out anew; the user's
weights stay as they are, and the engine's own copies of them, folded or not, follow the rows.
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
"""Blocks a run must have left for a trial to pay; or that were waited through in shorter runs."""

FASTER = 0.95
"""Of the time in the usual format, what channels last must stay below."""

FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}


@dataclass
class Layout:
    """Which of two memory formats a model's rows go in; undecided until both were timed.

    last: channels last or not; None while that is open.
    """

    last: bool | None = None
    _best: dict[bool, float] = field(default_factory=lambda: {False: math.inf, True: math.inf})
    _trials: int = 0
    _waited: float = 0

    def open_for(self, rows: tuple[Tensor, ...], block: int, left: int, size: int) -> bool:
        """Whether a `block` of rows should run both ways.

        It pays where of `left` rows to come, in blocks of `size`, there are many; or where many
        runs have been too short for that.
        """
        if self.last is not None or not _pictures(rows):
            return False
        if left >= ENOUGH * size and block > 1:
            return True
        self._waited += 1
        return self._waited > ENOUGH

    def trial(self, block: int, work: Callable[[bool], T], agree: Callable[[T, T], bool]) -> T:
        """Run a block both ways and learn which is faster; gives the usual format's result.

        A model that cannot take channels last, or answers otherwise, keeps the usual format. Of a
        single row the question stays open for longer blocks where it was no faster.
        """
        try:  # the usual format last, so that what a block leaves behind is the usual format's
            done = {last: self._timed(work, last) for last in (True, False)}
        except Exception:  # the usual format alone decides whether the model itself fails
            self.last = False
            return work(False)
        self._trials += 1
        if not agree(done[True], done[False]):
            self.last = False
        elif self._trials == TRIALS:
            self.last = self._best[True] < FASTER * self._best[False]
            if block == 1 and not self.last:
                self.last, self._trials, self._waited = None, 0, -math.inf
                self._best = {False: math.inf, True: math.inf}
        return done[False]

    def _timed(self, work: Callable[[bool], T], last: bool) -> T:
        began = time.thread_time()
        result = work(last)
        self._best[last] = min(self._best[last], time.thread_time() - began)
        return result


def _pictures(rows: tuple[Tensor, ...]) -> bool:
    """Whether a memory format may matter to any of the rows."""
    found = any(row.ndim in FORMATS and row.is_floating_point() for row in rows)
    return found and all(row.device.type == "cpu" for row in rows)


def is_channels_last(value: object) -> bool:
    """Whether `value` is a tensor laid out channels last, and not both ways at once."""
    if not isinstance(value, Tensor) or value.ndim not in FORMATS or value.is_contiguous():
        return False
    return value.is_contiguous(memory_format=FORMATS[value.ndim])


def channels_last(rows: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The same rows with channels last in memory, where they have channels."""
    return tuple(
        row.contiguous(memory_format=FORMATS[row.ndim])
        if row.ndim in FORMATS and row.is_floating_point()
        else row
        for row in rows
    )
