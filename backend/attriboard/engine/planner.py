"""How many rows one block takes, and in which memory format pictures go through the model.

The first block of a kind is a single row that measures how many bytes a row needs, which gives a
first guess. From then on each block is timed: larger and smaller blocks are tried while they make
rows cheaper, within the memory allowed and a time that keeps progress and cancelling lively. What
was learned is kept for the next run on the same model.
"""

from __future__ import annotations

import math
import os
import time
import weakref
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from attriboard.engine.prepared.layout import Layout

SECONDS = 0.4
"""The longest a block should run, so that a cancel is answered soon."""

ALONE = 2.0
"""The longest in a run that nobody follows, which can neither be cancelled nor show anything."""

SHORT = 0.005
"""A block this short is dominated by what a pass costs anyway: much larger ones are tried next."""

CACHE = 4 << 20
"""Bytes that the first guess lets a block take: about what stays in a processor's cache."""

FIRST_ROWS = (4, 1024)
"""The least and the most rows of the first guess."""

ALIKE = 1.03
"""How much slower a row may be in a smaller block that is taken all the same."""

TRIES = 3
"""Slow blocks before a size is given up: one may be the machine's mood."""

AGAIN = 30
"""Blocks after which a size given up, or of little promise, gets a chance: the first ones of a
process are slow, and a machine's moods change."""

SELDOM = 4
"""How many times as many where the size was hopeless."""

LONG = 0.05
"""Seconds from which a block is judged by itself: one of another size went before it otherwise,
and what memory that left behind decides how much of its own it has to ask the system for."""

HOPELESS = 1.25
"""How much slower a row may be in such a block until its size is given up at once."""

ENOUGH = 8
"""Blocks that make it worth while to run one of them twice."""

LEAST = 8
"""Rows a block must have for its time to tell anything, where there are not as many to come."""

BUSY = 0.05
"""Of the time on the wall, what a thread must have worked for its own time to be the better one."""

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
    return _free_memory(int(time.monotonic()))


@lru_cache(maxsize=1)
def _free_memory(second: int) -> int:
    """Asked once a second: the question may take as long as a small model's pass."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 2 << 30


class Stopwatch:
    """Seconds since it was made, without those in which a busy machine let this thread wait.

    Work that happens elsewhere, on a GPU or behind a network, is measured by the wall's clock.
    So is work that is expected to be `short`: asking for the thread's own time is a call of the
    system, which may take longer than that work.
    """

    def __init__(self, device: torch.device, short: bool = False) -> None:
        self._own = device.type == "cpu" and not short
        self._wall, self._thread = time.perf_counter(), time.thread_time() if self._own else 0.0

    def seconds(self) -> float:
        """Seconds so far."""
        wall = time.perf_counter() - self._wall
        if not self._own:
            return wall
        thread = time.thread_time() - self._thread
        return thread if thread > BUSY * wall else wall


@dataclass
class Tried:
    """A size of block: seconds that a row took in its latest blocks, and how often it ran.

    pace: the least of these seconds. Of as many for each size, so that none is at an advantage.
    latest: how many blocks of all sizes had been judged when it ran last.
    """

    pace: float = math.inf
    times: int = 0
    latest: int = 0
    _paces: deque[float] = field(default_factory=lambda: deque(maxlen=TRIES))

    def note(self, pace: float, judged: int) -> None:
        """Learn from one more block."""
        self._paces.append(pace)
        self.pace, self.latest = min(self._paces), judged


@dataclass
class Planner:
    """Rows a block for one model, one shape of row and one kind of pass.

    layout: which memory format the rows go in. longest: seconds a block may run, as far as known.
    seen: rows noted so far.
    """

    row_bytes: int | None = None
    rows: int = FIRST_ROWS[0]
    ceiling: int = MOST_ROWS
    tried: dict[int, Tried] = field(default_factory=dict)
    layout: Layout = field(default_factory=Layout)
    _latest: tuple[int, float] = (0, math.inf)
    _before: int = 0
    _judged: int = 0
    longest: float = SECONDS
    seen: int = 0

    def size(self, left: int, memory: int) -> int:
        """Rows of the next block, of `left` still to do and `memory` bytes to do them in."""
        if self.row_bytes is None:
            return min(1, left)
        most = max(1, min(self.ceiling, memory // max(1, self.row_bytes)))
        most = 1 << (most.bit_length() - 1)  # sizes double: so a longer run fills no larger block
        blocks = max(1, math.ceil(left / min(self._lively(self.rows), most)))
        return math.ceil(left / blocks)

    def many(self, left: int) -> bool:
        """Whether so many rows are to come that a block may run twice to learn something."""
        return left >= ENOUGH * self.rows

    def often(self, size: int, total: int) -> bool:
        """Whether so many rows have been that a block may: what was asked often will be again.

        Only a block of `size` that is as blocks will be from now on: all of a run's `total`, or of
        the best size.
        """
        if size < LEAST or self.seen < ENOUGH * size:
            return False
        return size == total or (self.rows in self.tried and self.rows == self._best())

    def short(self, rows: int) -> bool:
        """Whether a block of `rows` should take less than SHORT, as the latest one did."""
        return rows <= 4 * self._latest[0] and self._latest[1] < SHORT / 2

    def measured(self, row_bytes: int, seconds: float) -> None:
        """Guess a size from what one row took, which was slowed by the measurement."""
        self.row_bytes = max(1, row_bytes)
        least, most = FIRST_ROWS
        guess = min(most, max(least, CACHE // self.row_bytes))
        lively = max(1, int(SECONDS / max(seconds, 1e-9)))
        self.rows = 1 << (min(guess, lively).bit_length() - 1)

    def note(self, rows: int, seconds: float) -> None:
        """Learn from a block of `rows` that took `seconds`."""
        self._latest = rows, seconds
        self.seen += rows
        if 2 * rows <= self.rows:
            return  # a remainder says little of full blocks
        before, self._before = self._before, self.rows
        if seconds >= LONG and before != self.rows and self.tried:
            return
        self._judged += 1
        seen = self.tried.setdefault(self.rows, Tried())
        seen.note(seconds / rows, self._judged)
        seen.times += TRIES if seconds >= LONG and self._hopeless(seen) else 1
        self.rows = self._next()

    def too_much(self, rows: int) -> None:
        """A block of `rows` ran out of memory: never again as many."""
        self.ceiling = max(1, rows // 2)
        self.rows = min(self.rows, self.ceiling)

    def _lively(self, rows: int) -> int:
        """`rows`, or fewer where so many would run too long at the best pace seen."""
        pace = min((seen.pace for seen in self.tried.values()), default=0.0)
        while rows > 1 and rows * pace > self.longest:
            rows //= 2
        return rows

    def _next(self) -> int:
        """A neighbour of the fastest size that is not given up yet, or the best size."""
        fastest, best = self._fastest(), self._best()
        pace = self.tried[fastest].pace
        step = 4 if fastest * pace < SHORT else 2
        for size in (fastest * step, fastest * 2, fastest // 2):
            lively = size * pace < self.longest or size < fastest
            seen = self.tried.get(size, Tried())
            few = seen.times < TRIES and (size < fastest or self._falling(fastest))
            open_to_it = few or self._is_due(seen)
            if 1 <= size <= self.ceiling and lively and open_to_it:
                return size
        return best

    def _hopeless(self, seen: Tried) -> bool:
        """Whether a row takes so much longer in this size that no mood accounts for it."""
        return seen.pace > HOPELESS * self.tried[self._fastest()].pace

    def _is_due(self, seen: Tried) -> bool:
        """Whether so many blocks of other sizes have been that times may have changed."""
        seldom = SELDOM if seen.times and self._hopeless(seen) else 1
        return self._judged - seen.latest > AGAIN * seldom

    def _falling(self, fastest: int) -> bool:
        """Whether a row takes clearly less in the fastest size than in the one below it."""
        below = max((size for size in self.tried if size < fastest), default=None)
        return below is None or self.tried[below].pace > ALIKE * self.tried[fastest].pace

    def _fastest(self) -> int:
        """The size in which a row took least, of equals the largest: around it one looks on."""
        sizes = [size for size in self.tried if size <= self.ceiling]
        return min(sizes, key=lambda size: (self.tried[size].pace, -size))

    def _best(self) -> int:
        """The least size in which a row took about as little as in any, since memory counts too."""
        enough = ALIKE * self.tried[self._fastest()].pace
        return min(s for s, seen in self.tried.items() if s <= self.ceiling and seen.pace <= enough)
