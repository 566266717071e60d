"""Work on very many examples, in batches that share shapes and take a bearable time each."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from attriboard.engine.errors import Cancelled
from attriboard.jobs.context import JobContext
from attriboard.jobs.failure import describe

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
    """Reads examples, computes them in batches and hands what came out to `keep`.

    An example that cannot be read, or that the model fails on, is set aside with its sentence in
    `failed` and the others go on; where the first ones all fail, their error is raised.
    """

    def __init__(
        self,
        context: JobContext,
        read: Callable[[int], E],
        compute: Callable[[list[E]], R],
        keep: Callable[[list[E], R], None],
    ) -> None:
        self._context = context
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
            size = min(self._size, most)
            began = time.monotonic()
            self._batch(group[start : start + size])
            start += size
            self._adapt(time.monotonic() - began)

    def _adapt(self, seconds: float) -> None:
        if seconds > BATCH_SECONDS:
            self._size = max(1, self._size // 2)
        elif seconds < BATCH_SECONDS / 2:
            self._size = min(MOST_A_BATCH, self._size * 2)

    def _batch(self, batch: list[E]) -> None:
        self._context.check()
        try:
            found = self._compute(batch)
        except Cancelled:
            raise
        except Exception as error:
            if len(batch) == 1:
                self._failed(batch[0].index, error)
                return
            for entry in batch:  # to find out which one it is
                self._batch([entry])
            return
        self._keep(batch, found)
        self.computed += len(batch)

    def _failed(self, index: int, error: Exception) -> None:
        sentence = describe(error).detail
        _log.warning("Example %d is left out: %s", index, sentence)
        self.failed[index] = sentence
        if not self.computed and len(self.failed) >= GIVE_UP:
            raise error
