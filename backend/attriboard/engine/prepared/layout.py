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

from attriboard.engine.prepared.halts import Doubt, out_of_memory

T = TypeVar("T")

TRIALS = 2
"""Blocks that are run both ways before one is chosen."""

MORE = 4
"""As many where the two are so close that the machine's mood may have decided."""

CLOSE = 0.15
"""How close that is: one takes less than this share longer than the other."""

FASTER = 0.95
"""Of the time in the usual format, what channels last must stay below."""

LARGE = 1 << 17
"""Bytes of an example's pictures from which a few of them go channels last untried."""

WEIGHTS = 32
"""How many times these bytes a model's convolutions may have: each pass lays them out anew."""

FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}


@dataclass
class Layout:
    """Which of two memory formats a model's rows go in; undecided until both were timed.

    last: channels last or not; None while that is open. Where blocks become much larger than those
    that were timed, they are timed once more, and `last` holds meanwhile.
    safe: whether channels last was seen to give the same, so that a few rows take it without a
    trial of speed; None before it was tested.
    """

    last: bool | None = None
    safe: bool | None = None
    _best: dict[bool, float] = field(default_factory=lambda: {False: math.inf, True: math.inf})
    _trials: int = 0
    _size: int = 0
    _judged: bool = False
    _refused: bool = False

    def open_for(self, rows: tuple[Tensor, ...], size: int, many: bool, often: bool) -> bool:
        """Whether a block of `size` such rows should run both ways.

        many: many blocks are to come in this run. often: many such blocks have been, of the size
        they will be from now on.
        """
        larger = size >= 2 * self._size
        alike = 2 * size > self._size and not self._judged
        return (
            (often or (many and self.last is None))
            and (alike or larger)
            and not self._refused
            and any(row.ndim in FORMATS and row.is_floating_point() for row in rows)
            and all(row.device.type == "cpu" for row in rows)
        )

    def trial(self, work: Callable[[bool], T], agree: Callable[[T, T], bool], size: int) -> T:
        """Run a block both ways and learn which is faster; gives the usual format's result.

        A model that cannot take channels last, or answers otherwise, keeps the usual format. What
        was seen of much smaller blocks no longer counts.
        """
        if size >= 2 * self._size:
            self._size, self._trials, self._judged = size, 0, False
            self._best = {False: math.inf, True: math.inf}
        try:  # the usual format last, so that what a block leaves behind is the usual format's
            done = {last: self._timed(work, last) for last in (True, False)}
        except Exception as error:  # the usual format alone decides whether the model itself fails
            if _of_the_block(error):
                self._size //= 2  # it will be smaller, and count nonetheless
                raise
            self.refuse()
            return work(False)
        self._trials += 1
        if not agree(done[True], done[False]):
            self.refuse()
        elif self._trials >= (MORE if self._is_close() else TRIALS):
            self._judged = True
            self.last = self._best[True] < FASTER * self._best[False]
        return done[False]

    def tested(
        self, work: Callable[[bool], T], agree: Callable[[T, T], bool], usual: T | None
    ) -> T:
        """A few rows both ways, `usual` being the usual format's result if it is known.

        Gives what channels last gives, as it will be from now on, where that is the same.
        """
        usual = work(False) if usual is None else usual
        try:
            found = work(True)
        except Exception as error:  # the usual format worked
            if _of_the_block(error):
                raise
            found = None
        self.safe = found is not None and agree(found, usual)
        if found is None or not self.safe:
            self.refuse()
            return work(False)  # so that what a block leaves behind is the usual format's
        return found

    def refuse(self) -> None:
        """The model needs the usual format."""
        self.last = self.safe = False
        self._refused = True

    def _is_close(self) -> bool:
        """Whether the times do not tell clearly which format is faster."""
        shorter, longer = sorted(self._best.values())
        return longer < (1 + CLOSE) * shorter

    def _timed(self, work: Callable[[bool], T], last: bool) -> T:
        began = time.thread_time()
        result = work(last)
        self._best[last] = min(self._best[last], time.thread_time() - began)
        return result


def _of_the_block(error: Exception) -> bool:
    """Whether a block failed for a reason that says nothing about its memory format."""
    return isinstance(error, Doubt) or out_of_memory(error)


def suits_few(rows: tuple[Tensor, ...], weights: int) -> bool:
    """Whether a few such rows go channels last untried, so that no time decides their last digits.

    So it is with oneDNN where pictures are large beside `weights`, the bytes of all convolutions,
    of which there are some.
    """
    sizes = [
        row.shape[1:].numel() * row.element_size()
        for row in rows
        if row.ndim in FORMATS and row.dtype is torch.float32 and row.device.type == "cpu"
    ]
    there = torch.backends.mkldnn.is_available() and bool(torch.backends.mkldnn.enabled)
    return there and sum(sizes) >= LARGE and 0 < weights <= WEIGHTS * sum(sizes)


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
