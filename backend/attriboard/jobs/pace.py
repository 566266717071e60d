"""How far work on very many examples is, in rows through the models."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from attriboard.jobs.context import JobContext


@dataclass
class _Kind:
    left: int  # examples that are neither done nor under way
    each: float  # rows that one of them takes, as far as is known


class Pace:
    """Progress of a job in rows; examples to come cost what the others of their kind did.

    kinds: how many examples of each kind there are, and about how many rows one takes. May be
    used from several threads.
    """

    def __init__(self, context: JobContext, kinds: Mapping[str, tuple[int, float]]) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._kinds = {name: _Kind(count, each) for name, (count, each) in kinds.items()}
        self._rows = 0  # of the batches that are done
        self._batches: set[Batch] = set()

    def begin(self, kind: str, examples: int) -> Batch:
        """A batch of examples is computed now."""
        with self._lock:
            self._kinds[kind].left -= examples
            batch = Batch(self, kind, examples, self._kinds[kind].each * examples)
            self._batches.add(batch)
        return batch

    def end(self, batch: Batch, completed: bool) -> None:
        """The batch is done with; where it failed its examples are to come again."""
        with self._lock:
            kind = self._kinds[batch.kind]
            if completed:
                self._rows += batch.rows
                kind.each = batch.rows / batch.examples
            else:
                kind.left += batch.examples
            self._batches.discard(batch)
        self.tell()

    def skipped(self, kind: str, examples: int) -> None:
        """So many examples will not be computed."""
        with self._lock:
            self._kinds[kind].left -= examples

    def tell(self) -> None:
        """Say how far the job is."""
        with self._lock:
            done = self._rows + sum(batch.rows for batch in self._batches)
            here = self._rows + sum(max(b.rows, b.planned) for b in self._batches)
            for batch in self._batches:
                kind = self._kinds[batch.kind]
                kind.each = max(kind.each, batch.planned / batch.examples)
            to_come = sum(kind.left * kind.each for kind in self._kinds.values())
        self._context.progress(int(done), max(int(done), round(here + to_come)))


class Batch:
    """Examples that are computed together, by one run of the engine or by several in turn."""

    def __init__(self, pace: Pace, kind: str, examples: int, planned: float) -> None:
        self._pace = pace
        self.kind = kind
        self.examples = examples
        self.planned = planned
        self.rows = 0
        self._before = 0

    def progress(self, done: int, planned: int) -> None:
        """For `engine.Run`: rows of the run under way, and how many it will be."""
        self.rows = self._before + done
        self.planned = max(self.planned, self._before + planned)
        self._pace.tell()

    def step(self) -> None:
        """The run under way is done, another one follows."""
        self._before = self.rows
