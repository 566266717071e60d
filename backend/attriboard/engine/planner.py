"""How many rows one block takes.

The first block of a kind is a single row that also measures how many bytes a row needs; later
blocks grow while that makes rows cheaper, within the memory allowed and a time that keeps
progress and cancelling lively. What was learned is kept for the next run on the same model.
"""

from __future__ import annotations

import math
import os
import weakref
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

SECONDS = 0.4
"""The longest a block should run, so that a cancel is answered soon."""

SHORT = 0.02
"""A block this short is dominated by what a pass costs anyway: larger ones are cheaper a row."""

START = 4
STRIKES = 3
GROWTH = 4
MOST_ROWS = 1 << 14
SHARE = 0.25
"""Of the free memory, what one block may take when the caller sets no budget."""


class LiveBytes(TorchDispatchMode):
    """Counts the bytes of storages made while it is active; `peak` is the most alive at once."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = 0
        self.peak = 0
        self._seen: weakref.WeakSet[Any] = weakref.WeakSet()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled in here; True would import the compiler, which takes seconds."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for storage in _storages((args, kwargs)):
            self._seen.add(storage)  # what stood before, such as weights, is no cost of the rows
        with torch._C.DisableTorchFunction():  # rules see the model's calls, not what these run
            result = func(*args, **(kwargs or {}))
        for storage in _storages(result):
            if storage not in self._seen:
                self._count(storage)
        return result

    def _count(self, storage: torch.UntypedStorage) -> None:
        self._seen.add(storage)
        size = storage.nbytes()
        self.live += size
        self.peak = max(self.peak, self.live)
        weakref.finalize(storage, self._free, size).atexit = False

    def _free(self, size: int) -> None:
        self.live -= size


def _storages(tree: Any) -> list[torch.UntypedStorage]:
    leaves = (leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor))
    return [leaf.untyped_storage() for leaf in leaves if leaf.layout is torch.strided]


def free_memory(device: torch.device) -> int:
    """Bytes free on `device`; for the CPU what the system says, or 2 GiB where it is silent."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 2 << 30


@dataclass
class Planner:
    """Rows a block for one model, one shape of row and one kind of pass."""

    row_bytes: int | None = None
    rows: int = START
    strikes: int = 0
    ceiling: int = MOST_ROWS
    best_rate: float = 0.0
    best_rows: int = START

    def size(self, left: int, memory: int) -> int:
        """Rows of the next block, of `left` still to do and `memory` bytes to do them in."""
        if self.row_bytes is None:
            return min(1, left)
        most = max(1, min(self.ceiling, memory // max(1, self.row_bytes)))
        blocks = max(1, math.ceil(left / min(self.rows, most)))
        return math.ceil(left / blocks)

    def note(self, rows: int, seconds: float) -> None:
        """Learn from a block of `rows` that took `seconds`."""
        if 2 * rows <= self.rows:
            return  # a remainder says little of full blocks
        rate = rows / max(seconds, 1e-9)
        better = rate > 1.05 * self.best_rate
        if better:
            self.best_rate, self.best_rows = rate, self.rows
        if seconds < SHORT or (better and seconds * GROWTH < SECONDS):
            self.rows = min(self.rows * GROWTH, self.ceiling)
            self.strikes = 0
        elif self.rows != self.best_rows:
            self.strikes += 1  # one slow block may be the machine's mood, three are not
            if self.strikes == STRIKES:
                self.rows = self.ceiling = self.best_rows

    def too_much(self, rows: int) -> None:
        """A block of `rows` ran out of memory: never again as many."""
        self.ceiling = max(1, rows // 2)
        self.rows = min(self.rows, self.ceiling)
        self.best_rows = min(self.best_rows, self.ceiling)


def out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, on any device."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "not enough memory" in str(error)
