"""Work on very many examples, in batches that share shapes and take a bearable time each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from attriboard.engine.errors import Cancelled
from attriboard.jobs.context import JobContext
from attriboard.jobs.failure import describe
from attriboard.jobs.lanes import Lanes, Outcome

BATCH_SECONDS = 0.5  # no more than about this is lost when a job is stopped
MOST_A_BATCH = 256
BATCH_BYTES = 1 << 26
READ_AHEAD = 512
READ_AHEAD_BYTES = 1 << 28
GIVE_UP = 8  # examples that fail before any succeeds: the fault is not theirs

_log = logging.getLogger("attriboard.jobs")


class Entry(Protocol):
    """One example that has been read. Those with equal `alike` may share a batch."""

    @property
    def index(self) -> int: ...

    @property
    def bytes(self) -> int: ...

    @property
    def alike(self) -> Hashable: ...


E = TypeVar("E", bound=Entry)
R = TypeVar("R")


class Blocks(Generic[E, R]):
    """Reads examples, computes them in batches on every seat, and hands what came out to `keep`.

    `compute` runs in threads of its own, each with a context of its own; `read` and `keep` run in
    the job's. An example that cannot be read, or that the model fails on, is set aside with its
    sentence in `failed` and the others go on; where the first ones all fail, their error is
    raised.
    """

    def __init__(
        self,
        lanes: Lanes,
        read: Callable[[int], E],
        compute: Callable[[list[E], JobContext], R],
        keep: Callable[[list[E], R], None],
    ) -> None:
        self._lanes = lanes
        self._context = lanes.context
        self._read = read
        self._compute = compute
        self._keep = keep
        self._size = 1
        self.computed = 0
        self.failed: dict[int, str] = {}

    def run(self, indices: Sequence[int]) -> None:
        """Compute these examples. Raises Cancelled where the job was cancelled."""
        for ahead in self._ahead(indices):
            groups: dict[Hashable, list[E]] = {}
            for entry in ahead:
                groups.setdefault(entry.alike, []).append(entry)
            for group in groups.values():
                self._group(group)
        while not self._lanes.is_idle:
            self._ended()

    def _ahead(self, indices: Sequence[int]) -> Iterator[list[E]]:
        ahead: list[E] = []
        size = 0
        for index in indices:
            self._context.check()
            try:
                ahead.append(self._read(index))
            except Cancelled:
                raise
            except Exception as error:
                self._failed(index, error)
                continue
            size += ahead[-1].bytes
            if len(ahead) == READ_AHEAD or size > READ_AHEAD_BYTES:
                yield ahead
                ahead, size = [], 0
        yield ahead

    def _group(self, group: list[E]) -> None:
        most = max(1, min(MOST_A_BATCH, BATCH_BYTES // max(1, group[0].bytes)))
        start = 0
        while start < len(group):
            while self._lanes.is_full:
                self._ended()
            size = min(self._size, most)
            self._lanes.give(group[start : start + size], self._compute)
            start += size

    def _ended(self) -> None:
        """Take what a lane has computed."""
        outcome: Outcome[list[E], R] = self._lanes.take()
        batch, error = outcome.batch, outcome.error
        if error is None:
            self._adapt(outcome)
            self._keep(batch, outcome.value)  # type: ignore[arg-type]
            self.computed += len(batch)
        elif isinstance(error, Cancelled) or not isinstance(error, Exception):
            raise error
        elif len(batch) == 1:
            self._failed(batch[0].index, error)
        else:
            for entry in batch:  # to find out which one it is
                self._lanes.give([entry], self._compute)

    def _adapt(self, outcome: Outcome[list[E], R]) -> None:
        if outcome.seconds > BATCH_SECONDS:
            self._size = max(1, len(outcome.batch) // 2)
        elif outcome.seconds < BATCH_SECONDS / 2:
            self._size = min(MOST_A_BATCH, max(self._size, 2 * len(outcome.batch)))

    def _failed(self, index: int, error: Exception) -> None:
        sentence = describe(error).detail
        _log.warning("Example %d is left out: %s", index, sentence)
        self.failed[index] = sentence
        if not self.computed and len(self.failed) >= GIVE_UP:
            raise error
